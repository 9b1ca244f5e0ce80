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

/** Timers by when they fall due: a binary heap, since a fleet has tens of thousands. */
export class TimerQueue {
  #heap: Entry[] = []
  #count = 0
  /** Those that were called off stay in the heap until they come up, or are too many. */
  readonly #live = new Set<Timer>()

  add(timer: Timer): void {
    this.#live.add(timer)
    this.#heap.push({ timer, order: this.#count++ })
    this.#rise(this.#heap.length - 1)
  }

  delete(timer: Timer): void {
    this.#live.delete(timer)
    if (this.#heap.length < 2 * this.#live.size + 100) return
    this.#heap = this.#heap.filter((entry) => this.#live.has(entry.timer)).sort(compare)
  }

  /** The one that falls due next; undefined where there is none. */
  earliest(): Timer | undefined {
    for (let [first] = this.#heap; first && !this.#live.has(first.timer); [first] = this.#heap) this.#drop()
    return this.#heap[0]?.timer
  }

  clear(): void {
    this.#heap = []
    this.#live.clear()
  }

  #drop(): void {
    const last = this.#heap.pop()
    if (!last || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfLater(parent, at)) return
      at = parent
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const child = this.#isLater(left, right) ? right : left
      if (!this.#swapIfLater(at, child)) return
      at = child
    }
  }

  /** Whether there are both, and the first falls due later. */
  #isLater(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    return a !== undefined && b !== undefined && compare(a, b) > 0
  }

  #swapIfLater(upper: number, lower: number): boolean {
    if (!this.#isLater(upper, lower)) return false
    const [a, b] = [this.#heap[upper] as Entry, this.#heap[lower] as Entry]
    this.#heap[upper] = b
    this.#heap[lower] = a
    return true
  }
}

const compare = (one: Entry, other: Entry): number => one.timer.at - other.timer.at || one.order - other.order
