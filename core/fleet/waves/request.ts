import * as z from 'zod'
import { faultsOfIssue, invalidRequest, requestFaults } from '../../request-input.ts'
import { quote } from '../../text/quote.ts'
import { faultLine } from '../../text/value-fault.ts'
import { RolloutFields, RolloutSettings } from './settings.ts'

/** A binding on one cluster, by the name it has in a table, with the input of its run. */
export const PlainItem = z.strictObject({
  name: z.string().min(1).max(300),
  input: z.record(z.string(), z.unknown()),
})
export type PlainItem = z.output<typeof PlainItem>

/** The name of an execution, as Step Functions takes it. */
const ExecutionName = z.string().regex(/^[\w.-]{1,80}$/, { error: 'is not the name of an execution' })

/** What a rollout is asked for; the settings of podid.yaml stand where a field is left out. */
const FleetRequestInput = z.strictObject({
  /** plan: only which waves there would be. undo: put back what earlier waves changed. */
  mode: z.enum(['enable', 'plan', 'undo']).default('enable'),
  /** Bindings of the stage's podid.yaml by their names, or all of them. */
  bindings: z.union([z.literal('all'), z.array(z.string()).min(1).max(1000)]).optional(),
  /** Only on these clusters. */
  clusters: z.array(z.string()).max(1000).optional(),
  /** Bindings on clusters, spelt out. */
  items: z.array(PlainItem).max(10_000).optional(),
  /** Where the bucket of the stage has such a list, as JSON: for lists that are longer than an input may be. */
  itemsAt: z
    .string()
    .regex(/^inputs\/[\w.-]{1,200}$/, { error: 'is not a key below inputs/ of the bucket of the stage' })
    .optional(),
  /** With mode undo: which waves of which rollout; all of them unless said. */
  undo: z
    .strictObject({
      rollout: ExecutionName,
      waves: z.array(z.int().min(1)).min(1).max(100).optional(),
    })
    .optional(),
  ...RolloutFields.shape,
})

/** A rollout's request: what it is about, and how it goes about it. */
export interface FleetRequest {
  mode: 'enable' | 'plan' | 'undo'
  subject:
    | { of: 'settings'; bindings: 'all' | string[]; clusters: string[] | undefined }
    | { of: 'items'; items: PlainItem[] }
    | { of: 'object'; key: string }
    | { of: 'rollout'; rollout: string; waves: number[] | undefined }
  settings: RolloutSettings
}

/**
 * Reads the input of a rollout's execution.
 * @param usual what podid.yaml says of rollouts
 * @throws InvalidRequest naming every fault by its field
 */
export const readFleetRequest = (
  input: unknown,
  usual: Partial<z.input<typeof RolloutSettings>>,
): FleetRequest => {
  const parsed = FleetRequestInput.safeParse(input)
  if (!parsed.success) throw invalidRequest(faultsIn(parsed.error))
  const { mode, bindings, clusters, items, itemsAt, undo, ...own } = parsed.data
  const settings = RolloutSettings.safeParse({ ...usual, ...given(own, input) })
  if (!settings.success) throw invalidRequest(faultsIn(settings.error))
  const subjects: FleetRequest['subject'][] = [
    ...(bindings ? [{ of: 'settings' as const, bindings, clusters }] : []),
    ...(items ? [{ of: 'items' as const, items }] : []),
    ...(itemsAt ? [{ of: 'object' as const, key: itemsAt }] : []),
    ...(undo ? [{ of: 'rollout' as const, ...undo, waves: undo.waves }] : []),
  ]
  const [subject] = subjects
  if (!subject || subjects.length > 1)
    throw invalidRequest([
      `bindings, items, itemsAt and undo: a rollout has one of them, and this has ${subjects.length}`,
    ])
  if ((mode === 'undo') !== (subject.of === 'rollout'))
    throw invalidRequest([
      mode === 'undo'
        ? 'undo: is missing; mode undo needs the rollout whose waves are to be undone'
        : `undo: goes with mode undo only, and the mode is ${mode}`,
    ])
  if (clusters && subject.of !== 'settings')
    throw invalidRequest(['clusters: goes with bindings only, which have patterns of clusters'])
  return { mode, subject, settings: settings.data }
}

const faultsIn = ({ issues }: z.ZodError): string[] =>
  issues.flatMap((issue) => faultsOfIssue(issue, 'a rollout')).map(faultLine)

/** The fields that an input has: defaults must not stand in the place of the settings'. */
const given = <Fields extends object>(fields: Fields, input: unknown): Partial<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([name]) => Object.hasOwn(input as object, name)),
  ) as Partial<Fields>

/** A binding as one item of a Map: what tells it apart, the name of its run and that run's input. */
export interface WaveItem {
  binding: string
  cluster: string
  region: string
  namespace: string
  serviceAccount: string
  /** The name of its execution. */
  run: string
  input: Record<string, unknown>
}

/** A binding of a rollout that has no run yet. */
export type FleetItem = Omit<WaveItem, 'run'>

/**
 * The bindings of a list, each with its region.
 * @throws InvalidRequest naming every fault by its binding, and every ServiceAccount that comes twice
 */
export const fleetItems = (
  items: readonly PlainItem[],
  where: { account: string; region: string },
): FleetItem[] => {
  const read = items.map(({ name, input }): FleetItem => {
    const { cluster, namespace, serviceAccount } = input
    const region = typeof input.region === 'string' ? input.region : where.region
    return {
      binding: name,
      cluster: String(cluster),
      region,
      namespace: String(namespace),
      serviceAccount: String(serviceAccount),
      input: { ...input, region },
    }
  })
  const faults = read.flatMap((item) =>
    requestFaults(item.input, where.account).map((fault) => `${titleOf(item)}: ${faultLine(fault)}`),
  )
  const twice = [...Map.groupBy(read, placeOf)].filter(([, { length }]) => length > 1)
  if (faults.length > 0 || twice.length > 0)
    throw invalidRequest([
      ...faults,
      ...twice.map(
        ([place, them]) =>
          `${them.map(({ binding }) => binding).join(' and ')} are both for ${place}: of these only one can be done at a time`,
      ),
    ])
  return read
}

const placeOf = ({ region, cluster, namespace, serviceAccount }: FleetItem): string =>
  `${namespace}/${serviceAccount} on ${cluster} in ${region}`

/** `carts on shop-blue`. */
export const titleOf = ({ binding, cluster }: Pick<FleetItem, 'binding' | 'cluster'>): string =>
  `${binding} on ${cluster}`

/** The names of a rollout's runs begin with this: they are shown with the rollout, not each by itself. */
export const runPrefix = 'rollout-'

/**
 * The name of a binding's run: the same whenever the rollout asks, so that what is asked twice is one run.
 * @param digest of the rollout's name, for one that is too long
 */
export const waveRunName = (
  rollout: string,
  { wave, index, undo }: { wave: number; index: number; undo: boolean },
  digest: string,
): string => {
  return `${runsBeginWith(rollout, digest)}${undo ? 'u' : 'w'}${wave}-${index}`
}

/** How the names of a rollout's runs begin. @param digest of its name, for one that is too long */
export const runsBeginWith = (rollout: string, digest: string): string => {
  const plain = rollout.startsWith(runPrefix) ? rollout.slice(runPrefix.length) : rollout
  const base = plain.length <= 40 ? plain : `${plain.slice(0, 27)}-${digest.slice(0, 12)}`
  return `${runPrefix}${base}-`
}

/**
 * The rollout that a run is of; undefined where it is no rollout's, or where the rollout's name is too long to stand in the
 * run's: those that somebody requests in Slack or through the webhook have short ones.
 */
export const rolloutOfRun = (run: string): string | undefined => waveOfRun(run)?.beginsWith.slice(0, -1)

/** What puts back at once what a run of a rollout changed that was stopped has that run's name, and this. */
export const putBack = '-back'

/** Which wave of its rollout a run is of, and how the names of all of that rollout's runs begin; undefined where it is no rollout's. */
export const waveOfRun = (run: string): { beginsWith: string; wave: number; undo: boolean } | undefined => {
  const [, beginsWith, kind, wave, after] = /^(rollout-.+-)([wu])(\d+)-\d+(-r\d+|-back)?$/.exec(run) ?? []
  return beginsWith === undefined
    ? undefined
    : { beginsWith, wave: Number(wave), undo: kind === 'u' || after === putBack }
}

/** The bindings that a request names and settings do not have. */
export const unknownBindings = (wanted: readonly string[], known: readonly string[]): string[] =>
  wanted
    .filter((name) => !known.includes(name))
    .map((name) => `bindings: there is no binding ${quote(name)} in podid.yaml`)
