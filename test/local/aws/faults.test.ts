import {
  CreatePodIdentityAssociationCommand,
  DescribeClusterCommand,
  UpdateClusterVersionCommand,
} from '@aws-sdk/client-eks'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { StartExecutionCommand } from '@aws-sdk/client-sfn'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { CallLog } from '../../../local/calls.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { clientsOf } from './support.ts'

describe('the record of calls and its faults', () => {
  let aws: AwsStandIn
  let clients: ReturnType<typeof clientsOf>
  beforeEach(async () => {
    aws = await startAws()
    clients = clientsOf(aws)
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addRole({ name: 'carts', trust: podIdentityTrust })
  })
  afterEach(() => aws.close())

  const create = () =>
    clients.eks.send(
      new CreatePodIdentityAssociationCommand({
        clusterName: 'eks-workshop',
        namespace: 'carts',
        serviceAccount: 'carts',
        roleArn: 'arn:aws:iam::123456789012:role/carts',
      }),
    )
  const read = () => clients.eks.send(new DescribeClusterCommand({ name: 'eks-workshop' }))
  const associations = () => aws.associations.list('eks-workshop').length

  it('notes who asked what of what, whether it writes, and the answer', async () => {
    await create()
    await clients.iam.send(new GetRoleCommand({ RoleName: 'nobody' })).catch(() => undefined)
    const principal = 'arn:aws:iam::123456789012:user/admin'
    expect(aws.calls.calls).toMatchObject([
      {
        service: 'eks',
        operation: 'CreatePodIdentityAssociation',
        subject: 'eks-workshop/carts/carts',
        write: true,
        principal,
        status: 200,
      },
      { service: 'iam', operation: 'GetRole', subject: 'nobody', write: false, principal, status: 404 },
    ])
    expect(aws.calls.writes()).toHaveLength(1)
  })

  it('notes what was refused, too', async () => {
    const stranger = clientsOf(aws, { ...aws.credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' })
    await stranger.eks.send(new DescribeClusterCommand({ name: 'eks-workshop' })).catch(() => undefined)
    expect(aws.calls.calls).toMatchObject([{ operation: 'DescribeCluster', status: 403 }])
    expect(aws.calls.calls[0]).not.toHaveProperty('principal')
  })

  it('throttles as each service does', async () => {
    aws.calls.inject({
      operation: 'DescribeCluster',
      action: { kind: 'error', status: 429, code: 'ThrottlingException', message: 'Rate exceeded' },
    })
    aws.calls.inject({
      service: 'iam',
      action: { kind: 'error', status: 400, code: 'Throttling', message: 'Rate exceeded' },
    })
    await expect(read()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 429 },
    })
    await expect(clients.iam.send(new GetRoleCommand({ RoleName: 'carts' }))).rejects.toMatchObject({
      name: 'Throttling',
      $metadata: { httpStatusCode: 400 },
    })
    await expect(read()).resolves.toBeDefined()
  })

  it('refuses what is beyond a limit as each service does, and what is not under it it does not', async () => {
    aws.calls.limit({ service: 'eks', operations: ['DescribeCluster'], burst: 1, perSecond: 0 })
    const withdraw = aws.calls.limit({ service: 'iam', burst: 0, perSecond: 0 })
    aws.calls.limit({ service: 'sts', burst: 0, perSecond: 0 })
    aws.calls.limit({ service: 'states', operations: ['StartExecution'], burst: 0, perSecond: 0 })
    await read()
    await expect(read()).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 429 },
    })
    await create()
    const getRole = () => clients.iam.send(new GetRoleCommand({ RoleName: 'carts' }))
    const identity = () => clients.sts.send(new GetCallerIdentityCommand({}))
    const start = () => clients.states.send(new StartExecutionCommand({ stateMachineArn: 'arn' }))
    for (const [call, name] of [
      [getRole, 'Throttling'],
      [identity, 'Throttling'],
      [start, 'ThrottlingException'],
    ] as const)
      await expect(call()).rejects.toMatchObject({
        name,
        message: 'Rate exceeded',
        $metadata: { httpStatusCode: 400 },
      })
    expect(Object.fromEntries(aws.calls.refused)).toEqual({
      'eks DescribeCluster': 1,
      'iam GetRole': 1,
      'sts GetCallerIdentity': 1,
      'states StartExecution': 1,
    })
    withdraw()
    await expect(getRole()).resolves.toBeDefined()
  })

  it('fills a bucket again with time, to no more than it holds', () => {
    const calls = new CallLog()
    calls.limit({ service: 'iam', burst: 2, perSecond: 1 })
    const taken = [0, 0, 0, 999, 1000, 1000, 60_000, 60_000, 60_000].map(
      (at) => calls.record({ service: 'iam', operation: 'GetRole', write: false, at }).fault === undefined,
    )
    expect(taken).toEqual([true, true, false, false, true, false, true, true, false])
  })

  it('cuts the connection before the request takes effect', async () => {
    aws.calls.inject({ operation: 'CreatePodIdentityAssociation', action: { kind: 'cut' } })
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(associations()).toBe(0)
  })

  it('loses the answer after the request took effect', async () => {
    aws.calls.inject({ operation: 'CreatePodIdentityAssociation', action: { kind: 'lose' } })
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(associations()).toBe(1)
  })

  it('keeps an idle connection longer than a busy machine pauses, as AWS does', async () => {
    const answer = await fetch(aws.url)
    await answer.text()
    expect(answer.headers.get('keep-alive')).toBe('timeout=60')
  })

  it('delays', async () => {
    aws.calls.inject({ operation: 'DescribeCluster', action: { kind: 'delay', ms: 50 } })
    const before = performance.now()
    await read()
    expect(performance.now() - before).toBeGreaterThanOrEqual(45)
  })

  it('answers like a proxy in between, or not at all until the client gives up', async () => {
    aws.calls.inject({
      operation: 'CreatePodIdentityAssociation',
      action: { kind: 'garble', status: 200, body: '<html>sign in</html>' },
    })
    await expect(create()).rejects.toThrow(/JSON|Unexpected token/)
    aws.calls.inject({ operation: 'CreatePodIdentityAssociation', action: { kind: 'hang' } })
    const hanging = clients.eks.send(
      new CreatePodIdentityAssociationCommand({
        clusterName: 'eks-workshop',
        namespace: 'carts',
        serviceAccount: 'carts',
        roleArn: 'arn:aws:iam::123456789012:role/carts',
      }),
      { abortSignal: AbortSignal.timeout(50) },
    )
    await expect(hanging).rejects.toThrow(/abort/i)
    expect(associations()).toBe(0)
  })

  it('answers 501 to what it does not serve', async () => {
    await expect(
      clients.eks.send(new UpdateClusterVersionCommand({ name: 'eks-workshop', version: '1.34' })),
    ).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The stand-in does not serve UpdateClusterVersion',
      $metadata: { httpStatusCode: 501 },
    })
  })
})
