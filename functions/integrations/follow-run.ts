import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { Transient } from '../../core/errors.ts'
import { historyBudget, slackBudget } from '../../core/operation/pace.ts'
import { givesWay } from '../../core/operation/turned-away.ts'
import type { HistoryEvent } from '../../core/run-events/history.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { type RunServices, runServicesOf } from '../support/run-services.ts'
import { slackOf } from '../support/secrets.ts'
import { readRun, type Showing, type ShowServices, showRun } from '../support/showing/show-run.ts'

/** An execution started, an approval was answered, or an earlier invocation ran out of time. */
const Event = z.object({
  detail: z.union([
    z.object({ name: z.string().min(1) }).transform(({ name }) => name),
    z.object({ run: z.string().min(1) }).transform(({ run }) => run),
  ]),
})

/** What following a run works with. */
export type FollowServices = ShowServices &
  Pick<RunServices, 'paces' | 'bus'> & { sleep: (ms: number) => Promise<void> }

/** Why following stopped: the run ended, it waits for a person, a step of it needs the copy, or the invocation's time is over. */
export type Followed = 'ended' | 'awaits-answer' | 'gave-way' | 'out-of-time'

/**
 * Keeps a run's Slack message up to date while it runs, from its execution's history, of which each look reads what is new.
 * Stops while the run waits for a person: the answer's event starts the function again.
 *
 * Followers of all runs share two budgets, by a record each, so that many of them look and write less often. What a service
 * turns away is tried again at the next look, and a message waits for its turn with what is true by then: a follower that
 * cannot keep up shows less, and shows the end all the same. Where Lambda turns steps of the run away, it gives way to them:
 * the next event of the run, its end at the latest, brings the message up to date. When the time of the invocation is over,
 * an event starts the next one.
 */
export const followRun =
  (services: FollowServices, timeLeft: () => number) =>
  async (run: string): Promise<Followed> => {
    const followed = await follow(services, timeLeft, run)
    if (followed === 'out-of-time') {
      const resources = [services.executions.arnOf(run)]
      await services.bus.put({ type: 'Run Still Under Way', resources, detail: { run } })
    }
    return followed
  }

const follow = async (services: FollowServices, timeLeft: () => number, run: string): Promise<Followed> => {
  const { paces, sleep } = services
  const history: HistoryEvent[] = []
  let unasked = 0
  const look = async (): Promise<Showing> => {
    if (unasked > 0) unasked--
    else {
      const waitMs = await paces.turn(historyBudget)
      // While nobody else waits, a few looks need no turn of their own.
      unasked = waitMs === 0 ? looksForOneTurn : 0
      await sleep(waitMs)
    }
    history.push(...(await services.executions.newEvents(run, history.at(-1)?.id ?? 0)))
    return readRun(services, run, history)
  }
  let shown: string | undefined
  for (let pause = shortestMs; ; pause = Math.min(pause * 1.5, longestMs)) {
    try {
      let showing = await look()
      if (contentOf(showing) !== shown) {
        const waitMs = await paces.turn(slackBudget(showing.channel))
        if (timeLeft() < waitMs + lastMs) return 'out-of-time'
        await sleep(waitMs)
        // After a while it may say what is true no more, and the end may have been shown in between.
        if (waitMs > staleMs) showing = await look()
        await showRun(services, run, showing.message)
        shown = contentOf(showing)
        pause = shortestMs
      }
      if (showing.view.end) return 'ended'
      if (showing.view.awaitsAnswer) return 'awaits-answer'
      if (givesWay(history, services.now())) return 'gave-way'
    } catch (error) {
      if (!(error instanceof Transient)) throw error
      pause = longestMs
    }
    if (timeLeft() < lastMs) return 'out-of-time'
    await sleep(pause)
  }
}

const contentOf = ({ message }: Showing): string => JSON.stringify(message)

/** The shortest pause between two looks, where no other run is followed. */
const shortestMs = 2_000
/** The longest pause, while nothing changes, for example while a cluster is being created. */
const longestMs = 10_000
/** Looks that follow one which did not have to wait for its turn. */
const looksForOneTurn = 4
/** What was read so long before is read again before it is shown. */
const staleMs = 1_500
/** Time for a last look and for the event that starts the next invocation. */
const lastMs = 15_000

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'FollowRun', input: Event, describe: (followed: Followed | 'no-slack') => ({ followed }) },
    async ({ detail: run }, { signal, timeLeft }) => {
      const slack = slackOf(runtime)
      if (!slack) return 'no-slack'
      const services = runServicesOf(runtime)
      const sleep = (ms: number) => runtime.clock.sleep(ms, signal)
      return followRun({ ...services, slack, sleep }, timeLeft)(run)
    },
  )

export const handler = create(lambda)
