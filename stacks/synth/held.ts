import type { Resource, Synthesis } from './synth.ts'

/** What holds data, or what others know by its address, and so must outlive a deployment. */
export interface Held {
  /** Pulumi's type and the logical name: `aws:dynamodb/table:Table Records`. */
  resource: string
  /** The inputs that Pulumi cannot change without replacing it. */
  fixed: Record<string, unknown>
}

/**
 * The types, what is lost with one, and the inputs that replace one where they change: those that the provider's pages at
 * https://www.pulumi.com/registry/packages/aws/api-docs say force a new resource.
 */
const kinds: Readonly<Record<string, { lost: string; fixed: readonly string[] }>> = {
  'aws:dynamodb/table:Table': {
    lost: 'the records',
    fixed: ['name', 'hashKey', 'rangeKey', 'attributes', 'localSecondaryIndexes'],
  },
  'aws:sqs/queue:Queue': { lost: 'the dead letters', fixed: ['name', 'fifoQueue'] },
  'aws:cloudwatch/logGroup:LogGroup': { lost: 'the logs', fixed: ['name', 'logGroupClass'] },
  'aws:sfn/stateMachine:StateMachine': {
    lost: 'the histories of runs, and those under way',
    fixed: ['name', 'type'],
  },
  'aws:cloudwatch/eventBus:EventBus': { lost: "other people's rules", fixed: ['name'] },
  'aws:sns/topic:Topic': { lost: 'confirmed subscriptions', fixed: ['name', 'fifoTopic'] },
  'aws:kms/key:Key': { lost: 'what it encrypted', fixed: ['keyUsage', 'customerMasterKeySpec'] },
  'aws:iam/role:Role': { lost: 'access to clusters, whose entries name it', fixed: ['name', 'path'] },
  'aws:lambda/function:Function': {
    lost: 'the versions that runs under way call',
    fixed: ['name', 'packageType'],
  },
  'aws:lambda/functionUrl:FunctionUrl': {
    lost: 'the address that Slack and callers have',
    fixed: ['functionName', 'qualifier'],
  },
}

/** What an upgrade must neither remove nor replace, by type and logical name. */
export const heldBy = ({ resources }: Pick<Synthesis, 'resources'>): Held[] =>
  resources
    .flatMap((resource) => {
      const kind = kinds[resource.type]
      return kind ? [{ resource: idOf(resource), fixed: pick(resource.inputs, kind.fixed) }] : []
    })
    .sort((one, other) => (one.resource < other.resource ? -1 : 1))

/**
 * What an upgrade from one version to another would lose, a sentence each. A resource that a release removes on purpose is
 * taken out of the recording by hand, with a line in CHANGELOG.md.
 */
export const lostBetween = (before: readonly Held[], now: readonly Held[]): string[] =>
  before.flatMap(({ resource, fixed }) => {
    const found = now.find((one) => one.resource === resource)
    const lost = kinds[resource.split(' ')[0] ?? '']?.lost ?? 'it'
    if (!found) return [`${resource} is gone: ${lost} would be deleted`]
    return Object.keys({ ...fixed, ...found.fixed })
      .filter((field) => JSON.stringify(fixed[field]) !== JSON.stringify(found.fixed[field]))
      .map((field) => `${resource} has another ${field} and would be replaced: ${lost} would be deleted`)
  })

const idOf = ({ type, name }: Resource): string => `${type} ${name}`

const pick = (inputs: Record<string, unknown>, fields: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(fields.flatMap((field) => (inputs[field] === undefined ? [] : [[field, inputs[field]]])))
