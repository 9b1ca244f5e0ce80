import http from 'node:http'
import { CreateClusterCommand, DeleteAddonCommand } from '@aws-sdk/client-eks'
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { ListPoliciesCommand, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { CallLog } from '../../../local/calls.ts'
import { clientsOf, config } from './support.ts'

let aws: AwsStandIn
let clients: ReturnType<typeof clientsOf>
beforeAll(async () => {
  aws = await startAws()
  clients = clientsOf(aws)
})
afterAll(() => aws.close())

interface Answer {
  status: number | undefined
  headers: http.IncomingHttpHeaders
  text: string
}

/** A request as no SDK would send it. */
const raw = (options: http.RequestOptions, body: string | Buffer | Buffer[] = ''): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = http.request(aws.url, { method: 'POST', ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          text: Buffer.concat(chunks).toString('latin1'),
        }),
      )
    })
    request.on('error', reject)
    for (const chunk of Array.isArray(body) ? body : [body]) request.write(chunk)
    request.end()
  })

/** The header of a signature for a service; the signature itself is wrong. */
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/20261125/us-west-2/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
})
const alive = () => clients.sts.send(new GetCallerIdentityCommand({}))

describe('what no client should send', () => {
  const rows: [why: string, options: http.RequestOptions, body: string, status: number][] = [
    ['a Host that is none', { headers: { host: 'a b{}|\\^%' } }, '', 403],
    ['an empty Host', { headers: { host: '', ...signedFor('iam') } }, 'Action=GetRole', 403],
    ['a target that is no URL', { path: '//', headers: signedFor('eks') }, '', 404],
    ['an absolute target that is no URL', { path: 'http://[', headers: signedFor('eks') }, '', 400],
    [
      'a path that is not well encoded',
      { method: 'GET', path: '/clusters/%ff', headers: signedFor('eks') },
      '',
      400,
    ],
    ['half a signature', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a' } }, '', 403],
    [
      'no JSON',
      { headers: { ...signedFor('states'), 'x-amz-target': 'AWSStepFunctions.StartExecution' } },
      '{',
      400,
    ],
    [
      'JSON nested a hundred thousand deep',
      { headers: { ...signedFor('dynamodb'), 'x-amz-target': 'DynamoDB_20120810.PutItem' } },
      `{"TableName":"t","Item":${'{"a":{"M":'.repeat(100_000)}{}${'}}'.repeat(100_000)}}`,
      400,
    ],
    [
      'a form that repeats itself',
      { headers: { ...signedFor('iam'), 'content-type': 'application/x-www-form-urlencoded' } },
      `Action=TagRole&RoleName=r${Array.from({ length: 20_000 }, (_, n) => `&Tags.member.${n + 1}.Key=${n}`).join('')}`,
      403,
    ],
  ]
  it.each(rows)('answers: %s', async (_why, options, body, status) => {
    expect((await raw(options, body)).status).toBe(status)
    await alive()
  })

  it.each(['with', 'without'])('refuses a body beyond the service’s limit %s a length', async (how) => {
    const chunk = Buffer.alloc(1024 * 1024, 'a')
    const headers = {
      ...signedFor('states'),
      'x-amz-target': 'AWSStepFunctions.StartExecution',
      ...(how === 'with' ? { 'content-length': 8 * chunk.length } : {}),
    }
    const answer = await raw(
      { headers },
      Array.from({ length: 8 }, () => chunk),
    )
    expect(answer).toMatchObject({
      status: 413,
      headers: { 'x-amzn-errortype': 'RequestEntityTooLargeException' },
    })
    expect(JSON.parse(answer.text)).toMatchObject({ message: 'HTTP content length exceeded 1048576 bytes.' })
  })

  it('lets an SDK client read that its body was too large', async () => {
    const states = new SFNClient(config(aws))
    const input = JSON.stringify('a'.repeat(2_000_000))
    const stateMachineArn = `arn:aws:states:us-west-2:${aws.account}:stateMachine:m`
    await expect(states.send(new StartExecutionCommand({ stateMachineArn, input }))).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      $metadata: { httpStatusCode: 413 },
    })
  })

  it('remembers the latest calls only', () => {
    const log = new CallLog({ most: 10 })
    for (let n = 0; n < 25; n++) log.record({ service: 'iam', operation: 'GetRole', write: false, at: n })
    expect(log.calls.length).toBeLessThanOrEqual(10)
    expect(log.calls.at(-1)).toMatchObject({ id: 25, at: 24 })
  })
})

describe('members that an operation does not read', () => {
  const role = () => `arn:aws:iam::${aws.account}:role/r`
  const refused: [member: string, send: () => Promise<unknown>][] = [
    [
      'ResourcePolicy',
      () =>
        clients.iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: role(),
            ActionNames: ['s3:GetObject'],
            ResourcePolicy: '{}',
          }),
        ),
    ],
    [
      'Tags',
      () =>
        clients.events.send(
          new PutRuleCommand({
            Name: 'r',
            ScheduleExpression: 'rate(1 day)',
            Tags: [{ Key: 'a', Value: 'b' }],
          }),
        ),
    ],
    [
      'Targets.SqsParameters',
      () =>
        clients.events.send(
          new PutTargetsCommand({
            Rule: 'r',
            Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:us-west-2:1:q', SqsParameters: { MessageGroupId: 'g' } }],
          }),
        ),
    ],
    [
      'encryptionConfig',
      () =>
        clients.eks.send(
          new CreateClusterCommand({
            name: 'c',
            roleArn: role(),
            resourcesVpcConfig: {},
            encryptionConfig: [],
          }),
        ),
    ],
    [
      'preserve',
      () => clients.eks.send(new DeleteAddonCommand({ clusterName: 'c', addonName: 'a', preserve: true })),
    ],
  ]
  it.each(refused)('names %s', async (member, send) => {
    await expect(send()).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringMatching(new RegExp(`does not read the member ${member};`)),
      $metadata: { httpStatusCode: 501 },
    })
  })

  it('names members that the model does not know', async () => {
    const events = new EventBridgeClient(config(aws))
    events.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: Uint8Array | string; headers: Record<string, string> }
        request.body = JSON.stringify({ ...JSON.parse(Buffer.from(request.body).toString()), Shiny: 1 })
        request.headers['content-length'] = String(request.body.length)
        return next(args)
      },
      { step: 'build' },
    )
    const entry = { Source: 'a', DetailType: 'b', Detail: '{}' }
    await expect(events.send(new PutEventsCommand({ Entries: [entry] }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('does not read the member Shiny;'),
    })
  })

  it('makes no rule on a bus that does not exist', async () => {
    const rule = { Name: 'r', ScheduleExpression: 'rate(1 day)' }
    await expect(
      clients.events.send(new PutRuleCommand({ ...rule, EventBusName: 'other' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException', message: 'Event bus other does not exist.' })
    await clients.events.send(new PutRuleCommand({ ...rule, EventBusName: 'default' }))
    expect(aws.bus.rules().map(({ name }) => name)).toEqual(['r'])
  })

  it('takes what an operation reads', async () => {
    await clients.iam.send(new ListPoliciesCommand({ Scope: 'All', OnlyAttached: false }))
  })
})

describe('services that are not served', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const rows: [service: string, headers: Record<string, string>, text: RegExp][] = [
    [
      'cloudformation',
      form,
      /^<ErrorResponse><Error><Type>Receiver<\/Type><Code>NotImplemented<\/Code><Message>The stand-in does not serve cloudformation; it serves eks,/,
    ],
    [
      'ec2',
      form,
      /^<Response><Errors><Error><Code>NotImplemented<\/Code><Message>[^<]* ec2;.*<\/Errors><RequestID>/,
    ],
    ['s3-outposts', {}, /^<Error><Code>NotImplemented<\/Code><Message>[^<]* s3-outposts;/],
    ['route53', {}, /^<ErrorResponse><Error><Type>Receiver<\/Type><Code>NotImplemented<\/Code>/],
    ['batch', {}, /^\{"__type":"NotImplemented","message":"The stand-in does not serve batch;/],
    ['kms', { 'x-amz-target': 'TrentService.ListKeys' }, /^\{"__type":"NotImplemented"/],
    [
      'monitoring',
      { 'smithy-protocol': 'rpc-v2-cbor' },
      /__typey..NotImplementedy..messagey..The stand-in does not serve monitoring/s,
    ],
  ]
  it.each(rows)('answers a client of %s in its own form', async (service, headers, text) => {
    const answer = await raw({ headers: { ...headers, ...signedFor(service) } }, 'Action=List')
    expect(answer.status).toBe(501)
    expect(answer.text).toMatch(text)
  })
})
