import { AsyncResource, createHook, executionAsyncId } from 'node:async_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Something that a function's call began. */
interface Begun {
  function: string
  /** As node:async_hooks names it: Timeout, PROMISE, TLSWRAP. */
  type: string
  /** Holds where it was begun, of what may stay by that. Written out only where it is needed. */
  at: Error | undefined
}

/** Of each promise too, which takes as long as all else: to find where one was begun that is left behind. */
const stacksOfPromises = process.env.PODID_STACKS === '1'

/** A Timeout or an Immediate. */
interface Timer {
  /** Whether it will never run again. A hook `destroy` would say it too, and would have all promises followed until they are collected. */
  _destroyed: boolean
}

/** What functions leave behind when they have answered. */
export interface LeftBehind {
  /** Calls a function as Lambda does: what the answer did not wait for, and does not end in the same turn, is left. */
  call<Answer>(name: string, run: () => Promise<Answer>): Promise<Answer>
  /** The functions that were called. */
  called: Set<string>
  /** Timers that wait after the answer, and whatever ran after it, but for what may: a line each. */
  found(): string[]
  stop(): void
}

/**
 * Follows all that calls of functions begin, by the asynchronous context it was begun in. Each function must have
 * clients and pools of its own, as it has in its sandbox, and be called once at a time. `mayStay` names what may
 * outlive an answer, by where it was begun; a promise never may.
 */
export const watchWhatIsLeft = (mayStay: readonly RegExp[]): LeftBehind => {
  const begun = new Map<number, Begun>()
  const live = new Map<Timer, Begun>()
  const answered = new Set<string>()
  const called = new Set<string>()
  const left = new Map<string, number>()
  const note = (what: string, { function: name, type, at }: Begun) => {
    const stack = at
      ? String(at.stack).split('\n').slice(2, 12).join('\n')
      : 'a place that PODID_STACKS=1 shows'
    // A promise that comes to something after the answer is work, whoever began it.
    if (type !== 'PROMISE' && mayStay.some((pattern) => pattern.test(stack))) return
    const line = `${name}: ${type} ${what}, begun at ${stack}`
    left.set(line, (left.get(line) ?? 0) + 1)
  }
  const hook = createHook({
    init: (id, type, _trigger, resource) => {
      const parent = begun.get(executionAsyncId())
      if (!parent) return
      const follows = type !== 'PROMISE' || stacksOfPromises
      const thing = { function: parent.function, type, at: follows ? new Error() : undefined }
      begun.set(id, thing)
      if (type === 'Timeout' || type === 'Immediate') live.set(resource as Timer, thing)
    },
    before: (id) => {
      const thing = begun.get(id)
      if (thing && answered.has(thing.function)) note('ran', thing)
    },
  }).enable()
  return {
    called,
    call: async (name, run) => {
      called.add(name)
      answered.delete(name)
      const root = new AsyncResource('FUNCTION')
      begun.set(root.asyncId(), { function: name, type: 'FUNCTION', at: new Error() })
      try {
        return await root.runInAsyncScope(run)
      } finally {
        await nextTurn()
        answered.add(name)
        for (const [timer, thing] of live)
          if (thing.function === name) {
            live.delete(timer)
            if (!timer._destroyed) note('waits', thing)
          }
      }
    },
    found: () => [...left].map(([line, times]) => `${times} x ${line}`),
    stop: () => void hook.disable(),
  }
}
