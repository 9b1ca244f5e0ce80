/** A resource as its stack declares it. */
interface Resource {
  /** Pulumi's type: `aws:lambda/function:Function`. */
  type: string
  name: string
  inputs: Record<string, unknown>
}

/** A limit of AWS's that a stage could pass, in what AWS counts, with its source and what helps. */
interface Limit {
  what: string
  most: number
  unit: 'characters' | 'bytes' | 'policies'
  source: string
  remedy: string
}

const iamQuotas = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html'
const nameRemedy = 'choose a shorter name for the stage (--stage)'
const fewerRoles =
  'name the roles by patterns (rolePatterns in podid.yaml), name clusters by patterns (shop-*), or divide the bindings among stages'

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
    source: 'https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html',
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
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html',
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
    remedy: 'report it: nothing in podid.yaml changes it',
  },
  environment: {
    what: "a function's environment variables, names and values together",
    most: 4096,
    unit: 'bytes',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html',
    remedy: nameRemedy,
  },
  eventPattern: {
    what: 'an event pattern',
    most: 2048,
    unit: 'characters',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html',
    remedy: 'report it: nothing in podid.yaml changes it',
  },
  definition: {
    what: "a state machine's definition",
    most: 1_048_576,
    unit: 'bytes',
    source: 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html',
    remedy: 'report it: nothing in podid.yaml changes it',
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

const bytes = (text: unknown): number => new TextEncoder().encode(String(text ?? '')).length

type Measure = (resource: Resource) => [name: LimitName, measured: number][]

const measures: Readonly<Record<string, Measure>> = {
  'aws:iam/role:Role': ({ inputs }) => [
    ['roleName', String(inputs.name).length],
    [
      'inlinePolicies',
      ((inputs.inlinePolicies ?? []) as { policy: string }[]).reduce(
        (sum, { policy }) => sum + policySize(policy),
        0,
      ),
    ],
    ['managedPolicies', ((inputs.managedPolicyArns ?? []) as unknown[]).length],
    ['trustPolicy', policySize(String(inputs.assumeRolePolicy))],
  ],
  'aws:iam/policy:Policy': ({ inputs }) => [['managedPolicy', policySize(String(inputs.policy))]],
  'aws:lambda/function:Function': ({ inputs }) => [
    ['functionName', String(inputs.name).length],
    [
      'environment',
      Object.entries(
        ((inputs.environment ?? {}) as { variables?: Record<string, string> }).variables ?? {},
      ).reduce((sum, [name, value]) => sum + bytes(name) + bytes(value), 0),
    ],
  ],
  'aws:sfn/stateMachine:StateMachine': ({ inputs }) => [
    ['stateMachineName', String(inputs.name).length],
    ['definition', bytes(inputs.definition)],
  ],
  'aws:cloudwatch/eventRule:EventRule': ({ inputs }) => [
    ['ruleName', String(inputs.name).length],
    ['eventPattern', String(inputs.eventPattern ?? '').length],
  ],
}

/** Every limit that a synthesized resource passes, a sentence each; none where AWS would take them all. */
export const limitFaults = (resources: readonly Resource[]): string[] =>
  resources.flatMap((resource) =>
    (measures[resource.type]?.(resource) ?? []).flatMap(([name, measured]) => {
      const fault = passed(String(resource.inputs.name ?? resource.name), name, measured)
      return fault === undefined ? [] : [fault]
    }),
  )
