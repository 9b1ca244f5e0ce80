import type { Resource } from '../../../stacks/synth/synth.ts'

/** A call of boto3: its client's service and method, and the input as the service's model has it. */
export interface EmulatorCall {
  /** The resource, by type and name. */
  of: string
  service: string
  operation: string
  input: Record<string, unknown>
}

type Inputs = Record<string, unknown>
type Make = (inputs: Inputs) => [service: string, operation: string, input: Record<string, unknown>][]

const account = '111122223333'
const queueUrl = 'https://sqs.us-west-2.amazonaws.com/111122223333'

/** Without what is not set, with names as the services have them: `maximumRetryAttempts` to `MaximumRetryAttempts`. */
const capital = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(capital)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined && one !== null)
      .map(([name, one]) => [name.charAt(0).toUpperCase() + name.slice(1), capital(one)]),
  )
}

const defined = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null))

const lastPart = (arn: unknown): string => String(arn).split(/[/:]/).at(-1) ?? ''

/** What makes a resource of each of Pulumi's types, in the order in which one needs the other. */
const making: Readonly<Record<string, Make>> = {
  'aws:kms/key:Key': ({ description, policy }) => [
    ['kms', 'create_key', { Description: description, Policy: policy }],
  ],
  'aws:iam/policy:Policy': ({ name, policy, description }) => [
    ['iam', 'create_policy', { PolicyName: name, PolicyDocument: policy, Description: description }],
  ],
  'aws:iam/role:Role': ({ name, assumeRolePolicy, inlinePolicies = [], managedPolicyArns = [] }) => [
    ['iam', 'create_role', { RoleName: name, AssumeRolePolicyDocument: assumeRolePolicy }],
    ...(inlinePolicies as { name: string; policy: string }[]).map(
      (inline, index): [string, string, Record<string, unknown>] => [
        'iam',
        'put_role_policy',
        { RoleName: name, PolicyName: inline.name ?? `inline-${index}`, PolicyDocument: inline.policy },
      ],
    ),
    ...(managedPolicyArns as string[]).map((PolicyArn): [string, string, Record<string, unknown>] => [
      'iam',
      'attach_role_policy',
      { RoleName: name, PolicyArn },
    ]),
  ],
  'aws:cloudwatch/logGroup:LogGroup': ({ name, retentionInDays }) => [
    ['logs', 'create_log_group', { logGroupName: name }],
    ['logs', 'put_retention_policy', { logGroupName: name, retentionInDays }],
  ],
  'aws:dynamodb/table:Table': ({
    name,
    billingMode,
    hashKey,
    attributes,
    serverSideEncryption,
    deletionProtectionEnabled,
    ttl,
  }) => [
    [
      'dynamodb',
      'create_table',
      {
        TableName: name,
        BillingMode: billingMode,
        KeySchema: [{ AttributeName: hashKey, KeyType: 'HASH' }],
        AttributeDefinitions: (attributes as { name: string; type: string }[]).map((one) => ({
          AttributeName: one.name,
          AttributeType: one.type,
        })),
        SSESpecification: capital(serverSideEncryption),
        DeletionProtectionEnabled: deletionProtectionEnabled,
      },
    ],
    ['dynamodb', 'update_time_to_live', { TableName: name, TimeToLiveSpecification: capital(ttl) }],
  ],
  'aws:cloudwatch/eventBus:EventBus': ({ name }) => [['events', 'create_event_bus', { Name: name }]],
  'aws:sqs/queue:Queue': ({ name, sqsManagedSseEnabled, messageRetentionSeconds }) => [
    [
      'sqs',
      'create_queue',
      {
        QueueName: name,
        Attributes: {
          SqsManagedSseEnabled: String(sqsManagedSseEnabled),
          MessageRetentionPeriod: String(messageRetentionSeconds),
        },
      },
    ],
  ],
  'aws:sqs/queuePolicy:QueuePolicy': ({ queueUrl: url, policy }) => [
    [
      'sqs',
      'set_queue_attributes',
      { QueueUrl: `${queueUrl}/${lastPart(url)}`, Attributes: { Policy: policy } },
    ],
  ],
  'aws:sns/topic:Topic': ({ name, kmsMasterKeyId }) => [
    ['sns', 'create_topic', { Name: name, Attributes: { KmsMasterKeyId: String(kmsMasterKeyId) } }],
  ],
  'aws:sns/topicSubscription:TopicSubscription': ({ topic, protocol, endpoint }) => [
    ['sns', 'subscribe', { TopicArn: topic, Protocol: protocol, Endpoint: endpoint }],
  ],
  'aws:s3/bucketObjectv2:BucketObjectv2': ({ bucket, key }) => [
    // Any code: Lambda's own check of it is not this test's.
    ['s3', 'put_object', { Bucket: bucket, Key: key, Body: 'code' }],
  ],
  'aws:lambda/function:Function': (inputs) => [
    [
      'lambda',
      'create_function',
      defined({
        FunctionName: inputs.name,
        Description: inputs.description,
        Role: inputs.role,
        Handler: inputs.handler,
        Runtime: inputs.runtime,
        Timeout: inputs.timeout,
        MemorySize: inputs.memorySize,
        Architectures: inputs.architectures,
        PackageType: inputs.packageType,
        Publish: inputs.publish,
        Environment: capitalOnce(inputs.environment),
        EphemeralStorage: capital(inputs.ephemeralStorage),
        TracingConfig: capital(inputs.tracingConfig),
        LoggingConfig: capital(inputs.loggingConfig),
        VpcConfig:
          inputs.vpcConfig === undefined
            ? undefined
            : {
                SubnetIds: (inputs.vpcConfig as { subnetIds: string[] }).subnetIds,
                SecurityGroupIds: (inputs.vpcConfig as { securityGroupIds: string[] }).securityGroupIds,
              },
        Code: { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key },
      }),
    ],
    ...(inputs.reservedConcurrentExecutions === undefined
      ? []
      : [
          [
            'lambda',
            'put_function_concurrency',
            { FunctionName: inputs.name, ReservedConcurrentExecutions: inputs.reservedConcurrentExecutions },
          ] as [string, string, Record<string, unknown>],
        ]),
  ],
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': (inputs) => [
    ['lambda', 'put_function_event_invoke_config', capital(inputs) as Record<string, unknown>],
  ],
  'aws:lambda/functionUrl:FunctionUrl': ({ functionName, authorizationType, invokeMode }) => [
    [
      'lambda',
      'create_function_url_config',
      {
        FunctionName: lastPart(functionName),
        AuthType: authorizationType,
        InvokeMode: invokeMode ?? 'BUFFERED',
      },
    ],
  ],
  'aws:sfn/stateMachine:StateMachine': ({ name, definition, roleArn, type, publish }) => [
    ['stepfunctions', 'create_state_machine', { name, definition, roleArn, type, publish }],
  ],
  'aws:cloudwatch/eventRule:EventRule': ({
    name,
    description,
    eventPattern,
    scheduleExpression,
    eventBusName,
  }) => [
    [
      'events',
      'put_rule',
      defined({
        Name: name,
        Description: description,
        EventPattern: eventPattern,
        ScheduleExpression: scheduleExpression,
        EventBusName: eventBusName,
      }),
    ],
  ],
  'aws:cloudwatch/eventTarget:EventTarget': ({ rule, arn, eventBusName, deadLetterConfig, retryPolicy }) => [
    [
      'events',
      'put_targets',
      defined({
        Rule: rule,
        EventBusName: eventBusName,
        Targets: [
          {
            Id: 'target',
            Arn: arn,
            DeadLetterConfig: capital(deadLetterConfig),
            RetryPolicy: capital(retryPolicy),
          },
        ],
      }),
    ],
  ],
  'aws:cloudwatch/metricAlarm:MetricAlarm': (inputs) => [
    [
      'cloudwatch',
      'put_metric_alarm',
      defined({
        AlarmName: inputs.name,
        AlarmDescription: inputs.alarmDescription,
        Namespace: inputs.namespace,
        MetricName: inputs.metricName,
        Dimensions: Object.entries((inputs.dimensions ?? {}) as Record<string, string>).map(
          ([Name, Value]) => ({ Name, Value }),
        ),
        Statistic: inputs.statistic,
        Period: inputs.period,
        EvaluationPeriods: inputs.evaluationPeriods,
        Threshold: inputs.threshold,
        ComparisonOperator: inputs.comparisonOperator,
        TreatMissingData: inputs.treatMissingData,
        AlarmActions: inputs.alarmActions,
      }),
    ],
  ],
  'aws:cloudwatch/dashboard:Dashboard': ({ dashboardName, dashboardBody }) => [
    ['cloudwatch', 'put_dashboard', { DashboardName: dashboardName, DashboardBody: dashboardBody }],
  ],
}

const capitalOnce = (value: unknown): unknown =>
  value === undefined ? undefined : { Variables: (value as { variables: Record<string, string> }).variables }

/** Pulumi's types that no call is made for here, and why. */
export const notMade: Readonly<Record<string, string>> = {
  'aws:lambda/permission:Permission': 'this emulator takes no permission for function URLs',
  'aws:sfn/alias:Alias': 'this emulator has no aliases of state machines',
}

/** The calls that make the resources of a synthesis, and the types that nobody has said a call for. */
export const callsFor = (resources: readonly Resource[]): { calls: EmulatorCall[]; unknown: string[] } => {
  const types = [...new Set(resources.map(({ type }) => type))].filter((type) => type.startsWith('aws:'))
  const unknown = types.filter((type) => !Object.hasOwn(making, type) && !Object.hasOwn(notMade, type))
  const buckets = new Set(
    resources.flatMap(({ type, inputs }) => (type.includes('bucketObject') ? [String(inputs.bucket)] : [])),
  )
  const calls = [...buckets].map(
    (Bucket): EmulatorCall => ({
      of: `bucket ${Bucket}`,
      service: 's3',
      operation: 'create_bucket',
      input: { Bucket, CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } },
    }),
  )
  for (const [type, make] of Object.entries(making))
    for (const { name, inputs } of resources.filter((resource) => resource.type === type))
      calls.push(
        ...make(inputs).map(
          ([service, operation, input]): EmulatorCall => ({
            of: `${type} ${name}`,
            service,
            operation,
            input,
          }),
        ),
      )
  return { calls, unknown }
}

export const emulatedAccount = account
