import type { HistoryEvent } from '../run-events/history.ts'

/** Whether Lambda turned a step away, since all copies that the account may run at once were at work. The workflow tries it again. */
export const isTurnedAway = ({
  taskFailedEventDetails: task,
  taskSubmitFailedEventDetails: question,
  lambdaFunctionFailedEventDetails: call,
}: HistoryEvent): boolean =>
  (task?.error ?? question?.error ?? call?.error) === 'Lambda.TooManyRequestsException'

/** For how long a step that was turned away is a sign that copies are short. */
const signMs = 60_000

/**
 * Whether a follower of a run gives way: it takes a copy for as long as it follows, which a step needs more, since the
 * run's end is shown without it.
 */
export const givesWay = (history: readonly HistoryEvent[], now: number): boolean =>
  history.some((event) => isTurnedAway(event) && now - event.timestamp < signMs)
