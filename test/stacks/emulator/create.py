"""Sends calls, a JSON list on the standard input, to an emulator of AWS; botocore holds each to its service's model first."""

import json
import sys

import boto3
from botocore.config import Config

endpoint, region = sys.argv[1:3]
clients = {}


def client(service):
    if service not in clients:
        clients[service] = boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"max_attempts": 1}),
        )
    return clients[service]


refused = []
for call in json.load(sys.stdin):
    try:
        getattr(client(call["service"]), call["operation"])(**call["input"])
    except Exception as error:
        refused.append(f"{call['of']}: {call['operation']}: {type(error).__name__}: {error}"[:600])
print(json.dumps(refused))
