/** Tells whoever listens, at once and in order. */
export class Announcements<News> {
  readonly #listeners = new Set<(news: News) => void>()

  /** The returned function ends the subscription. */
  subscribe(listen: (news: News) => void): () => void {
    this.#listeners.add(listen)
    return () => void this.#listeners.delete(listen)
  }

  announce(news: News): void {
    for (const listen of [...this.#listeners]) listen(news)
  }
}
