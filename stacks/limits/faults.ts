import { type LimitName, passed, policySize } from './table.ts'

/** A resource as its stack declares it. */
interface Resource {
  /** Pulumi's type: `aws:lambda/function:Function`. */
  type: string
  name: string
  inputs: Record<string, unknown>
}

type Inputs = Resource['inputs']
type Measured = [name: LimitName, measured: number]

const bytes = (text: unknown): number => new TextEncoder().encode(String(text ?? '')).length

type Measure = (resource: Resource) => Measured[]

const length = (text: unknown): number => String(text ?? '').length
const many = (list: unknown): number => (Array.isArray(list) ? list.length : 0)
/** What is not set is measured as nothing. */
const number = (value: unknown): number => Number(value ?? 0)

const measures: Readonly<Record<string, Measure>> = {
  'aws:iam/role:Role': ({ inputs }) => [
    ['roleName', length(inputs.name)],
    [
      'inlinePolicies',
      ((inputs.inlinePolicies ?? []) as { policy: string }[]).reduce(
        (sum, { policy }) => sum + policySize(policy),
        0,
      ),
    ],
    ['managedPolicies', many(inputs.managedPolicyArns)],
    ['trustPolicy', policySize(String(inputs.assumeRolePolicy))],
  ],
  'aws:iam/policy:Policy': ({ inputs }) => [
    ['policyName', length(inputs.name)],
    ['managedPolicy', policySize(String(inputs.policy))],
  ],
  'aws:kms/key:Key': ({ inputs }) => [['keyPolicy', bytes(inputs.policy)]],
  'aws:lambda/function:Function': ({ inputs }) => {
    const { variables = {} } = (inputs.environment ?? {}) as { variables?: Record<string, string> }
    const { subnetIds, securityGroupIds } = (inputs.vpcConfig ?? {}) as Record<string, unknown>
    return [
      ['functionName', length(inputs.name)],
      ['description', length(inputs.description)],
      ['handler', length(inputs.handler)],
      ['memory', number(inputs.memorySize)],
      ['timeout', number(inputs.timeout)],
      ['subnets', many(subnetIds)],
      ['securityGroups', many(securityGroupIds)],
      [
        'environment',
        Object.entries(variables).reduce((sum, [name, value]) => sum + bytes(name) + bytes(value), 0),
      ],
    ]
  },
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': ({ inputs }) => [
    ['eventAge', number(inputs.maximumEventAgeInSeconds)],
    ['eventRetries', number(inputs.maximumRetryAttempts)],
  ],
  'aws:sfn/stateMachine:StateMachine': ({ inputs }) => [
    ['stateMachineName', length(inputs.name)],
    ['definition', bytes(inputs.definition)],
    ...stateNames(inputs.definition).map((name): Measured => ['stateName', name.length]),
  ],
  'aws:sfn/alias:Alias': ({ inputs }) => [
    ['aliasName', length(inputs.name)],
    ['aliasDescription', length(inputs.description)],
  ],
  'aws:cloudwatch/eventBus:EventBus': ({ inputs }) => [['busName', length(inputs.name)]],
  'aws:cloudwatch/eventRule:EventRule': ({ inputs }) => [
    ['ruleName', length(inputs.name)],
    ['ruleDescription', length(inputs.description)],
    ['eventPattern', length(inputs.eventPattern)],
    ['schedule', length(inputs.scheduleExpression)],
  ],
  'aws:cloudwatch/eventTarget:EventTarget': ({ inputs }) => [
    ['deliveries', number((inputs.retryPolicy as Record<string, unknown> | undefined)?.maximumRetryAttempts)],
  ],
  'aws:sqs/queue:Queue': ({ inputs }) => [
    ['queueName', length(inputs.name)],
    ['queueRetention', number(inputs.messageRetentionSeconds)],
  ],
  'aws:sqs/queuePolicy:QueuePolicy': ({ inputs }) => [['queuePolicy', bytes(inputs.policy)]],
  'aws:sns/topic:Topic': ({ inputs }) => [['topicName', length(inputs.name)]],
  'aws:cloudwatch/metricAlarm:MetricAlarm': ({ inputs }) => {
    const queried = ((inputs.metricQueries ?? []) as { metric?: { period: number } }[]).flatMap(
      ({ metric }) => metric ?? [],
    )
    const period = number(inputs.period ?? queried[0]?.period)
    const span = period * number(inputs.evaluationPeriods)
    return [
      ['alarmName', length(inputs.name)],
      ['alarmDescription', length(inputs.alarmDescription)],
      ['alarmActions', many(inputs.alarmActions)],
      ['alarmMetrics', queried.length],
      [period < 3600 ? 'alarmShortSpan' : 'alarmSpan', span],
    ]
  },
  'aws:cloudwatch/dashboard:Dashboard': ({ inputs }) => {
    const { widgets } = JSON.parse(String(inputs.dashboardBody ?? '{"widgets":[]}')) as {
      widgets: { properties?: { metrics?: unknown[] } }[]
    }
    const metrics = widgets.map(({ properties }) => many(properties?.metrics))
    return [
      ['dashboardName', length(inputs.dashboardName)],
      ['widgets', widgets.length],
      ['graphMetrics', Math.max(0, ...metrics)],
      ['dashboardMetrics', metrics.reduce((sum, one) => sum + one, 0)],
    ]
  },
  'aws:cloudwatch/logGroup:LogGroup': ({ inputs }) => [['logGroupName', length(inputs.name)]],
  'aws:dynamodb/table:Table': ({ inputs }) => [['tableName', length(inputs.name)]],
  'aws:s3/bucketV2:BucketV2': ({ inputs }) => [['bucketName', length(inputs.bucket)]],
}

/** Of a definition as it is deployed, those within branches and maps too. */
const stateNames = (definition: unknown): string[] => {
  const names: string[] = []
  JSON.parse(String(definition ?? '{}'), (key, value: unknown) => {
    if (key === 'States' && typeof value === 'object' && value !== null) names.push(...Object.keys(value))
    return value
  })
  return names
}

/** What several resources add up to at one of them: a rule's targets, a bus's rules, who may call a function. */
const together: [
  type: string,
  of: (inputs: Inputs) => unknown,
  name: LimitName,
  each: (inputs: Inputs) => number,
][] = [
  ['aws:cloudwatch/eventTarget:EventTarget', ({ rule }) => rule, 'targets', () => 1],
  ['aws:cloudwatch/eventRule:EventRule', ({ eventBusName }) => eventBusName ?? 'default', 'rules', () => 1],
  // About what Lambda makes of it, by a statement each.
  [
    'aws:lambda/permission:Permission',
    ({ function: fn }) => fn,
    'functionPolicy',
    (inputs) => bytes(JSON.stringify(inputs)) + 200,
  ],
]

/** Every limit that a synthesized resource passes, a sentence each; none where AWS would take them all. */
export const limitFaults = (resources: readonly Resource[]): string[] => {
  const single = resources.flatMap((resource) =>
    (measures[resource.type]?.(resource) ?? []).map(([name, measured]) =>
      passed(String(resource.inputs.name ?? resource.name), name, measured),
    ),
  )
  const sums = together.flatMap(([type, of, name, each]) => {
    const found = new Map<string, number>()
    for (const { inputs } of resources.filter((resource) => resource.type === type))
      found.set(String(of(inputs)), (found.get(String(of(inputs))) ?? 0) + each(inputs))
    return [...found].map(([one, measured]) => passed(one, name, measured))
  })
  return [...single, ...sums].filter((fault) => fault !== undefined)
}
