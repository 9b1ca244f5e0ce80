/** How many functions of an account may run at once in its region: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html */
export class ConcurrentExecutions {
  /** The account's limit. */
  limit = 1000
  /** What functions have reserved of it. */
  reserved = 0
  /** Calls that were turned away. */
  turnedAway = 0
  #running = 0

  /** The copies that run now. */
  get running(): number {
    return this.#running
  }

  /** Takes a place, which the returned function gives back; undefined where all are taken. */
  enter(): (() => void) | undefined {
    if (this.#running >= this.limit) {
      this.turnedAway++
      return undefined
    }
    this.#running++
    return () => {
      this.#running--
    }
  }
}

/** What Lambda says of a call that finds no place. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const turnedAway = { code: 'TooManyRequestsException', message: 'Rate Exceeded.' } as const
