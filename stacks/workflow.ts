import type { Config } from '../core/config.ts'
import { render } from '../workflows/render.ts'
import { definitionTemplate, type EnablementFunction } from './enablement.ts'
import { logRetention, physicalName, trustOf } from './function.ts'

/** The state machine that every trigger starts, with its own role and log. */
export const workflow = (config: Config, functions: EnablementFunction[]): aws.sfn.StateMachine => {
  const name = physicalName('Enable')
  const text = definitionTemplate()
  const arns = $util.all(Object.fromEntries(functions.map(({ name, fn }) => [name, fn.arn])))
  const log = new aws.cloudwatch.LogGroup('EnableLog', {
    // Log groups under this prefix need no resource policy of their own, whose size is limited.
    name: `/aws/vendedlogs/states/${name}`,
    retentionInDays: logRetention().days,
  })
  const role = new aws.iam.Role('EnableRole', {
    name,
    assumeRolePolicy: trustOf('states.amazonaws.com', config.account),
    inlinePolicies: [
      {
        name: 'invoke',
        policy: arns.apply((byName) =>
          JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: Object.values(byName) },
              logDelivery,
              tracing,
            ],
          }),
        ),
      },
    ],
  })
  return new aws.sfn.StateMachine('Enable', {
    name,
    type: 'STANDARD',
    roleArn: role.arn,
    definition: arns.apply((byName) => render(text, byName)),
    loggingConfiguration: {
      level: 'ALL',
      // The data of a state that waits for a person hold its task token, which is a capability.
      includeExecutionData: false,
      logDestination: $interpolate`${log.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
  })
}

/** Log delivery is set up for the account as a whole: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const logDelivery = {
  Effect: 'Allow',
  Action: [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
  ],
  Resource: '*',
}

/** X-Ray takes no resource: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const tracing = {
  Effect: 'Allow',
  Action: [
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
  Resource: '*',
}
