import type { Finding } from '../findings.ts'
import type { RolloutStep } from '../steps/answers.ts'
import { causesSeen, whyHopeless } from './diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from './diagnosis/facts.ts'
import { enoughRepeats } from './diagnosis/repeats.ts'
import { causeIn } from './diagnosis/same-cause.ts'
import { outOfReach } from './proof/proof.ts'

/** What one look at the pods of a rollout shows. */
export interface PodsLook {
  /** A live pod of the current revision that came to be without the credentials. */
  missed: string | undefined
  /** The pods of the current revision, with what was read of their logs and events. */
  facts: DiagnosisFacts
  /** Those of them that no agent can answer, and why. */
  away: { reason: string; pods: string[] } | undefined
}

/** What is known of the rollout before the look. */
export interface WatchedRollout {
  /** The pods are this run's: others may have failed by what is mended since. */
  restarted: boolean
  waitAnyway: boolean
  /** The causes that have been answered. */
  told: ReadonlySet<string>
  /** What ailed the pods before anything was touched, where they are still the same. */
  known: ReadonlySet<string>
}

export interface LookJudged {
  /** Waiting is of no use: why. */
  end?: { state: 'missed' | 'failed'; message: string }
  /** The pods that no agent can answer; absent where there are none. */
  away?: Finding
  /** What keeps pods from going on; the gravest of all. */
  cause?: Finding
  /** The causes that were not answered yet and now are to be, which ends the call. */
  fresh: string[]
}

/** So many causes are answered as soon as they are seen; each costs two transitions of the workflow. */
const mostTold = 5

/** What a look at the pods means for the rollout: whether to wait on, and what to tell. */
export const judgeLook = (
  { missed, facts, away: unanswered }: PodsLook,
  { restarted, waitAnyway, told, known }: WatchedRollout,
): LookJudged => {
  if (missed !== undefined) return { end: { state: 'missed', message: missedMessage(missed) }, fresh: [] }
  const away =
    unanswered &&
    outOfReach(
      facts,
      unanswered.reason,
      unanswered.pods.map((pod) => ({ pod })),
    )
  const seen = away ? { away } : {}
  const endsEarly = restarted && !waitAnyway
  if (away && endsEarly)
    return { ...seen, end: { state: 'failed', message: `${away.found}; ${noUse}` }, fresh: [] }
  const hopeless = endsEarly ? whyHopeless(facts) : undefined
  if (hopeless) {
    const message = `${hopeless.found}; it has failed so ${enoughRepeats} times, and ${noUse}`
    return { ...seen, end: { state: 'failed', message }, fresh: [] }
  }
  const causes = causesSeen(facts)
  const [cause] = causes
  const fresh = [...new Set(causes.map(({ found }) => causeIn(found)))].filter(
    (one) => !told.has(one) && !known.has(one),
  )
  return {
    ...seen,
    ...(cause && { cause }),
    fresh: told.size + fresh.length > mostTold ? [] : fresh,
  }
}

const noUse =
  'waiting does not mend it (--wait-anyway, or "waitAnyway": true in the request, waits all the same)'

const missedMessage = (pod: string): string =>
  `pod ${pod} was created without the credentials: the Pod Identity webhook missed it, or did not know the association yet`

/** How a rollout is that was watched for a while. `overdue`: the time that the request gives it is over. */
export const watchedState = (
  seen: RolloutStep['state'],
  overdue: boolean,
): { state: RolloutStep['state']; late: boolean; failed: boolean } => {
  const late = overdue && ['progressing', 'replaced'].includes(seen)
  return { state: late ? 'failed' : seen, late, failed: late || ['failed', 'gone'].includes(seen) }
}

/** In words: what keeps it from its end says more than that it has not come to it, and goes first. */
export const watchedMessage = (
  seen: Pick<RolloutStep, 'state' | 'message'>,
  {
    overdue,
    timeoutSeconds,
    judged,
    cause,
    findings,
  }: {
    overdue: boolean
    timeoutSeconds: number
    /** The message says why already. */
    judged: boolean
    cause: Finding | undefined
    /** Why it failed, where it did. */
    findings: readonly Finding[]
  },
): string => {
  const { late, failed } = watchedState(seen.state, overdue)
  const message = late ? `${seen.message} (not done within ${timeoutSeconds} s)` : seen.message
  const why = failed && !judged ? findings.find(({ severity }) => severity === 'blocking') : undefined
  const first = why ?? (seen.state === 'progressing' && !late ? cause : undefined)
  return first ? `${first.found}; ${message}` : message
}
