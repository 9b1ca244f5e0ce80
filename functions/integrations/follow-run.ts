import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { runServicesOf } from '../support/run-services.ts'
import { slackOf } from '../support/secrets.ts'
import { readRun, type ShowServices, showRun } from '../support/showing/show-run.ts'

/** An execution started, an approval was answered, or an earlier invocation ran out of time. */
const Event = z.object({
  detail: z.union([
    z.object({ name: z.string().min(1) }).transform(({ name }) => name),
    z.object({ run: z.string().min(1) }).transform(({ run }) => run),
  ]),
})

type FollowServices = ShowServices & { sleep: (ms: number) => Promise<void> }

/** Why following stopped: the run ended, it waits for a person, or the invocation's time is over. */
export type Followed = 'ended' | 'awaits-answer' | 'out-of-time'

/**
 * Keeps a run's Slack message up to date while it runs, from its execution's history. Stops while the run waits
 * for a person: the answer's event starts the function again.
 */
export const followRun =
  (services: FollowServices, timeLeft: () => number) =>
  async (run: string): Promise<Followed> => {
    let shown = ''
    for (let pause = shortestMs; ; pause = Math.min(pause * 1.5, longestMs)) {
      const { view, message } = await readRun(services, run)
      const content = JSON.stringify(message)
      if (content !== shown) {
        await showRun(services, run, message)
        pause = shortestMs
      }
      shown = content
      if (view.end) return 'ended'
      if (view.awaitsAnswer) return 'awaits-answer'
      if (timeLeft() < lastMs) return 'out-of-time'
      await services.sleep(pause)
    }
  }

/** The shortest pause between two looks. Slack accepts about one update a second in a channel. */
const shortestMs = 2_000
/** The longest pause, while nothing changes, for example while a cluster is being created. */
const longestMs = 10_000
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
      const followed = await followRun({ ...services, slack, sleep }, timeLeft)(run)
      if (followed === 'out-of-time') {
        const resources = [services.executions.arnOf(run)]
        await services.bus.put({ type: 'Run Still Under Way', resources, detail: { run } })
      }
      return followed
    },
  )

export const handler = create(lambda)
