import { Transient } from '../../core/errors.ts'
import { excerpt, redact } from '../../core/text/redact.ts'
import { withPatience } from '../patience.ts'
import { type RbacRefusal, refusalOf } from './errors.ts'

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

/** Something that could not be looked at. */
export interface Unseen {
  what: string
  /** Why not, in words for people and without secrets. */
  why: string
  /** Where the API server said that the caller may not. */
  refusal?: RbacRefusal
}

/** What an error kept from being seen. */
export const unseenBy = (what: string, error: Error): Unseen => {
  const refusal = refusalOf(error)
  return { what, why: redact(error.message), ...(refusal && { refusal }) }
}

/** `nodes (list nodes on cluster shop: 403 Forbidden: …)`, as findings and reports say it: what is very long loses its end. */
export const unseenText = ({ what, why }: Unseen): string => excerpt(`${what} (${why})`)

export interface ExplainedAnswer<Answer> {
  answer: Answer
  /** What could not be looked at, each once. */
  unseen: Unseen[]
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
  const unseen = new Map<string, Unseen>()
  const note = (one: Unseen) => unseen.set(unseenText(one), one)
  const answer = await withPatience(explainWithinMs, outer, (signal) => {
    const ask: Ask = async (what, call) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await call(signal)
        } catch (error) {
          outer?.throwIfAborted()
          if (error instanceof Transient && attempt === 1 && !signal.aborted) continue
          note(
            signal.aborted
              ? { what, why: `no answer within ${explainWithinMs / 1000} s` }
              : unseenBy(what, error as Error),
          )
          return undefined
        }
      }
    }
    return explain(ask)
  })
  return { answer, unseen: [...unseen.values()] }
}
