/** A limit of AWS's that a stage could pass, in what AWS counts, with its source and what helps. */
interface Limit {
  what: string
  most: number
  /** In the plural. */
  unit: string
  source: string
  remedy: string
}

const iamQuotas = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html'
const lambdaQuotas = 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html'
const createFunction = 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html'
const vpcConfig = 'https://docs.aws.amazon.com/lambda/latest/api/API_VpcConfig.html'
const invokeConfig = 'https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html'
const putRule = 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html'
const eventQuotas = 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html'
const queueQuotas =
  'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html'
const putAlarm = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html'
const watchQuotas = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html'
const createAlias =
  'https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachineAlias.html'
const nameRemedy = 'choose a shorter name for the stage (--stage)'
const fewerRoles =
  'name the roles by patterns (rolePatterns in podid.yaml), name clusters by patterns (shop-*), or divide the bindings among stages'

const own = 'report it: nothing in podid.yaml changes it'

/** Every limit that a stage is held to; docs/made shows the table in docs/deploy.md. */
export const limits = {
  roleName: {
    what: "an IAM role's name",
    most: 64,
    unit: 'characters',
    source: iamQuotas,
    remedy: nameRemedy,
  },
  functionName: {
    what: "a function's name",
    most: 64,
    unit: 'characters',
    source: createFunction,
    remedy: nameRemedy,
  },
  stateMachineName: {
    what: "a state machine's name",
    most: 80,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html',
    remedy: nameRemedy,
  },
  ruleName: {
    what: "an EventBridge rule's name",
    most: 64,
    unit: 'characters',
    source: putRule,
    remedy: nameRemedy,
  },
  inlinePolicies: {
    what: "a role's inline policies together, without white space",
    most: 10_240,
    unit: 'characters',
    source: iamQuotas,
    remedy: fewerRoles,
  },
  managedPolicy: {
    what: 'a managed policy, without white space',
    most: 6144,
    unit: 'characters',
    source: iamQuotas,
    remedy: fewerRoles,
  },
  managedPolicies: {
    what: "a role's managed policies",
    most: 10,
    unit: 'policies',
    source: iamQuotas,
    remedy: fewerRoles,
  },
  trustPolicy: {
    what: 'a trust policy, without white space',
    most: 2048,
    unit: 'characters',
    source: iamQuotas,
    remedy: own,
  },
  environment: {
    what: "a function's environment variables, names and values together",
    most: 4096,
    unit: 'bytes',
    source: lambdaQuotas,
    remedy: nameRemedy,
  },
  eventPattern: {
    what: 'an event pattern',
    most: 2048,
    unit: 'characters',
    source: eventQuotas,
    remedy: own,
  },
  definition: {
    what: "a state machine's definition",
    most: 1_048_576,
    unit: 'bytes',
    source: 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html',
    remedy: own,
  },
  policyName: {
    what: "a managed policy's name",
    most: 128,
    unit: 'characters',
    source: iamQuotas,
    remedy: nameRemedy,
  },
  description: {
    what: "a function's description",
    most: 256,
    unit: 'characters',
    source: createFunction,
    remedy: own,
  },
  handler: {
    what: "a function's handler",
    most: 128,
    unit: 'characters',
    source: createFunction,
    remedy: own,
  },
  memory: {
    what: "a function's memory",
    most: 10240,
    unit: 'MB',
    source: lambdaQuotas,
    remedy: own,
  },
  timeout: {
    what: "a function's time",
    most: 900,
    unit: 'seconds',
    source: lambdaQuotas,
    remedy: own,
  },
  functionPolicy: {
    what: 'who may call a function, its resource-based policy',
    most: 20480,
    unit: 'bytes',
    source: lambdaQuotas,
    remedy: own,
  },
  subnets: {
    what: "a function's subnets",
    most: 16,
    unit: 'subnets',
    source: vpcConfig,
    remedy: 'name fewer in clusters.vpc.subnets of podid.yaml',
  },
  securityGroups: {
    what: "a function's security groups",
    most: 5,
    unit: 'security groups',
    source: vpcConfig,
    remedy: 'name fewer in clusters.vpc.securityGroups of podid.yaml',
  },
  eventAge: {
    what: 'how long an event waits for a function',
    most: 21600,
    unit: 'seconds',
    source: invokeConfig,
    remedy: own,
  },
  eventRetries: {
    what: 'how often a function is given an event again',
    most: 2,
    unit: 'times',
    source: invokeConfig,
    remedy: own,
  },
  stateName: {
    what: "a state's name",
    most: 80,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html',
    remedy: own,
  },
  aliasName: {
    what: "an alias's name",
    most: 80,
    unit: 'characters',
    source: createAlias,
    remedy: own,
  },
  aliasDescription: {
    what: "an alias's description",
    most: 256,
    unit: 'characters',
    source: createAlias,
    remedy: own,
  },
  ruleDescription: {
    what: "a rule's description",
    most: 512,
    unit: 'characters',
    source: putRule,
    remedy: own,
  },
  schedule: {
    what: "a rule's schedule",
    most: 256,
    unit: 'characters',
    source: putRule,
    remedy: own,
  },
  targets: {
    what: "a rule's targets",
    most: 5,
    unit: 'targets',
    source: eventQuotas,
    remedy: own,
  },
  rules: {
    what: "a bus's rules",
    most: 300,
    unit: 'rules',
    source: eventQuotas,
    remedy: own,
  },
  busName: {
    what: "a bus's name",
    most: 256,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html',
    remedy: nameRemedy,
  },
  deliveries: {
    what: 'how often a rule delivers an event again',
    most: 185,
    unit: 'times',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html',
    remedy: own,
  },
  queueName: {
    what: "a queue's name",
    most: 80,
    unit: 'characters',
    source: queueQuotas,
    remedy: nameRemedy,
  },
  queuePolicy: {
    what: "a queue's policy",
    most: 8192,
    unit: 'bytes',
    source: queueQuotas,
    remedy: own,
  },
  queueRetention: {
    what: 'how long a queue keeps a message',
    most: 1209600,
    unit: 'seconds',
    source: queueQuotas,
    remedy: own,
  },
  topicName: {
    what: "a topic's name",
    most: 256,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html',
    remedy: nameRemedy,
  },
  alarmName: {
    what: "an alarm's name",
    most: 255,
    unit: 'characters',
    source: putAlarm,
    remedy: nameRemedy,
  },
  alarmDescription: {
    what: "an alarm's description",
    most: 1024,
    unit: 'characters',
    source: putAlarm,
    remedy: own,
  },
  alarmActions: {
    what: "an alarm's actions",
    most: 5,
    unit: 'actions',
    source: putAlarm,
    remedy: own,
  },
  alarmMetrics: {
    what: "the metrics of an alarm's expression",
    most: 10,
    unit: 'metrics',
    source: watchQuotas,
    remedy: own,
  },
  alarmSpan: {
    what: 'how far an alarm looks back by periods of an hour or longer',
    most: 604800,
    unit: 'seconds',
    source: putAlarm,
    remedy: 'sweep more often (triggers.sweep.everyMinutes in podid.yaml)',
  },
  alarmShortSpan: {
    what: 'how far an alarm looks back by shorter periods',
    most: 86400,
    unit: 'seconds',
    source: putAlarm,
    remedy: 'sweep more often (triggers.sweep.everyMinutes in podid.yaml)',
  },
  dashboardName: {
    what: "a dashboard's name",
    most: 255,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html',
    remedy: nameRemedy,
  },
  widgets: {
    what: "a dashboard's widgets",
    most: 500,
    unit: 'widgets',
    source: watchQuotas,
    remedy: own,
  },
  graphMetrics: {
    what: "a graph's metrics",
    most: 500,
    unit: 'metrics',
    source: watchQuotas,
    remedy: own,
  },
  dashboardMetrics: {
    what: "a dashboard's metrics",
    most: 2500,
    unit: 'metrics',
    source: watchQuotas,
    remedy: own,
  },
  logGroupName: {
    what: "a log group's name",
    most: 512,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html',
    remedy: nameRemedy,
  },
  tableName: {
    what: "a table's name",
    most: 255,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html',
    remedy: nameRemedy,
  },
  bucketName: {
    what: "a bucket's name",
    most: 63,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html',
    remedy: nameRemedy,
  },
  keyPolicy: {
    what: "a key's policy",
    most: 32768,
    unit: 'bytes',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html',
    remedy: own,
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof limits

/** `the role podid-dev-undo: a role's inline policies … has 12,000 characters, and AWS takes 10,240 (source): do this`; undefined where it fits. */
export const passed = (of: string, name: LimitName, measured: number): string | undefined => {
  const { what, most, unit, source, remedy } = limits[name]
  if (measured <= most) return undefined
  return `${of}: ${what}: ${count(measured)} ${unit}, and AWS takes ${count(most)} (${source}); ${remedy}`
}

const count = (number: number): string => number.toLocaleString('en-US')

/** What IAM counts of a policy document. */
export const policySize = (document: string): number => document.replaceAll(/\s/g, '').length
