import { CreateAddonCommand, CreateClusterCommand, EKSClient } from '@aws-sdk/client-eks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AmazonQNotification } from '../../core/chatops/amazon-q.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { ec2Node } from '../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { application } from '../../local/scenarios/workshop/application.ts'
import { agent } from '../../local/scenarios/workshop/objects.ts'
import { cartsPods } from '../support/run.ts'
import {
  holdFromStart,
  people,
  sendHook as send,
  stageConfig,
  startTestStage,
  type TestStage,
} from '../support/stage.ts'

const eksOf = ({ aws: { url, region, credentials } }: TestStage) =>
  new EKSClient({ endpoint: url, region, credentials })

/** The executions of a cluster since so many, by what started them. */
const startedSince = (stage: TestStage, count: number, cluster = 'eks-workshop') =>
  stage
    .executions()
    .slice(count)
    .filter(({ name }) => name.includes(cluster))
    .map(({ name, status }) => [name.split('-')[0], status])

/** Waits for the message that says so and tells the run that the last execution is. */
const message = (stage: TestStage, said: string) =>
  stage.slack.workspace.until((one) => {
    const run = stage.executions().at(-1)?.name
    const text = JSON.stringify(one.blocks)
    return run !== undefined && text.includes(run) && one.text.includes(said)
  })

const created = ({ aws }: TestStage, cluster: string) => ({
  source: 'aws.eks',
  detailType: 'AWS API Call via CloudTrail',
  detail: {
    eventSource: 'eks.amazonaws.com',
    eventName: 'CreateCluster',
    awsRegion: aws.region,
    requestParameters: { name: cluster },
    responseElements: {
      cluster: { name: cluster, arn: `arn:aws:eks:${aws.region}:${aws.account}:cluster/${cluster}` },
    },
  },
})

const notifications = ({ aws }: TestStage): AmazonQNotification[] =>
  aws.topics.published.map(({ message }) => JSON.parse(message) as AmazonQNotification)

describe('a stage that may change nothing unasked', () => {
  let stage: TestStage & AsyncDisposable
  beforeAll(async () => {
    stage = await startTestStage((world) => {
      const { bindings, ...config } = stageConfig(world)
      return { ...config, bindings: { ...bindings, gone: { ...bindings.carts, cluster: 'gone' } } }
    })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('starts nothing for calls that failed, clusters without a binding, and what is not there', async () => {
    const failed = created(stage, 'eks-workshop')
    stage.aws.bus.publish({ ...failed, detail: { ...failed.detail, errorCode: 'ResourceInUseException' } })
    stage.aws.bus.publish(created(stage, 'elsewhere'))
    stage.aws.bus.publish(created(stage, 'gone'))
    await expect.poll(() => stage.logged.filter((line) => line.includes('"Start"'))).toHaveLength(2)
    expect(stage.logged.join('\n')).toContain('no binding is for elsewhere')
    expect(stage.logged.join('\n')).toContain('there is no cluster gone')
    expect(stage.executions()).toEqual([])
    expect(stage.aws.bus.deadLetters).toEqual([])
  })

  it('refuses messages that make no sense, with the status that says so', async () => {
    const refusals: [status: number, type: string, data: object][] = [
      [404, 'run.start', { binding: 'nothing' }],
      [404, 'run.undo', { run: 'nothing' }],
      [409, 'approval.answer', { approval: '0'.repeat(32), plan: '0'.repeat(32), approved: true }],
      [400, 'run.start', { binding: 'carts', role: 'arn:aws:iam::123456789012:role/admin' }],
      [409, 'run.start', { binding: 'carts', finish: true }],
      [400, 'run.begin', {}],
    ]
    for (const [status, type, data] of refusals) {
      expect([type, data, (await send(stage, type, data)).status]).toEqual([type, data, status])
    }
    expect(stage.executions()).toEqual([])
  })

  it('reports what its sweep finds not in force, and changes nothing unless it may', async () => {
    stage.integrations.sweep()
    const told = await stage.slack.workspace.until(({ text }) => text.includes('not as declared'))
    expect(told.channel).toBe('C0PODID')
    expect(JSON.stringify(told.blocks)).toContain('it has no association')
    expect(JSON.stringify(told.blocks)).toContain('`/pod-identity enable carts on eks-workshop` starts a run')
    await expect.poll(() => notifications(stage)).toHaveLength(1)
    expect(notifications(stage)[0]).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown' },
      metadata: { threadId: expect.stringMatching(/^drift\/\d{4}-\d\d-\d\d$/), eventType: 'Drift Digest' },
    })
    // The next sweep finds the same, and does not report it again.
    stage.integrations.sweep()
    await expect.poll(() => stage.logged.filter((line) => line.includes('"Sweep"'))).toHaveLength(2)
    const ours = stage.aws.bus.published.filter(({ source }) => source === 'podid')
    expect(ours.map((event) => event['detail-type'])).toEqual(['Drift Found', 'Drift Digest'])
    expect(stage.executions()).toEqual([])
  })
})

describe('a stage whose sweep mends', () => {
  let stage: TestStage & AsyncDisposable
  beforeAll(async () => {
    stage = await startTestStage((world) => {
      const { bindings, ...config } = stageConfig(world, { triggers: { sweep: { mode: 'mend' } } })
      const ahead = { ...bindings.carts, cluster: 'eks-new', installAgent: true }
      return { ...config, bindings: { ...bindings, ahead } }
    })
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('starts the bindings of a created cluster once, however often the event comes and whoever else asks', async () => {
    const before = stage.executions().length
    const letGo = holdFromStart(stage)
    for (let times = 0; times < 10; times++) stage.aws.bus.publish(created(stage, 'eks-workshop'))
    await expect.poll(() => stage.executions().length).toBeGreaterThan(before)
    const [inTheWay, sent] = await Promise.all([
      stage.slack.people.command('enable carts', { user: people.requester }),
      send(stage, 'run.start', { binding: 'carts' }),
    ])
    expect(inTheWay.body.text).toContain('Another run is at work on that already')
    expect(sent.body).toMatchObject({ outcome: 'under-way', run: stage.executions()[before]?.name })
    letGo()
    // Nobody asked for it in Slack: it is shown in the channel for such runs.
    const { channel, blocks } = await message(stage, 'runs with the credentials')
    expect(channel).toBe('C0PODID')
    expect(startedSince(stage, before)).toEqual([['cluster', 'SUCCEEDED']])
    expect(JSON.parse(stage.executions()[before]?.input ?? '{}')).toMatchObject({
      ifWorkloadMissing: 'associate',
    })
    expect(cartsPods(stage).map(isReady)).toEqual([true])
    expect(JSON.stringify(blocks)).toContain('started because the cluster was created')
    expect(stage.aws.bus.deadLetters).toEqual([])
  })

  it('begins a run when an agent arrives; a sweep finds nothing to mend afterwards, and sees what CloudTrail shows', async () => {
    const before = stage.executions().length
    // The run at the cluster's creation missed the agent, or its event never came.
    stage.aws.state.clusters.get('eks-workshop')?.addons.delete('eks-pod-identity-agent')
    await eksOf(stage).send(
      new CreateAddonCommand({ clusterName: 'eks-workshop', addonName: 'eks-pod-identity-agent' }),
    )
    await expect.poll(() => stage.executions().length).toBe(before + 1)
    await message(stage, 'runs with the credentials')
    expect(startedSince(stage, before)).toEqual([['agent', 'SUCCEEDED']])

    // What CloudTrail shows comes some minutes later, and is told to whoever asks.
    await stage.clock.sleep(6 * 60_000)
    stage.integrations.sweep()
    await expect
      .poll(() => stage.logged.filter((line) => line.includes('"Sweep"')).at(-1))
      .toContain('"drifted":0')
    expect(stage.executions()).toHaveLength(before + 1)
    const status = await stage.slack.people.command('status carts', { user: people.requester })
    expect(status.body.text).toContain(
      'EKS assumed eks-workshop-carts-dynamo for 1 of 1 pod, the last time at',
    )
  })

  it('gives a new cluster its association before its first workload: the event comes at the call, the run waits', async () => {
    const { aws } = stage
    const before = stage.executions().length
    aws.state.behaviour.clusterCreationMs = 90_000
    const hold = stage.clock.busy()
    await eksOf(stage).send(
      new CreateClusterCommand({
        name: 'eks-new',
        roleArn: `arn:aws:iam::${aws.account}:role/cluster`,
        resourcesVpcConfig: { subnetIds: ['subnet-1', 'subnet-2'] },
        accessConfig: { authenticationMode: 'API' },
      }),
    )
    const { store, api } = await stage.addCluster('eks-new', (objects) =>
      application(aws, objects, stage.pace),
    )
    const certificateAuthority = Buffer.from(api.caData).toString('base64')
    aws.state.behaviour.clusterOutcome = () => ({ endpoint: api.url, certificateAuthority })
    const node = { address: '10.42.0.1', zone: 'us-west-2a', now: store.timestamp() }
    store.create(resources.nodes, ec2Node(node))
    store.create(resources.daemonsets, agent)
    await expect.poll(() => stage.executions()).toHaveLength(before + 1)
    hold()
    const run = await stage.ended(before)
    expect(JSON.parse(run.output ?? '{}')).toMatchObject({ outcome: 'associated' })
    expect((run.stoppedAt?.getTime() ?? 0) - run.startedAt.getTime()).toBeGreaterThan(60_000)
    expect([...aws.associations.list('eks-new')]).toHaveLength(1)
    const { blocks } = await message(stage, 'is associated with')
    expect(JSON.stringify(blocks)).toContain('started because the cluster was created')
  })
})
