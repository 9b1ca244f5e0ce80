import { beforeAll, describe, expect, it } from 'vitest'
import { type Config, parseConfig } from '../../core/config.ts'
import { limitFaults } from '../../stacks/limits/faults.ts'
import { type LimitName, limits, policySize } from '../../stacks/limits/table.ts'
import { type FunctionName, type PolicyGrant, permissions } from '../../stacks/permissions.ts'
import { packGrants } from '../../stacks/policies.ts'
import { scopeOf } from '../../stacks/scope.ts'
import { readSettings } from '../../stacks/settings.ts'
import { fleetOf1000, type SynthesizedStage, synthesizeStage } from './support.ts'
import { fleet } from './synthesis.ts'

const account = '111122223333'

const grantsOf = (name: FunctionName, config: Config): PolicyGrant[] =>
  permissions[name](scopeOf(config, (what) => `podid-dev-${what}`)).filter(
    ({ resources }) => resources.length > 0,
  )

const names = Object.keys(permissions) as FunctionName[]

describe.each([27, 100, 1000])('%i bindings on 50 clusters', (many) => {
  const config = parseConfig(fleet(many), 'dev')

  it.each(names)('%s: its policies fit, and grant what they did in one piece', (name) => {
    const grants = grantsOf(name, config)
    const { inline, managed } = packGrants(`podid-dev-${name}`, grants)
    const documents = managed.map((text) => JSON.parse(text) as { Statement: Statement[] })
    for (const text of managed) expect(policySize(text)).toBeLessThanOrEqual(6144)
    expect(policySize(JSON.stringify(inline.map(statement)))).toBeLessThanOrEqual(10_240)
    expect(managed.length).toBeLessThanOrEqual(10)
    const packed = [...inline.map(statement), ...documents.flatMap(({ Statement }) => Statement)]
    expect(single(packed)).toEqual(single(grants.map(statement)))
  })
})

interface Statement {
  Action: string[]
  Resource: string[]
  Condition?: unknown
}
const statement = ({ actions, resources, conditions }: PolicyGrant): Statement => ({
  Action: actions,
  Resource: resources,
  ...(conditions
    ? {
        Condition: Object.fromEntries(
          conditions.map(({ test, variable, values }) => [test, { [variable]: values }]),
        ),
      }
    : {}),
})
/** Each action on each resource, with its condition. */
const single = (statements: Statement[]): string[] =>
  statements
    .flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => `${action} ${resource} ${JSON.stringify(Condition ?? {})}`),
      ),
    )
    .sort()

describe('roles that podid may make', () => {
  const boundary = `arn:aws:iam::${account}:policy/limits`
  const made = fleet(1000, { createRole: true, permissionsBoundary: boundary })

  it('are too many by name, and the error says how many policies, the limit, and what to do', () => {
    const config = parseConfig(made, 'dev')
    expect(() => packGrants('podid-dev-ensure-role', grantsOf('ensureRole', config))).toThrow(
      /^podid-dev-ensure-role: a role's managed policies: \d+ policies, and AWS takes 10 \(https:.*\); name the roles by patterns \(rolePatterns in podid.yaml\)/,
    )
  })

  it('grow with patterns where the settings name some, and keep boundary and tag', () => {
    const pattern = `arn:aws:iam::${account}:role/team-*`
    const config = parseConfig({ ...made, rolePatterns: [pattern] }, 'dev')
    const { inline, managed } = packGrants('podid-dev-ensure-role', grantsOf('ensureRole', config))
    expect(managed).toEqual([])
    expect(inline.map(statement)).toContainEqual({
      Action: ['iam:CreateRole'],
      Resource: [pattern],
      Condition: { StringEquals: { 'iam:PermissionsBoundary': [boundary] } },
    })
    const written = inline.find(({ actions }) => actions.includes('iam:PutRolePolicy'))
    expect(written?.resources).toEqual([pattern])
    expect(written?.conditions?.[0]?.values).toContain('shop-cluster-7/*')
    expect(written?.conditions?.[0]?.values).toHaveLength(50)
  })

  it.each([`arn:aws:iam::${account}:role/*`, `arn:aws:iam::*:role/x`, 'role/x'])(
    'are no pattern that takes in every role: %s',
    (pattern) => {
      expect(() => parseConfig({ ...made, rolePatterns: [pattern] }, 'dev')).toThrow(
        '- rolePatterns[0]: is not',
      )
    },
  )
})

it('a cluster that a pattern covers is not named a second time', () => {
  const binding = { ...fleet(1).bindings['team-0'], cluster: 'shop-*' }
  const config = parseConfig({ ...fleet(100), bindings: { ...fleet(100).bindings, all: binding } }, 'dev')
  expect(scopeOf(config, String).clusters).toEqual([`arn:aws:eks:us-west-2:${account}:cluster/shop-*`])
})

const text = (length: number) => 'x'.repeat(length)
const alarm = 'aws:cloudwatch/metricAlarm:MetricAlarm'
const lambda = 'aws:lambda/function:Function'
const machine = 'aws:sfn/stateMachine:StateMachine'
const rule = 'aws:cloudwatch/eventRule:EventRule'
const dashboard = (widgets: number, metrics: number) => ({
  dashboardBody: JSON.stringify({
    widgets: Array(widgets).fill({ properties: { metrics: Array(metrics).fill(['N', 'M']) } }),
  }),
})
const branch = (name: string) => ({
  definition: JSON.stringify({ States: { All: { Branches: [{ States: { [name]: {} } }] } } }),
})
/** What AWS would still take, and one more: of as many resources as `copies`. */
const table: [name: LimitName, type: string, inputs: (much: number) => object, copies?: true][] = [
  ['roleName', 'aws:iam/role:Role', (n) => ({ name: text(n) })],
  ['functionName', lambda, (n) => ({ name: text(n) })],
  ['stateMachineName', machine, (n) => ({ name: text(n) })],
  ['ruleName', rule, (n) => ({ name: text(n) })],
  [
    'inlinePolicies',
    'aws:iam/role:Role',
    (n) => ({ inlinePolicies: [{ policy: text(n - 1) }, { policy: 'x' }] }),
  ],
  ['managedPolicies', 'aws:iam/role:Role', (n) => ({ managedPolicyArns: Array(n).fill('arn') })],
  ['managedPolicy', 'aws:iam/policy:Policy', (n) => ({ policy: ` ${text(n)}\n` })],
  ['policyName', 'aws:iam/policy:Policy', (n) => ({ name: text(n) })],
  ['trustPolicy', 'aws:iam/role:Role', (n) => ({ assumeRolePolicy: text(n) })],
  ['environment', lambda, (n) => ({ environment: { variables: { Ä: 'ü', B: text(n - 5) } } })],
  ['description', lambda, (n) => ({ description: text(n) })],
  ['handler', lambda, (n) => ({ handler: text(n) })],
  ['memory', lambda, (n) => ({ memorySize: n })],
  ['timeout', lambda, (n) => ({ timeout: n })],
  ['subnets', lambda, (n) => ({ vpcConfig: { subnetIds: Array(n).fill('subnet-0') } })],
  ['securityGroups', lambda, (n) => ({ vpcConfig: { securityGroupIds: Array(n).fill('sg-0') } })],
  ['functionPolicy', 'aws:lambda/permission:Permission', (n) => ({ a: text(n - 200 - 21) })],
  [
    'eventAge',
    'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
    (n) => ({ maximumEventAgeInSeconds: n }),
  ],
  [
    'eventRetries',
    'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
    (n) => ({ maximumRetryAttempts: n }),
  ],
  ['eventPattern', rule, (n) => ({ eventPattern: text(n) })],
  ['ruleDescription', rule, (n) => ({ description: text(n) })],
  ['schedule', rule, (n) => ({ scheduleExpression: text(n) })],
  ['rules', rule, () => ({ eventBusName: 'one' }), true],
  ['targets', 'aws:cloudwatch/eventTarget:EventTarget', () => ({ rule: 'one' }), true],
  [
    'deliveries',
    'aws:cloudwatch/eventTarget:EventTarget',
    (n) => ({ retryPolicy: { maximumRetryAttempts: n } }),
  ],
  ['busName', 'aws:cloudwatch/eventBus:EventBus', (n) => ({ name: text(n) })],
  ['definition', machine, (n) => ({ definition: `"${text(n - 2)}"` })],
  ['stateName', machine, (n) => branch(text(n))],
  ['aliasName', 'aws:sfn/alias:Alias', (n) => ({ name: text(n) })],
  ['aliasDescription', 'aws:sfn/alias:Alias', (n) => ({ description: text(n) })],
  ['queueName', 'aws:sqs/queue:Queue', (n) => ({ name: text(n) })],
  ['queueRetention', 'aws:sqs/queue:Queue', (n) => ({ messageRetentionSeconds: n })],
  ['queuePolicy', 'aws:sqs/queuePolicy:QueuePolicy', (n) => ({ policy: text(n) })],
  ['topicName', 'aws:sns/topic:Topic', (n) => ({ name: text(n) })],
  ['alarmName', alarm, (n) => ({ name: text(n) })],
  ['alarmDescription', alarm, (n) => ({ alarmDescription: text(n) })],
  ['alarmActions', alarm, (n) => ({ alarmActions: Array(n).fill('arn') })],
  ['alarmMetrics', alarm, (n) => ({ metricQueries: [{}, ...Array(n).fill({ metric: { period: 300 } })] })],
  ['alarmSpan', alarm, (n) => ({ period: n, evaluationPeriods: 1 })],
  ['alarmShortSpan', alarm, (n) => ({ period: 1, evaluationPeriods: n })],
  ['dashboardName', 'aws:cloudwatch/dashboard:Dashboard', (n) => ({ dashboardName: text(n) })],
  ['widgets', 'aws:cloudwatch/dashboard:Dashboard', (n) => dashboard(n, 1)],
  ['graphMetrics', 'aws:cloudwatch/dashboard:Dashboard', (n) => dashboard(1, n)],
  [
    'dashboardMetrics',
    'aws:cloudwatch/dashboard:Dashboard',
    (n) => dashboard(n % 2 === 0 ? 10 : 41, n % 2 === 0 ? n / 10 : n / 41),
  ],
  ['logGroupName', 'aws:cloudwatch/logGroup:LogGroup', (n) => ({ name: text(n) })],
  ['tableName', 'aws:dynamodb/table:Table', (n) => ({ name: text(n) })],
  ['bucketName', 'aws:s3/bucketV2:BucketV2', (n) => ({ bucket: text(n) })],
  ['keyPolicy', 'aws:kms/key:Key', (n) => ({ policy: text(n) })],
]

describe('a synthesis is held to', () => {
  it('every limit of the table', () => {
    expect(table.map(([name]) => name).sort()).toEqual(Object.keys(limits).sort())
  })

  it.each(table)('%s', (name, type, inputs, copies) => {
    const { most, unit, source, remedy } = limits[name]
    const faults = (much: number) =>
      limitFaults(
        Array.from({ length: copies ? much : 1 }, () => ({
          type,
          name: 'One',
          inputs: { name: 'one', ...inputs(much) },
        })),
      )
    expect(faults(most)).toEqual([])
    const [fault, ...others] = faults(most + 1)
    expect(others).toEqual([])
    const count = (number: number) => number.toLocaleString('en-US')
    expect(fault).toContain(`${count(most + 1)} ${unit}, and AWS takes ${count(most)} (${source}); ${remedy}`)
  })

  it('the longest stage name that is taken', () => {
    for (const stage of [text(31), 'my stage'])
      expect(() => readSettings(process.cwd(), stage)).toThrow(
        `${JSON.stringify(stage)} cannot be the name of a stage: it takes letters and digits, and - between them, 30 characters at most`,
      )
    const longest = names.map((name) => `podid-${text(30)}-${name.replaceAll(/(?=[A-Z])/g, '-')}`)
    expect(Math.max(...longest.map((name) => name.length))).toBeLessThanOrEqual(limits.roleName.most)
  })
})

describe('a stage of 1,000 bindings on 50 clusters in GovCloud', () => {
  let stage: SynthesizedStage

  beforeAll(async () => {
    stage = await synthesizeStage('dev', fleetOf1000)
  })

  it('passes no limit, and attaches what its inline policies have no room for', () => {
    expect(limitFaults(stage.resources)).toEqual([])
    const passing = stage.roles.find(({ of }) => of === 'EnsureAssociation')?.statements ?? []
    const roles = passing.filter(({ Action }) => Action.includes('iam:PassRole'))
    expect(roles.flatMap(({ Resource }) => Resource)).toHaveLength(1000)
    for (const { Condition } of roles)
      expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': ['pods.eks.amazonaws.com'] } })
  })

  it('takes over the table of an earlier deployment where that is asked for, as the page of deployments says', () => {
    expect(stage.the('aws:dynamodb/table:Table', 'Records').options).toEqual({ import: 'podid-dev-records' })
  })

  it('has ARNs of its partition only', () => {
    const arns = JSON.stringify([stage.resources, stage.outputs]).match(/arn:aws[\w-]*:/g) ?? []
    expect(new Set(arns)).toEqual(new Set(['arn:aws-us-gov:']))
  })
})
