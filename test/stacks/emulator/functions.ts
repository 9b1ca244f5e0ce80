import { type Boto3Call, capital, defined, lastPart, type Making } from './shapes.ts'

/** What runs, and what it may do. */
export const makingFunctions: Making = {
  'aws:kms/key:Key': ({ description, policy }) => [
    ['kms', 'create_key', { Description: description, Policy: policy }],
  ],
  'aws:iam/policy:Policy': ({ name, policy, description }) => [
    ['iam', 'create_policy', { PolicyName: name, PolicyDocument: policy, Description: description }],
  ],
  'aws:iam/role:Role': ({ name, assumeRolePolicy, inlinePolicies = [], managedPolicyArns = [] }) => [
    ['iam', 'create_role', { RoleName: name, AssumeRolePolicyDocument: assumeRolePolicy }],
    ...(inlinePolicies as { name: string; policy: string }[]).map(
      (inline, index): Boto3Call => [
        'iam',
        'put_role_policy',
        { RoleName: name, PolicyName: inline.name ?? `inline-${index}`, PolicyDocument: inline.policy },
      ],
    ),
    ...(managedPolicyArns as string[]).map(
      (PolicyArn): Boto3Call => ['iam', 'attach_role_policy', { RoleName: name, PolicyArn }],
    ),
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
          ] as Boto3Call,
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
  'aws:lambda/permission:Permission': (inputs) => [
    [
      'lambda',
      'add_permission',
      defined({
        FunctionName: lastPart(inputs.function),
        Qualifier: inputs.qualifier,
        // Pulumi's provider makes one up where there is none.
        StatementId: inputs.statementId ?? `podid-${lastPart(inputs.sourceArn ?? inputs.action)}`,
        Action: inputs.action,
        Principal: inputs.principal,
        SourceArn: inputs.sourceArn,
        FunctionUrlAuthType: inputs.functionUrlAuthType,
        InvokedViaFunctionUrl: inputs.invokedViaFunctionUrl,
      }),
    ],
  ],
  'aws:sfn/stateMachine:StateMachine': ({
    name,
    definition,
    roleArn,
    type,
    publish,
    loggingConfiguration,
    tracingConfiguration,
  }) => [
    [
      'stepfunctions',
      'create_state_machine',
      {
        name,
        definition,
        roleArn,
        type,
        publish,
        loggingConfiguration: logging(loggingConfiguration as LoggingInputs),
        tracingConfiguration,
      },
    ],
  ],
  'aws:sfn/alias:Alias': ({ name, description, routingConfigurations }) => [
    [
      'stepfunctions',
      'create_state_machine_alias',
      { name, description, routingConfiguration: routingConfigurations },
    ],
  ],
}

const capitalOnce = (value: unknown): unknown =>
  value === undefined ? undefined : { Variables: (value as { variables: Record<string, string> }).variables }

interface LoggingInputs {
  level: string
  includeExecutionData: boolean
  logDestination: string
}

const logging = ({ level, includeExecutionData, logDestination }: LoggingInputs) => ({
  level,
  includeExecutionData,
  destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logDestination } }],
})
