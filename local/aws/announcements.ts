/** Calls every listener, at once and in order. */
export class Announcements<Event> {
  readonly #listeners = new Set<(event: Event) => void>()

  /** The returned function ends the subscription. */
  subscribe(listen: (event: Event) => void): () => void {
    this.#listeners.add(listen)
    return () => void this.#listeners.delete(listen)
  }

  announce(event: Event): void {
    for (const listen of [...this.#listeners]) listen(event)
  }
}
