import { Transient } from '../../core/errors.ts'
import { excerpt } from '../../core/text/redact.ts'
import { withPatience } from '../patience.ts'

/** How long all that one answer is explained by may take in sum. */
export const explainWithinMs = 10_000

/**
 * Asks for something that only explains, by its name: undefined where it could not be had. What fails for a moment is
 * asked for twice.
 */
export type Ask = <Answer>(
  what: string,
  call: (signal: AbortSignal) => Promise<Answer>,
) => Promise<Answer | undefined>

export interface ExplainedAnswer<Answer> {
  answer: Answer
  /** What could not be looked at and why, one line each. */
  unseen: string[]
}

/**
 * Collects what makes an answer fuller and is not worth failing for: a refusal, a kubelet that does not answer, a
 * server in trouble are noted, and nothing takes longer than the limit for all of it.
 * @throws only the reason of `outer`
 */
export const explaining = async <Answer>(
  outer: AbortSignal | undefined,
  explain: (ask: Ask) => Promise<Answer>,
): Promise<ExplainedAnswer<Answer>> => {
  const unseen: string[] = []
  const answer = await withPatience(explainWithinMs, outer, (signal) => {
    const ask: Ask = async (what, call) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await call(signal)
        } catch (error) {
          outer?.throwIfAborted()
          if (error instanceof Transient && attempt === 1 && !signal.aborted) continue
          const said = signal.aborted
            ? `no answer within ${explainWithinMs / 1000} s`
            : (error as Error).message
          unseen.push(excerpt(`${what} (${said})`))
          return undefined
        }
      }
    }
    return explain(ask)
  })
  return { answer, unseen: [...new Set(unseen)] }
}
