/** A watch that a client holds open. */
export interface OpenWatch {
  /** The plural of what is watched. */
  resource: string
  namespace: string | undefined
  username: string
  /** How many events it was sent. */
  sent: number
  /** Breaks its connection. */
  cut(): void
}

/** Sees each event before it is sent; answering `cut` breaks the watch in place of sending it. */
export type WatchEventHook = (
  watch: Readonly<OpenWatch>,
  event: { type: string; object: unknown },
) => 'cut' | undefined

/** The open watches of a server, for tests and scenarios that break them. */
export class Watches {
  readonly #open = new Set<OpenWatch>()
  readonly #hooks = new Set<WatchEventHook>()

  get open(): readonly Readonly<OpenWatch>[] {
    return [...this.#open]
  }

  /** Breaks the connections of the watches that fit, by default all, and says how many. */
  cut(fits: (watch: Readonly<OpenWatch>) => boolean = () => true): number {
    const doomed = [...this.#open].filter(fits)
    for (const watch of doomed) watch.cut()
    return doomed.length
  }

  /** Lets a hook see every event of every watch; the returned function takes it away. */
  onEvent(hook: WatchEventHook): () => void {
    this.#hooks.add(hook)
    return () => void this.#hooks.delete(hook)
  }

  /** Counts a watch as open until the returned function is called. */
  add(watch: OpenWatch): () => void {
    this.#open.add(watch)
    return () => void this.#open.delete(watch)
  }

  /** Whether an event may be sent; breaks the watch where a hook says so. */
  permits(watch: OpenWatch, event: { type: string; object: unknown }): boolean {
    for (const hook of this.#hooks) {
      if (hook(watch, event) !== 'cut') continue
      watch.cut()
      return false
    }
    watch.sent += 1
    return true
  }
}
