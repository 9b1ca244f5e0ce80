import { isObject } from '../../../../local/json-object.ts'

/** A place at which an answer is not what was recorded. */
export interface Difference {
  path: string
  recorded: string
  answered: string
}

type Kind = 'uid' | 'resourceVersion'

/** Recorded uids, versions and generations, and what stands for them in this run. */
export class Translation {
  readonly #known = { uid: new Map<string, string>(), resourceVersion: new Map<string, string>() }
  readonly #generations: number

  /** `generations` is by how much this run's generation is ahead of the recorded one. */
  constructor(generations: number) {
    this.#generations = generations
  }

  learn(kind: Kind, recorded: string, actual: string): void {
    this.#known[kind].set(recorded, actual)
  }

  /** What a recorded uid or version is in this run; what is met for the first time is taken as answered. */
  expected(kind: Kind, recorded: string, answered: unknown): unknown {
    const known = this.#known[kind].get(recorded)
    if (known !== undefined) return known
    if (typeof answered === 'string') this.learn(kind, recorded, answered)
    return answered
  }

  generation(recorded: number): number {
    return recorded + this.#generations
  }

  /** A recorded path with its `resourceVersion` of this run: versions never seen are the present one, 1 stays. */
  path(recorded: string, present: number): string {
    return recorded.replace(/(?<=[?&]resourceVersion=)\d+/, (version) =>
      Number(version) <= 1 ? version : (this.#known.resourceVersion.get(version) ?? String(present)),
    )
  }

  /** A recorded body with the uids and versions of this run. */
  request(recorded: unknown): unknown {
    if (Array.isArray(recorded)) return recorded.map((element) => this.request(element))
    if (!isObject(recorded)) return recorded
    return Object.fromEntries(
      Object.entries(recorded).map(([key, value]) => {
        const known =
          (key === 'uid' || key === 'resourceVersion') && typeof value === 'string'
            ? this.#known[key].get(value)
            : undefined
        return [key, known ?? this.request(value)]
      }),
    )
  }
}

/** Times of day, which no two runs share. */
const times = new Set(['creationTimestamp', 'time'])

/** Everything in which an answer differs from what was recorded. */
export const differencesOf = (
  path: string,
  recorded: unknown,
  answered: unknown,
  translation: Translation,
): Difference[] => {
  const key = path.split('.').at(-1) ?? ''
  if (times.has(key) && typeof recorded === 'string' && typeof answered === 'string') return []
  if ((key === 'uid' || key === 'resourceVersion') && typeof recorded === 'string')
    return compare(path, translation.expected(key, recorded, answered), answered)
  if ((key === 'generation' || key === 'observedGeneration') && typeof recorded === 'number')
    return compare(path, key === 'generation' ? translation.generation(recorded) : recorded, answered)
  if (key === 'message' && typeof recorded === 'string' && typeof answered === 'string')
    return compare(path, withoutVersions(recorded), withoutVersions(answered))
  if (isObject(recorded) && isObject(answered))
    return [...new Set([...Object.keys(recorded), ...Object.keys(answered)])].flatMap((name) =>
      differencesOf(`${path}.${name}`, recorded[name], answered[name], translation),
    )
  if (key === 'nonResourceRules' && Array.isArray(recorded) && Array.isArray(answered))
    return compare(path, sorted(recorded), sorted(answered))
  if (Array.isArray(recorded) && Array.isArray(answered))
    return Array.from({ length: Math.max(recorded.length, answered.length) }).flatMap((_, index) =>
      differencesOf(`${path}.${index}`, recorded[index], answered[index], translation),
    )
  return compare(path, recorded, answered)
}

const compare = (path: string, recorded: unknown, answered: unknown): Difference[] =>
  recorded === answered ? [] : [{ path, recorded: show(recorded), answered: show(answered) }]

/** A message about versions that are too old, whichever they were. */
const withoutVersions = (message: string): string =>
  message.replace(/too old resource version: \d+ \(\d+\)/, 'too old resource version: # (#)')

/** A list whose order is that of the server's cache, as text. */
const sorted = (list: unknown[]): string =>
  list
    .map((element) => JSON.stringify(element))
    .sort()
    .join()

const show = (value: unknown): string => JSON.stringify(value) ?? 'nothing'
