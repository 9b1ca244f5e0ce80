import { EKSClient } from '@aws-sdk/client-eks'
import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { IAMClient } from '@aws-sdk/client-iam'
import { SFNClient } from '@aws-sdk/client-sfn'
import { STSClient } from '@aws-sdk/client-sts'
import type { AwsStandIn, Credentials } from '../../../local/aws/index.ts'

/** How a client reaches the stand-in; a test that expects a failure does not want it retried. */
export const config = (aws: AwsStandIn, credentials: Credentials = aws.credentials) => ({
  endpoint: aws.url,
  region: aws.region,
  credentials,
  maxAttempts: 1,
  // What a client would otherwise look for in the environment and two files, each of them by itself.
  defaultsMode: 'standard' as const,
  retryMode: 'standard',
  useFipsEndpoint: false,
  useDualstackEndpoint: false,
})

/** The environment in which the AWS CLI calls the stand-in, whatever the person who runs it has set up. */
export const cliEnvironment = (aws: AwsStandIn) => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ENDPOINT_URL: aws.url,
  AWS_DEFAULT_REGION: aws.region,
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_PAGER: '',
})

/** Real SDK clients of all the services. */
export const clientsOf = (aws: AwsStandIn, credentials?: Credentials) => ({
  eks: new EKSClient(config(aws, credentials)),
  iam: new IAMClient(config(aws, credentials)),
  sts: new STSClient(config(aws, credentials)),
  states: new SFNClient(config(aws, credentials)),
  events: new EventBridgeClient(config(aws, credentials)),
})

/** A trust policy by which a function's role can be signed in as. */
export const lambdaTrust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

/** A permissions policy of one Allow statement. */
export const allow = (actions: string | string[], resources: string | string[] = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: resources }],
})

/** Lets a client send this body, properly signed, whatever the command says. */
export const sendingBody = <Client extends SFNClient | EventBridgeClient>(
  client: Client,
  body: string,
): Client => sending(client, { body })

/** Lets a client ask for this operation (`AWSEvents.PutRule`) with this body, properly signed. */
export const sendingRequest = <Client extends SFNClient | EventBridgeClient>(
  client: Client,
  target: string,
  body: string,
): Client => sending(client, { body, target })

const sending = <Client extends SFNClient | EventBridgeClient>(
  client: Client,
  { body, target }: { body: string; target?: string },
): Client => {
  const stack = client.middlewareStack as SFNClient['middlewareStack']
  stack.add(
    (next) => (args) => {
      const request = args.request as { body: string; headers: Record<string, string> }
      request.body = body
      request.headers['content-length'] = String(Buffer.byteLength(body))
      if (target) request.headers['x-amz-target'] = target
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'sending', override: true },
  )
  return client
}
