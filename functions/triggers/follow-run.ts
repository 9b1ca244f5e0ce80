import type { Context } from 'aws-lambda'
import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { lambda } from '../support/lambda.ts'
import { runServicesOf, slackOf } from '../support/run-services.ts'
import { readRun, type ShowServices, showRun } from '../support/show-run.ts'

/** An execution started, an approval was answered, or an earlier follower ran out of time. */
const Event = z.object({
  detail: z.union([
    z.object({ name: z.string().min(1) }).transform(({ name }) => name),
    z.object({ run: z.string().min(1) }).transform(({ run }) => run),
  ]),
})

type FollowServices = ShowServices & { sleep: (ms: number) => Promise<void> }

/** Why a follower stopped: the run ended, it waits for a person, or the follower's time is over. */
export type Followed = 'ended' | 'awaits-answer' | 'out-of-time'

/**
 * Shows a run in its Slack message while it goes on, from the run's own history. While a person is being waited
 * for nothing is looked at: the answer brings the next follower.
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

/** Between two looks: Slack takes about an update a second in a channel, and people do not read faster. */
const shortestMs = 2_000
/** While nothing changes, as when a cluster is being created. */
const longestMs = 10_000
/** What a last look and handing over may take. */
const lastMs = 15_000

export const create =
  (runtime: Runtime) =>
  async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<Followed | 'nobody'> => {
    const run = Event.parse(event).detail
    const slack = slackOf(runtime)
    if (!slack) return 'nobody'
    const services = runServicesOf(runtime)
    const follow = followRun(
      { ...services, slack, sleep: (ms) => runtime.clock.sleep(ms, runtime.signal) },
      () => context.getRemainingTimeInMillis(),
    )
    const followed = await follow(run)
    if (followed === 'out-of-time') {
      const resources = [services.executions.arnOf(run)]
      await services.bus.put({ type: 'Run Still Under Way', resources, detail: { run } })
    }
    return followed
  }

export const handler = create(lambda)
