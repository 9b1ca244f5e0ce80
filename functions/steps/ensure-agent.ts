import * as z from 'zod'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { AgentCheck } from '../../core/agent.ts'
import { NotShown, PodidError } from '../../core/errors.ts'
import { blocking } from '../../core/findings.ts'
import type { AgentInstallStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { checkAgent } from './check-agent.ts'

const Input = OnCluster.extend({
  agent: AgentCheck,
  /** How often the workflow has called before. */
  visits: z.number().default(0),
})

const intervalMs = 3000
/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 50_000
/** How often it calls at most. */
const mostVisits = 12

/** Installs the agent's add-on where it is missing, and watches it come up. Asking twice does no harm. */
export const ensureAgent =
  (
    clusters: (region: string) => Pick<Eks, 'describeAgentAddon' | 'createAgentAddon'>,
    api: (input: OnCluster) => Connection,
    surroundings: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: OnCluster & { agent: AgentCheck; visits?: number }): Promise<AgentInstallStep> => {
    const { request, cluster, agent } = input
    const { clock, signal, progress } = surroundings
    const { describeAgentAddon, createAgentAddon } = clusters(request.region)
    let installed = false
    /** Whether the last look found the add-on; undefined where it could not be looked at. */
    let shown: boolean | undefined
    const describe = async (name: string) => {
      shown = undefined
      const addon = await describeAgentAddon(name)
      shown = addon !== undefined
      installed ||= addon?.run === request.run
      return addon
    }
    const check = checkAgent(() => ({ describeAgentAddon: describe }), api, surroundings)
    const started = clock.now()
    const until = started + (mostVisits - (input.visits ?? 0)) * budgetMs
    while (true) {
      const found = await check(input).catch((error: unknown) => {
        if (installed && shown === false && error instanceof PodidError)
          throw new NotShown(
            `EKS answered that it installed the add-on, and does not show it yet; ${error.message}`,
            {
              cause: error,
            },
          )
        throw error
      })
      if (found.action === 'install') {
        await createAgentAddon(cluster.name, request.run, {
          version: request.agentVersion,
          configuration: request.agentConfiguration,
        })
        installed = true
      }
      const [obstacle] = blocking(found.findings)
      progress({ step: 'EnsureAgent', message: obstacle?.found ?? found.summary, detail: { until } })
      // Until it is up everywhere it can be, an obstacle is only that it has not come up yet.
      const up = found.action === 'none' && found.ready >= found.nodes - found.repelled
      // Where a node takes no pod of its DaemonSet, no waiting brings one there.
      const settled = up && (!obstacle || found.repelled > 0)
      const over = clock.now() - started + intervalMs > budgetMs
      if (settled || over) {
        return {
          state: !settled ? 'waiting' : obstacle ? 'failed' : 'ready',
          installed,
          // What had to be done stays on record: the report says what was installed.
          agent: { ...found, action: agent.action },
          summary: found.summary,
          findings: settled ? found.findings : [],
        }
      }
      await clock.sleep(intervalMs, signal)
    }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'EnsureAgent', input: Input }, (input, call) =>
    ensureAgent(
      (region) => eks(runtime, region),
      ({ cluster }) => clusterApi(runtime, cluster),
      call,
    )(input),
  )

export const handler = create(lambda)
