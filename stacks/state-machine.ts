import type { Config } from '../core/config.ts'
import { liveAlias } from '../core/names.ts'
import { render } from '../workflows/render.ts'
import { logRetention, physicalName, trustOf } from './function.ts'
import type { StepFunction } from './step-function.ts'

/** The state machine, and the alias that every trigger starts. */
export interface Workflow {
  machine: aws.sfn.StateMachine
  live: aws.sfn.Alias
}

export interface MachineOptions {
  /** What its resources are called: `Enable`. */
  id: string
  /** The definition with its placeholders; those that are no functions have their values in `values`. */
  text: string
  values?: Record<string, $util.Input<string>>
  functions: readonly StepFunction[]
  /** The name of its role's policy, and what that allows besides calling the functions, writing its log and tracing. */
  policy: string
  statements?: readonly object[]
  /** What its alias is for. */
  description: string
}

/**
 * A state machine with its own role and log. Each deployment that changes anything publishes a version of it, which names
 * the functions by the versions that were published with it, so that a run under way ends with the code that it began with.
 * The alias leads to the latest version; back to an earlier one leads one command (docs/deploy.md).
 */
export const stateMachine = (
  { account }: Pick<Config, 'account'>,
  { id, text, values = {}, functions, policy, statements = [], description }: MachineOptions,
): Workflow => {
  const name = physicalName(id)
  const filled = $util.all({
    ...values,
    ...Object.fromEntries(functions.map(({ name, versionArn }) => [name, versionArn])),
  })
  const invoked = $util.all(functions.map(({ fn }) => $interpolate`${fn.arn}:*`))
  const log = new aws.cloudwatch.LogGroup(`${id}Log`, {
    // Log groups under this prefix need no resource policy of their own, whose size is limited.
    name: `/aws/vendedlogs/states/${name}`,
    retentionInDays: logRetention().days,
  })
  const role = new aws.iam.Role(`${id}Role`, {
    name,
    assumeRolePolicy: trustOf('states.amazonaws.com', account),
    inlinePolicies: [
      {
        name: policy,
        policy: invoked.apply((every) =>
          JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              // Every version of theirs, and not the unpublished code: runs under way call versions of earlier deployments.
              { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: every },
              ...statements,
              logDelivery,
              tracing,
            ],
          }),
        ),
      },
    ],
  })
  const machine = new aws.sfn.StateMachine(id, {
    name,
    type: 'STANDARD',
    roleArn: role.arn,
    definition: filled.apply((byName) => render(text, byName)),
    publish: true,
    loggingConfiguration: {
      level: 'ALL',
      // The data of a state that waits for a person hold its task token, which is a capability.
      includeExecutionData: false,
      logDestination: $interpolate`${log.arn}:*`,
    },
    tracingConfiguration: { enabled: true },
  })
  const live = new aws.sfn.Alias(`${id}Live`, {
    name: liveAlias,
    description,
    routingConfigurations: [{ stateMachineVersionArn: machine.stateMachineVersionArn, weight: 100 }],
  })
  return { machine, live }
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
