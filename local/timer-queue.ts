import TinyQueue from 'tinyqueue'

/** Something that falls due. */
export interface Timer {
  at: number
  run: () => void
}

interface Entry {
  timer: Timer
  /** Of those that fall due at once, the one that was added first comes first. */
  order: number
}

const compare = (one: Entry, other: Entry): number => one.timer.at - other.timer.at || one.order - other.order

/** Timers by when they fall due, in a heap: a fleet has tens of thousands. */
export class TimerQueue {
  #heap = new TinyQueue<Entry>([], compare)
  #count = 0
  /** Those that were called off stay in the heap until they come up, or are too many. */
  readonly #live = new Set<Timer>()

  add(timer: Timer): void {
    this.#live.add(timer)
    this.#heap.push({ timer, order: this.#count++ })
  }

  delete(timer: Timer): void {
    this.#live.delete(timer)
    if (this.#heap.length < 2 * this.#live.size + 100) return
    this.#heap = new TinyQueue(
      this.#heap.data.filter((entry) => this.#live.has(entry.timer)),
      compare,
    )
  }

  /** The one that falls due next; undefined where there is none. */
  earliest(): Timer | undefined {
    for (let first = this.#heap.peek(); first && !this.#live.has(first.timer); first = this.#heap.peek())
      this.#heap.pop()
    return this.#heap.peek()?.timer
  }

  clear(): void {
    this.#heap = new TinyQueue<Entry>([], compare)
    this.#live.clear()
  }
}
