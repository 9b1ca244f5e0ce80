import type { LocalClock } from '../../clock.ts'
import type { Rule } from './rule.ts'

/** Timers hold about 24 days at most; a longer wait is taken in pieces. */
const longestWaitMs = 86_400_000

/** Lets rules come due by their schedules, once it is started. A rate counts from when its rule was put. */
export class Timetable {
  readonly #clock: LocalClock
  readonly #due: (rule: Rule) => void
  readonly #waiting = new Map<string, () => void>()
  #started = false

  constructor(clock: LocalClock, due: (rule: Rule) => void) {
    this.#clock = clock
    this.#due = due
  }

  start(rules: readonly Rule[]): void {
    this.#started = true
    for (const rule of rules) this.set(rule)
  }

  /** The rule is new, or has changed. */
  set(rule: Rule): void {
    this.remove(rule.name)
    if (!this.#started || !rule.enabled || !rule.schedule) return
    const at = rule.schedule.next(this.#clock.now())
    if (at !== undefined) this.#wait(rule, at)
  }

  remove(name: string): void {
    this.#waiting.get(name)?.()
    this.#waiting.delete(name)
  }

  stop(): void {
    this.#started = false
    for (const name of [...this.#waiting.keys()]) this.remove(name)
  }

  #wait(rule: Rule, at: number): void {
    const left = at - this.#clock.now()
    const cancel = this.#clock.after(Math.min(left, longestWaitMs), () => {
      if (this.#clock.now() < at) return this.#wait(rule, at)
      const next = rule.schedule?.next(at)
      this.#waiting.delete(rule.name)
      if (next !== undefined) this.#wait(rule, next)
      this.#due(rule)
    })
    this.#waiting.set(rule.name, cancel)
  }
}
