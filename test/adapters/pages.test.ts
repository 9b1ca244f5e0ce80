import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { assumptionsOf } from '../../adapters/cloudtrail.ts'
import { linesWith } from '../../adapters/deployed/logs.ts'
import { stateMachineNames } from '../../adapters/deployed/state-machines.ts'
import { associationsOf } from '../../adapters/eks/associations.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { nodeRolesOf } from '../../adapters/eks/nodegroups.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { roleNames } from '../../adapters/iam/list-roles.ts'
import { objects } from '../../adapters/objects.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { podIdentityService } from '../../core/names.ts'
import type { AwsStandIn } from '../../local/aws/index.ts'
import { virtualClock } from '../../local/clock.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { quietRuntime } from '../support/servers/quiet-runtime.ts'
import { scriptedServer } from '../support/servers/scripted-server.ts'
import { startTestAws } from '../support/servers/small-pages.ts'

// Every adapter that lists, where no page has more than one item.

const region = 'us-west-2'
const account = '123456789012'
const carts = `arn:aws:iam::${account}:role/carts`
const owner = `arn:aws:eks:${region}:${account}:addon/c-1/vpc-cni/1`
const machine = `arn:aws:states:${region}:${account}:stateMachine:m`
const start = Date.UTC(2026, 10, 25, 12)
const hour = 3_600_000
const policies = ['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6']

const allow = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
})
const clock = virtualClock({ start })
const runtimeAt = (endpoint: string) => quietRuntime(endpoint, { credentials: aws.credentials, clock })

let aws: AwsStandIn
let runtime: Runtime
beforeAll(async () => {
  aws = await startTestAws({ clock, pageSize: 1 })
  runtime = runtimeAt(aws.url)
  furnishIam(aws)
  furnishEks(aws)
  for (const session of ['pod-1', 'pod-2', 'pod-3'])
    aws.state.history.record({
      name: 'AssumeRole',
      at: start - hour,
      resources: [carts],
      detail: {
        eventName: 'AssumeRole',
        eventTime: '2026-11-25T11:00:00Z',
        userIdentity: { invokedBy: podIdentityService },
        requestParameters: { roleSessionName: session },
      },
    })
  for (const name of ['m', 'm-2', 'm-3'])
    aws.stateMachines.add({
      name,
      definition: '{"QueryLanguage":"JSONata","StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}',
      task: () => null,
    })
  for (const text of ['run-1 begins', 'of another', 'run-1 goes on', 'run-1 ends'])
    aws.logGroups.write('/aws/lambda/f', start, text)
  aws.buckets.add('rollouts')
  for (const key of ['a/1', 'a/2', 'b/1', 'a/3']) await bucketOf(runtime).put(key, {})
  for (const run of ['run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'run-6', 'run-7']) {
    await executions(runtime, machine).start(run, {})
    await aws.stateMachines.closed(executions(runtime, machine).arnOf(run))
  }
})
beforeEach(() => aws.calls.calls.splice(0))
afterAll(() => aws.close())

const furnishIam = ({ state, can }: AwsStandIn): void => {
  const attached = policies.map(
    (name) => state.addPolicy({ name, versions: [allow('s3:*'), allow('sqs:*'), allow('sns:*')] }).arn,
  )
  const inline = { 'i-1': allow('ec2:*'), 'i-2': allow('ecr:*') }
  state.addRole({ name: 'carts', trust: podIdentityTrust, attached, inline })
  for (const name of ['other', 'third']) state.addRole({ name, trust: podIdentityTrust, attached })
  const session = state.session(carts, 'carts-1')
  for (const action of ['dynamodb:PutItem', 'sqs:SendMessage', 's3:GetObject']) can(session, action, '*')
}

const furnishEks = ({ state }: AwsStandIn): void => {
  for (const name of ['c-1', 'c-2', 'c-3']) state.addCluster({ name })
  for (const name of ['g-1', 'g-2', 'g-3']) state.addNodegroup('c-1', { name, roleArn: carts, size: 1 })
  for (const serviceAccount of ['a', 'b', 'c'])
    state.addAssociation({
      clusterName: 'c-1',
      namespace: 'n',
      serviceAccount,
      roleArn: carts,
      ownerArn: owner,
    })
}

const bucketOf = (of: Runtime) => objects(of, { bucket: 'rollouts', region })
const timesAsked = (operation: string) =>
  aws.calls.calls.filter((call) => call.operation === operation).length

const lists: [list: string, operation: string, read: () => Promise<unknown>, all: unknown][] = [
  ['clusters', 'ListClusters', () => clusters(runtime, region).list(), ['c-1', 'c-2', 'c-3']],
  [
    'node groups',
    'ListNodegroups',
    async () => [...(await nodeRolesOf(runtime, region, 'c-1')).keys()],
    ['g-1', 'g-2', 'g-3'],
  ],
  [
    'associations of a cluster',
    'ListPodIdentityAssociations',
    async () =>
      (await associationsOf(runtime, region, { cluster: 'c-1' })).map(({ serviceAccount }) => serviceAccount),
    ['a', 'b', 'c'],
  ],
  [
    'what else an add-on’s update would replace',
    'ListPodIdentityAssociations',
    async () => {
      const key = { cluster: 'c-1', namespace: 'n', serviceAccount: 'a' }
      const found = await eks(runtime, region).findAssociation(key)
      return found?.siblings?.map(({ serviceAccount }) => serviceAccount)
    },
    ['b', 'c'],
  ],
  [
    'attached policies',
    'ListAttachedRolePolicies',
    async () => namesOf((await readCarts()).policies.filter(({ kind }) => kind === 'managed')),
    policies,
  ],
  [
    'inline policies',
    'ListRolePolicies',
    async () => namesOf((await readCarts()).policies.filter(({ kind }) => kind === 'inline')),
    ['i-1', 'i-2'],
  ],
  [
    'versions in force, which save a call for each policy',
    'ListPolicies',
    async () => {
      await readCarts()
      return timesAsked('GetPolicy')
    },
    0,
  ],
  [
    'versions that are not in force',
    'ListPolicyVersions',
    async () => (await readOthers()).policies[0]?.otherVersions?.map(({ id }) => id).toSorted(),
    ['v2', 'v3'],
  ],
  [
    'whom else a policy is attached to',
    'ListEntitiesForPolicy',
    async () => (await readOthers()).policies[0]?.attachedTo?.toSorted(),
    ['role other', 'role third'],
  ],
  [
    'services that a role used',
    'GetServiceLastAccessedDetails',
    async () => (await iam(runtime, region).lastAccessed(carts)).map(({ service }) => service).toSorted(),
    ['dynamodb', 's3', 'sqs'],
  ],
  [
    'simulated actions',
    'SimulatePrincipalPolicy',
    async () => {
      const actions = ['ec2:RunInstances', 'ecr:GetImage', 'dynamodb:GetItem']
      const asked = actions.map((action) => ({ action, resource: '*' }))
      const opinion = await iam(runtime, region).simulate({ roleArn: carts, asked, context: {} })
      return 'opinions' in opinion && opinion.opinions.map(({ decision }) => decision)
    },
    ['allowed', 'allowed', 'implicitDeny'],
  ],
  [
    'times that a role was assumed',
    'LookupEvents',
    async () => {
      const { assumptions } = await assumptionsOf(runtime, region, carts, new Date(start - 2 * hour))
      return assumptions.map(({ session }) => session).toSorted()
    },
    ['pod-1', 'pod-2', 'pod-3'],
  ],
  [
    'the latest runs, as many as were asked for',
    'ListExecutions',
    async () => (await executions(runtime, machine).list(2)).map(({ run }) => run),
    ['run-7', 'run-6'],
  ],
  [
    'runs that are wanted, behind others that are not, on as many pages as those are',
    'ListExecutions',
    async () =>
      (await executions(runtime, machine).list(5, undefined, (run) => run === 'run-1')).map(({ run }) => run),
    ['run-1'],
  ],
  [
    'what is new of a run',
    'GetExecutionHistory',
    async () => (await executions(runtime, machine).newEvents('run-1', 2)).map(({ id }) => id),
    [3, 4],
  ],
  [
    'what is new of a run, where nothing is known',
    'GetExecutionHistory',
    async () => (await executions(runtime, machine).newEvents('run-1', 0)).map(({ id }) => id),
    [1, 2, 3, 4],
  ],
  ['state machines', 'ListStateMachines', () => stateMachineNames(runtime, region), ['m', 'm-2', 'm-3']],
  ['roles', 'ListRoles', () => roleNames(runtime, region), ['carts', 'other', 'third']],
  ['keys', 'ListObjectsV2', () => bucketOf(runtime).list('a/'), ['a/1', 'a/2', 'a/3']],
  [
    'the lines of a log that hold a text, as many as were asked for',
    'FilterLogEvents',
    async () => {
      const about = { from: start - hour, to: start + hour, most: 2 }
      const lines = await linesWith(runtime, { region, group: '/aws/lambda/f' }, 'run-1', about)
      return lines.map(({ text }) => text)
    },
    ['run-1 begins', 'run-1 goes on'],
  ],
  [
    'a history',
    'GetExecutionHistory',
    async () => (await executions(runtime, machine).history('run-1')).map(({ type }) => type),
    ['ExecutionStarted', 'SucceedStateEntered', 'SucceedStateExited', 'ExecutionSucceeded'],
  ],
]

it.each(lists)('reads every page of %s', async (_list, operation, read, all) => {
  expect(await read()).toEqual(all)
  expect(timesAsked(operation)).toBeGreaterThan(1)
})

const namesOf = (policies: readonly { name: string }[]) => policies.map(({ name }) => name)
const readCarts = async () => {
  const role = await iam(runtime, region).readRole('carts')
  if (!role) throw new Error('there is no role carts')
  return role
}
const readOthers = async () => iam(runtime, region).readOtherVersions(await readCarts())

it('finds an association behind an empty page: a filtered page may be empty, and not the last', async () => {
  const body = (answer: object) => ({
    headers: { 'x-amzn-requestid': 'r', 'content-type': 'application/json' },
    body: JSON.stringify(answer),
  })
  const association = { associationId: 'a-1', roleArn: carts }
  const server = await scriptedServer([
    body({ associations: [], nextToken: 'more' }),
    body({ associations: [association] }),
    body({ association }),
  ])
  try {
    const key = { cluster: 'c-1', namespace: 'n', serviceAccount: 'a' }
    expect(await eks(runtimeAt(server.url), region).findAssociation(key)).toMatchObject({ id: 'a-1' })
    expect(server.received[1]?.path).toContain('nextToken=more')
  } finally {
    await server.close()
  }
})
