import type { AwsStandIn, RoleSession } from '../../aws/index.ts'
import type { LocalClock } from '../../clock.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { Store } from '../../kubernetes/store/store.ts'

/** The variable that makes the application go on calling AWS while it runs, every so many seconds. */
export const callsEvery = 'CALLS_EVERY_SECONDS'

/** The calls that the applications of an account have made while they ran. */
export interface Tally {
  made: number
  /** By which roles, and how often. */
  by: Map<string, number>
  /** What AWS or the agent said, with the pod that it was said to. */
  failed: string[]
}

const tallies = new WeakMap<AwsStandIn, Tally>()

/** What was counted so far; it goes on counting. */
export const tallyOf = (aws: AwsStandIn): Tally => {
  const tally = tallies.get(aws) ?? { made: 0, by: new Map(), failed: [] }
  tallies.set(aws, tally)
  return tally
}

interface Caller {
  aws: AwsStandIn
  store: Store
  clock: LocalClock
  pod: { metadata: { namespace?: string; name: string; uid: string } }
  container: string
  everyMs: number
  /** Asks for credentials and calls AWS with them, as an SDK without a cache of its own would. */
  call: () => RoleSession | { error: string }
}

/** How many calls are said in one line of the log. */
const callsInLine = 60

/**
 * Calls AWS for as long as the container runs, and counts. It asks for credentials at every call, which is harder than what SDKs do: they keep
 * what they have until it expires. A failure is a line of the log at once.
 */
export const keepCalling = (
  { aws, store, clock, pod, container, everyMs, call }: Caller,
  write: (text: string) => void,
): void => {
  const tally = tallyOf(aws)
  const { namespace, name, uid } = pod.metadata
  const isRunning = (): boolean => {
    const found = store.get(resources.pods, namespace, name)
    const state = found?.status?.containerStatuses?.find((one) => one.name === container)?.state
    return found?.metadata.uid === uid && state?.running !== undefined
  }
  let made = 0
  let failed = 0
  const next = () =>
    clock.after(everyMs, () => {
      if (!isRunning()) return
      const session = call()
      made += 1
      tally.made += 1
      if ('error' in session) {
        failed += 1
        tally.failed.push(`${name}: ${session.error}`)
        write(`carts: a call failed: ${session.error}\n`)
      } else tally.by.set(session.roleName, (tally.by.get(session.roleName) ?? 0) + 1)
      if (made % callsInLine === 0) write(`carts: ${made} calls, ${failed} failed\n`)
      next()
    })
  next()
}
