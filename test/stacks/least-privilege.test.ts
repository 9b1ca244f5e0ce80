import { beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../../adapters/clock.ts'
import { parseWebhookSecrets, signAsSlack, signMessage } from '../../adapters/signatures.ts'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import { create as followRun } from '../../functions/integrations/follow-run.ts'
import { create as http } from '../../functions/integrations/http.ts'
import { create as notify } from '../../functions/integrations/notify.ts'
import { create as start } from '../../functions/integrations/start.ts'
import { create as sweep } from '../../functions/integrations/sweep.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { webIdentityStatement } from '../../local/scenarios/workshop/from-irsa.ts'
import { type Deployed, deployStage } from './deployed.ts'
import { everything, type SynthesizedStage, synthesizeStage, webhookSecrets } from './support.ts'
import { Usage } from './usage.ts'

let stage: SynthesizedStage
let usage: Usage

beforeAll(async () => {
  stage = await synthesizeStage('dev', everything)
  usage = new Usage(stage)
})

/** Does something in a deployed world, in which nothing that a function asks for may be denied. */
const inDeployed = async (act: (world: Deployed) => Promise<void>): Promise<void> => {
  await using world = await deployStage(stage)
  await act(world)
  expect(usage.take(world)).toEqual([])
}

const account = '111122223333'
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`
const tableArn = `arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts`
const agent = 'eks-pod-identity-agent'

const binding = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: role('eks-workshop-carts-dynamo'),
  workload: 'deployment/carts',
  needs: [{ use: 'dynamodb-read-write', table: tableArn }],
}

const executions = ({ aws, machineArn }: Deployed) => aws.stateMachines.executionsOf(machineArn).toReversed()

const ended = async (world: Deployed, index: number) => {
  const execution = executions(world)[index]
  if (!execution) throw new Error(`there is no execution ${index}`)
  return world.aws.stateMachines.closed(execution.arn)
}

const formerRole = ({ aws }: Deployed): string => {
  const { trust } = aws.state.roles.get('eks-workshop-carts-dynamo') ?? { trust: '' }
  return aws.state.addRole({ name: 'carts-before', trust }).arn
}

const associate = ({ aws }: Deployed, roleArn: string) =>
  aws.state.addAssociation({
    clusterName: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn,
  })

/** What preflight saw is true no more once the association is there. */
const spoilTheRole = ({ aws }: Deployed) =>
  aws.associations.changes.subscribe(() => aws.state.roles.get('eks-workshop-carts-dynamo')?.attached.clear())

/** A workload of another kind beside carts, with its pods' template. */
const alsoAs = ({ cluster: { store } }: Deployed, kind: 'daemonsets' | 'statefulsets') => {
  const { metadata, spec } = store.read(resources.deployments, 'carts', 'carts')
  const labels = { 'app.kubernetes.io/name': kind }
  // A StatefulSet waits for broken pods for ever: these keep their data in the cluster, and run well.
  const env = [{ name: 'RETAIL_CART_PERSISTENCE_DYNAMODB_ENDPOINT', value: 'http://carts-dynamodb:8000' }]
  const containers = spec?.template.spec?.containers.map((container) => ({ ...container, env }))
  const template = { metadata: { labels }, spec: { ...spec?.template.spec, containers } }
  store.create(resources[kind] as typeof resources.statefulsets, {
    metadata: { name: kind, namespace: metadata.namespace ?? '' },
    spec: {
      ...(kind === 'statefulsets' ? { serviceName: 'carts' } : {}),
      selector: { matchLabels: labels },
      template,
    } as never,
  })
}

/** The boundary of the role that a binding lets podid make. */
const limits = `arn:aws:iam::${account}:policy/limits`
const addLimits = ({ aws }: Deployed) => {
  const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
  aws.state.addPolicy({ name: 'limits', versions: [{ Version: '2012-10-17', Statement }] })
}

/** A binding whose role is made, within that boundary. */
const aRole = {
  role: role('made/carts'),
  createRole: true,
  permissionsBoundary: limits,
  accessAnalyzer: true,
}

const withoutAgent = ({ aws, cluster: { store } }: Deployed): void => {
  aws.state.clusters.get('eks-workshop')?.addons.clear()
  store.delete(resources.daemonsets, 'kube-system', agent)
}

const [{ key }] = parseWebhookSecrets(webhookSecrets) as unknown as [{ key: Buffer }]

const seconds = ({ clock }: Deployed) => String(Math.floor(clock.now() / 1000))

const post = async (world: Deployed, rawPath: string, headers: Record<string, string>, body: string) => {
  const event = { rawPath, headers, body, requestContext: { http: { method: 'POST' } } }
  const answer = await world.clock.work(() => http(world.runtime('http'))(event))
  return { status: answer.statusCode, body: JSON.parse(answer.body) as Record<string, string> }
}

const hook = (world: Deployed, type: string, data: object) => {
  const body = JSON.stringify({ type, data })
  const [id, timestamp] = [crypto.randomUUID(), seconds(world)]
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signMessage(key, { id, timestamp, body }),
  }
  return post(world, '/hooks', headers, body)
}

/** A form that Slack sends and signs. */
const fromSlack = (world: Deployed, path: string, form: Record<string, string>) => {
  const body = new URLSearchParams(form).toString()
  const timestamp = seconds(world)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': signAsSlack(world.slack.people.signingSecret, timestamp, body),
  }
  return post(world, path, headers, body)
}

const slashCommand = (world: Deployed, text: string) =>
  fromSlack(world, '/slack/commands', {
    command: '/pod-identity',
    text,
    user_id: 'U0REQUESTER',
    channel_id: 'C0PODID',
    trigger_id: '1',
  })

/** A click on a question that nobody waits for an answer to any more. */
const lateClick = (world: Deployed) => {
  const payload = {
    type: 'block_actions',
    user: { id: 'U0REQUESTER' },
    channel: { id: 'C0PODID' },
    trigger_id: '2',
    actions: [{ action_id: 'approve', value: 'long-over' }],
  }
  return fromSlack(world, '/slack/interactions', { payload: JSON.stringify(payload) })
}

/** What the latest event of a type says. */
const published = async <Detail>({ aws }: Deployed, type: string): Promise<Detail> => {
  const latest = () => aws.bus.published.findLast((event) => event['detail-type'] === type)
  await expect.poll(latest).toBeDefined()
  return latest()?.detail as Detail
}

const answer = async (world: Deployed, approved: boolean) => {
  const { approval, plan } = await published<{ approval: string; plan: string }>(
    world,
    'Run Approval Requested',
  )
  return hook(world, 'approval.answer', { approval, plan, approved })
}

const unavailable = (code = 'ServiceUnavailable') => ({
  times: Number.POSITIVE_INFINITY,
  action: { kind: 'error', status: 503, code } as const,
})

describe('with the rights of its stack and no more', () => {
  it('a run takes an association from another role, and gives it back where no pod was injected', () =>
    inDeployed(async (world) => {
      const { id } = associate(world, formerRole(world))
      world.cluster.store.delete(resources.mutatingwebhookconfigurations, undefined, 'pod-identity-webhook')
      // It asks for two minutes: every five seconds is often enough here.
      const { now, sleep } = world.clock
      const clock: Clock = { now, sleep: (ms, signal) => sleep(Math.max(ms, 5000), signal) }
      Object.assign(world.runtime('awaitInjection'), { clock })
      const end = await world.execute({ ...binding, replace: true })
      expect(end.cause).toContain('the cluster has no registration pod-identity-webhook')
      expect(world.aws.associations.list('eks-workshop')).toMatchObject([
        { id, roleArn: role('carts-before') },
      ])
    }))

  it('a run takes away what it made when the pods crash', () =>
    inDeployed(async (world) => {
      spoilTheRole(world)
      expect(await world.execute(binding)).toMatchObject({ status: 'FAILED' })
      expect(world.aws.associations.list('eks-workshop')).toEqual([])
    }))

  it('a run makes access entries, the agent and a role for a DaemonSet, and its undo takes the role away', () =>
    inDeployed(async (world) => {
      addLimits(world)
      alsoAs(world, 'daemonsets')
      await world.clock.sleep(60_000)
      withoutAgent(world)
      const cluster = world.aws.state.clusters.get('eks-workshop')
      const entries = cluster?.accessEntries
      for (const principal of entries?.keys() ?? []) {
        if (principal.includes(':role/podid-dev-')) entries?.delete(principal)
      }
      const known = new Set(entries?.keys())
      const making = {
        ...binding,
        ...aRole,
        workload: 'daemonset/daemonsets',
        access: 'create',
        installAgent: true,
      }
      const made = () => [...(entries?.keys() ?? [])].filter((principal) => !known.has(principal))

      // No cluster is opened before a person has agreed.
      expect(await world.execute({ ...making, approval: 'required' })).toMatchObject({
        error: 'PreflightFailed',
      })
      expect(made()).toEqual([])

      // The third fails until the retries are used up: the first two are there, and the report names them.
      const withdraw = world.aws.calls.inject({
        operation: 'CreateAccessEntry',
        skip: 2,
        ...unavailable('ServiceUnavailableException'),
      })
      const third = await world.execute(making)
      withdraw()
      const [one, other, ...more] = made()
      expect(more).toEqual([])
      expect(third).toMatchObject({
        error: 'Transient',
        cause: expect.stringMatching(
          new RegExp(`\\. the access entry of ${one}, the access entry of ${other} will stay$`),
        ),
      })

      const enabled = await world.execute(making)
      expect(enabled).toMatchObject({
        output: {
          outcome: 'enabled',
          findings: expect.arrayContaining([expect.objectContaining({ code: 'access-entries-created' })]),
          changes: expect.arrayContaining([
            expect.objectContaining({
              action: expect.stringMatching(/^let arn:.*podid-dev-.* into the cluster$/),
            }),
          ]),
        },
      })
      expect(enabled.output).toMatchObject({
        findings: expect.not.arrayContaining([expect.objectContaining({ code: 'access-analyzer-skipped' })]),
      })
      expect(cluster?.addons.has(agent)).toBe(true)
      expect(world.aws.state.roles.get('carts')?.arn).toBe(aRole.role)

      // What is made is judged as any other role.
      expect(await world.execute({ ...making, mode: 'plan' })).toMatchObject({ status: 'SUCCEEDED' })
      const { before } = enabled.output as { before: object }
      expect(await world.execute({ ...making, mode: 'undo', before })).toMatchObject({
        output: {
          outcome: 'undone',
          stays: expect.arrayContaining([
            { what: expect.stringContaining('the access entry of arn:'), command: expect.any(String) },
          ]),
        },
      })
      expect(world.aws.state.roles.has('carts')).toBe(false)
    }))

  it('a run to which nobody answers looks what became of what it asked for', () =>
    inDeployed(async (world) => {
      addLimits(world)
      const cluster = world.aws.state.clusters.get('eks-workshop')
      const unanswered = async (operation: string, change: object) => {
        const withdraw = world.aws.calls.inject({ operation, ...unavailable('ServiceUnavailableException') })
        const end = await world.execute({ ...binding, ...change })
        withdraw()
        expect([operation, end]).toMatchObject([operation, { status: 'FAILED', error: 'Transient' }])
        return end.cause
      }
      expect(await unanswered('CreatePodIdentityAssociation', {})).toMatch(/Nothing had been changed$/)
      expect(await unanswered('CreateRole', aRole)).toMatch(/Nothing had been changed$/)
      // It is told neither that the role is there, which it made.
      const withdraw = world.aws.calls.inject({
        operation: 'GetRole',
        principal: /ensure-role/,
        // It looks before it makes the role, and not after.
        skip: 1,
        ...unavailable(),
      })
      const end = await world.execute({ ...binding, ...aRole })
      withdraw()
      expect(end).toMatchObject({ status: 'FAILED', error: 'Transient' })
      expect(end.cause).toContain('Put back: the policy podid-needs of role carts is deleted')
      expect(world.aws.state.roles.has('carts')).toBe(false)

      const { id, tags } = associate(world, formerRole(world))
      Object.assign(tags, { 'podid:run': 'an-earlier-run' })
      expect(await unanswered('UpdatePodIdentityAssociation', { replace: true })).toMatch(
        /is marked by an-earlier-run again/,
      )
      world.aws.associations.delete(id)
      withoutAgent(world)
      expect(await unanswered('CreateAddon', { installAgent: true })).toMatch(/Nothing had been changed$/)
      // One of the entries is there already, and somebody else's. They are made before the agent is.
      for (const principal of [...(cluster?.accessEntries.keys() ?? [])].slice(1)) {
        cluster?.accessEntries.delete(principal)
      }
      const lettingIn = { access: 'create', installAgent: true }
      expect(await unanswered('CreateAccessEntry', lettingIn)).toMatch(/Nothing had been changed$/)
    }))

  it('a migration of a StatefulSet from IRSA writes the trust and the annotation, and its undo puts both back', () =>
    inDeployed(async (world) => {
      const { aws, cluster } = world
      const trust = JSON.stringify({ Version: '2012-10-17', Statement: [webIdentityStatement(world)] })
      aws.state.addRole({
        name: 'from-irsa',
        trust: JSON.parse(trust),
        inline: {
          table: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }],
          },
        },
      })
      alsoAs(world, 'statefulsets')
      // IRSA ends where no other workload lives by it.
      cluster.store.delete(resources.deployments, 'carts', 'carts')
      await world.clock.sleep(60_000)
      const migrating = {
        ...binding,
        workload: 'statefulset/statefulsets',
        role: role('from-irsa'),
        migrate: 'irsa',
        manageTrust: true,
      }
      const annotate = (to: string) =>
        cluster.store.mutate(resources.serviceaccounts, 'carts', 'carts', (draft) => {
          draft.metadata.annotations = { [irsaAnnotation]: to }
          return draft
        })
      annotate(role('from-irsa'))
      expect(await world.execute(migrating)).toMatchObject({ output: { outcome: 'enabled' } })
      const finishing = { ...migrating, finish: true, removeOidcTrust: true }
      // The call that takes the annotation away gets no answer until the retries are used up.
      const withdraw = aws.calls.inject({
        operation: 'UpdateAssumeRolePolicy',
        principal: /finish-migration/,
        times: Number.POSITIVE_INFINITY,
        action: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
      })
      const failed = await world.execute(finishing)
      expect(failed).toMatchObject({ error: 'Transient', cause: expect.stringContaining('annotated with') })
      withdraw()
      const finished = await world.execute(finishing)
      expect(finished.output).toMatchObject({ changes: [{ kind: 'annotation' }, { kind: 'trust' }] })
      const { before } = finished.output as { before: object }
      const undone = await world.execute({ ...finishing, mode: 'undo', before })
      expect(undone).toMatchObject({ output: { outcome: 'undone', undo: { left: [] } } })
      expect(aws.state.roles.get('from-irsa')?.trust).toContain('oidc-provider')
    }))

  it('a run reads a role with policies of all kinds in few calls, and looks for a grant in old versions', () =>
    inDeployed(async ({ aws, execute }) => {
      const carts = aws.state.roles.get('eks-workshop-carts-dynamo')
      const [policy] = [...aws.state.policies.values()]
      const document = policy?.versions.get('v1')?.document ?? ''
      const nothing = { Version: '2012-10-17', Statement: [] }
      const attach = (seed: Parameters<typeof aws.state.addPolicy>[0]) =>
        carts?.attached.add(aws.state.addPolicy(seed).arn)
      for (let more = 1; more < 10; more++) {
        attach({ name: `more-${more}`, versions: [nothing] })
        carts?.inline.set(`inline-${more}`, JSON.stringify(nothing))
      }
      carts?.inline.set('more', document)
      attach({ name: 'of-aws', versions: [document], aws: true })
      expect(await execute({ ...binding, mode: 'plan' })).toMatchObject({ status: 'SUCCEEDED' })
      const asked = aws.calls.calls.filter(({ service }) => service === 'iam')
      expect(asked.length).toBeLessThanOrEqual(26)

      carts?.attached.clear()
      carts?.inline.clear()
      for (const aws of [false, true]) attach({ name: 'fixed', versions: [nothing, document], aws })
      expect(await execute(binding)).toMatchObject({ error: 'PreflightFailed' })
    }))

  it('a new cluster gets its bindings, people are notified, and the sweep mends what drifts', () =>
    inDeployed(async (world) => {
      const { aws } = world
      const detail = { eventName: 'CreateCluster', requestParameters: { name: 'eks-workshop' } }
      const event = { source: 'aws.eks', account, region: aws.region }
      const created = { ...event, 'detail-type': 'AWS API Call via CloudTrail', detail }
      const resources = [`arn:aws:eks:us-west-2:${account}:addon/eks-workshop/${agent}/1`]
      // Events come at least once.
      const deliver = (event: object) => world.clock.work(() => start(world.runtime('start'))(event))
      for (const _time of [1, 2]) await deliver(created)
      await deliver({ ...event, 'detail-type': 'EKS Addon Creation Succeeded', resources, detail: {} })
      // One that names the cluster alone: EKS is asked for the agent.
      const cluster = [`arn:aws:eks:us-west-2:${account}:cluster/eks-workshop`]
      await deliver({
        ...event,
        'detail-type': 'EKS Addon Creation Succeeded',
        resources: cluster,
        detail: {},
      })
      const closed = await ended(world, 0)
      expect(closed.status).toBe('SUCCEEDED')

      const endedDetail = { name: closed.name, executionArn: closed.arn, status: closed.status }
      const notifyOf = (event: object) => world.clock.work(() => notify(world.runtime('notify'))(event))
      await followRun(world.runtime('followRun'))(
        { detail: endedDetail },
        { getRemainingTimeInMillis: () => 600_000 },
      )
      await notifyOf({
        id: 'end',
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
        detail: endedDetail,
      })
      const finished = await published(world, 'Run Finished')
      await notifyOf({ id: 'event-1', source: 'podid', 'detail-type': 'Run Finished', detail: finished })
      expect(aws.topics.published).toHaveLength(1)

      const sweeping = (id: string) => world.clock.work(() => sweep(world.runtime('sweep'))({ id }))
      expect(await sweeping('all-is-well')).toMatchObject({ drifted: [] })
      aws.associations.delete(aws.associations.list('eks-workshop')[0]?.id ?? '')
      expect(await sweeping('drift')).toMatchObject({ drifted: [{ binding: 'carts' }] })
      expect((await ended(world, executions(world).length - 1)).status).toBe('SUCCEEDED')
      // By these tags two bindings are for one ServiceAccount.
      Object.assign(aws.state.clusters.get('eks-workshop')?.tags ?? {}, { environment: 'with-a-role-made' })
      expect(await deliver(created)).toMatchObject({ unfit: [expect.stringContaining('bindings carts and')] })
    }))

  /** The binding with approval is for clusters with a tag. */
  const tagged = ({ aws }: Deployed) =>
    Object.assign(aws.state.clusters.get('eks-workshop')?.tags ?? {}, { environment: 'test' })

  it('callers roll out in waves, look and undo', () =>
    inDeployed(async (world) => {
      const { stateMachines } = world.aws
      const rolledOut = async (type: string, data: object) => {
        const { status, body } = await hook(world, type, data)
        expect([status, body]).toEqual([202, expect.anything()])
        const started = stateMachines
          .executionsOf(world.rolloutMachineArn)
          .find(({ name }) => name === body.run)
        const { name, arn, ...end } = await stateMachines.closed(started?.arn ?? '')
        expect([end.status, end.cause]).toEqual(['SUCCEEDED', undefined])
        return { name, executionArn: arn, status: 'SUCCEEDED' }
      }
      // Whether it is for the cluster says a tag.
      tagged(world)
      await rolledOut('rollout.start', { bindings: ['carts-approved'], mode: 'plan' })
      const detail = await rolledOut('rollout.start', { bindings: ['carts'] })
      expect(world.aws.associations.list('eks-workshop')).toHaveLength(1)
      const changed = {
        id: 'rollout',
        source: 'aws.states',
        'detail-type': 'Step Functions Execution Status Change',
      }
      await world.clock.work(() => notify(world.runtime('notify'))({ ...changed, detail }))
      await published(world, 'Rollout Finished')
      expect(await hook(world, 'run.status', { run: detail.name })).toMatchObject({ status: 200 })
      await rolledOut('run.undo', { run: detail.name })
      expect(world.aws.associations.list('eks-workshop')).toEqual([])
    }))

  it('callers start, approve, decline, look and undo', () =>
    inDeployed(async (world) => {
      tagged(world)
      const { status, body } = await hook(world, 'run.start', { binding: 'carts-approved' })
      expect([status, body]).toEqual([202, expect.anything()])
      // Enough for a last look, and too little for another one: it hands over.
      const leaving = { getRemainingTimeInMillis: () => 14_000 }
      const followed = await world.clock.work(() =>
        followRun(world.runtime('followRun'))({ detail: { run: body.run ?? '' } }, leaving),
      )
      expect(['out-of-time', 'awaits-answer']).toContain(followed)
      expect(await answer(world, true)).toMatchObject({ status: 200 })
      expect((await ended(world, 0)).status).toBe('SUCCEEDED')
      expect(await hook(world, 'run.status', { run: body.run })).toMatchObject({ status: 200 })
      expect(await slashCommand(world, 'status')).toMatchObject({ status: 200 })
      expect(await lateClick(world)).toMatchObject({ status: 200 })
      // The caller's own server is not there; what is sent to it is signed with the caller's secret.
      const run = { run: body.run, arn: 'arn', status: 'SUCCEEDED', summary: 'done', report: null }
      const finished = { id: 'event-1', source: 'podid', 'detail-type': 'Run Finished', detail: run }
      await expect(world.clock.work(() => notify(world.runtime('notify'))(finished))).rejects.toMatchObject({
        name: 'Transient',
      })
      expect(await hook(world, 'run.undo', { run: body.run })).toMatchObject({ status: 202 })
      expect((await ended(world, 1)).status).toBe('SUCCEEDED')
      await hook(world, 'run.start', { binding: 'carts-approved' })
      await world.clock.sleep(60_000)
      expect(await answer(world, false)).toMatchObject({ status: 200 })
      expect(await ended(world, 2)).toMatchObject({ status: 'FAILED', error: 'Declined' })
    }))
})

/** What no function asks for itself: the services that run it do, in its name. */
const platform: [permissions: RegExp, whatFor: string][] = [
  [/^logs:(?:CreateLogStream|PutLogEvents)$/, "Lambda writes the function's log"],
  [/^xray:Put(?:TelemetryRecords|TraceSegments)$/, "Lambda sends the function's traces"],
  [/^ec2:/, 'Lambda puts the function into its VPC'],
  [/^sqs:SendMessage$/, 'Lambda keeps events that the function failed at'],
  [/^kms:Decrypt$/, 'Systems Manager decrypts a parameter'],
]
const ofThePlatform = (action: string): boolean => platform.some(([permissions]) => permissions.test(action))

/** What a rollout needs where it goes another way than the one above; tests of its steps and of a stage go there. */
const ofOtherRollouts: [permissions: RegExp, whatFor: string][] = [
  [/^podid-dev-http states:SendTask(?:Success|Failure)$/, 'the answer before a second wave'],
  [
    /^podid-dev-(?:plan-waves|report-rollout) s3:ListBucket$/,
    'an object that is not there, which S3 says only to whom may list',
  ],
  [/^podid-dev-plan-waves eks:ListClusters$/, 'bindings for clusters by a pattern'],
  [
    /^podid-dev-(?:plan-waves|judge-round|report-rollout) states:(?:DescribeExecution|GetExecutionHistory|StopExecution)$/,
    'runs of which the Map Run has written nothing, since it was stopped',
  ],
]

it('every permission is used by something above, or by AWS itself', () => {
  // The state machines' roles are used by Step Functions alone; synth.test.ts and rollout.test.ts say what is in them.
  const idle = usage
    .unused()
    .filter(({ holder, action }) => !/^podid-dev-(?:enable|rollout)$/.test(holder) && !ofThePlatform(action))
    .filter(({ holder, action }) => !ofOtherRollouts.some(([which]) => which.test(`${holder} ${action}`)))
  expect(
    idle.map(({ holder, action, resource }) => `${holder} may ${action} on ${resource}, and never does`),
  ).toEqual([])
})

/** What a function needs where a run goes another way than those above; tests of its step go there. */
const elsewhere: [membership: RegExp, whatFor: string][] = [
  [/^podid-dev-take-stock is in podid:workload$/, 'whether a restart that nobody answered has come about'],
  [/^podid-dev-await-undo is in podid:diagnosis$/, 'why pods do not run again as they did'],
  [/^podid-dev-await-undo is in podid:pod-deletion$/, 'pods that only their deletion frees'],
  [
    /^podid-dev-await-undo is in podid:probe$/,
    'whether the cluster takes pods at all, where none comes back',
  ],
  [/^podid-dev-sweep is in podid:diagnosis$/, 'a workload whose pods fail'],
]

it('every function uses something that each of its groups in a cluster allows', () => {
  const idle = usage.idleMemberships()
  expect(idle.filter((one) => !elsewhere.some(([membership]) => membership.test(one)))).toEqual([])
})
