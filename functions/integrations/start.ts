import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { agentAddon } from '../../core/agent.ts'
import { expansionLine } from '../../core/fleet/expand/findings.ts'
import { bindingsOn, mayHaveBindings } from '../../core/fleet/expand/of-stage.ts'
import { readClusterEvent } from '../../core/triggers/cluster-events.ts'
import { runInput } from '../../core/triggers/run-input.ts'
import { undoneBy } from '../../core/triggers/undone.ts'
import { unfitBinding } from '../../core/triggers/unfit.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { type Services, servicesOf } from '../support/services.ts'
import type { Started } from '../support/starter.ts'

/** The runs that an event led to; `ignored` says why there are none. */
export interface StartAnswer {
  runs: Started[]
  ignored?: string
  /** Bindings that cannot be what the settings say on the cluster: two of them for one ServiceAccount, say. */
  unfit?: string[]
}

const ignore = (ignored: string): StartAnswer => ({ runs: [], ignored })

/**
 * Starts a run for each binding of the cluster that an event is about. EventBridge delivers at least once: the
 * run's name comes from the cluster's ARN and creation time (and the add-on's ARN), so a second delivery starts
 * nothing new. Where the event of an add-on does not say which, EKS is asked whether the cluster has the agent. What
 * somebody has undone on this very cluster is not started again by an event. What cannot be what the settings say is an
 * event of its own, and in the log.
 */
export const startForEvent =
  ({
    config,
    clusters,
    start,
    runs,
    bus,
  }: Pick<Services, 'config' | 'clusters' | 'start' | 'runs' | 'bus'>) =>
  async (event: unknown): Promise<StartAnswer> => {
    const clusterEvent = readClusterEvent(event)
    if (!clusterEvent) return ignore('the event is not about a new cluster or a new agent')
    if (clusterEvent.account !== config.account) {
      return ignore(
        `the event is from account ${clusterEvent.account}, and this stage is for ${config.account}`,
      )
    }
    // The function may look only at clusters that are declared.
    if (!mayHaveBindings(config, { name: clusterEvent.cluster, region: clusterEvent.region }))
      return ignore(`no binding is for ${clusterEvent.cluster}`)
    const here = clusters(clusterEvent.region)
    const agent = clusterEvent.asksForAgent ? await here.agentArn(clusterEvent.cluster) : clusterEvent.cause
    if (agent === undefined)
      return ignore(`an add-on was installed on ${clusterEvent.cluster}, which has no ${agentAddon}`)
    const cluster = await here.identify(clusterEvent.cluster)
    if (!cluster) return ignore(`there is no cluster ${clusterEvent.cluster} in ${clusterEvent.region}`)
    // What goes by pattern needs a look into the cluster, which is the sweep's: a new one has none of it yet.
    const { bindings: declared, findings } = bindingsOn(config, cluster)
    const unfit = findings.filter(({ severity }) => severity === 'blocking')
    for (const finding of unfit)
      await bus.put({
        type: 'Drift Found',
        resources: [cluster.arn],
        detail: unfitBinding(finding, cluster),
      })
    const told = unfit.length > 0 ? { unfit: unfit.map(expansionLine) } : {}
    if (declared.length === 0) {
      const none =
        unfit.length > 0
          ? `no binding for ${clusterEvent.cluster} can be what podid.yaml says`
          : `no binding is for ${clusterEvent.cluster}`
      return { ...ignore(none), ...told }
    }
    const latest = await together(
      declared.map(({ binding: { namespace, serviceAccount } }) =>
        runs.latest({ cluster: cluster.name, region: cluster.region, namespace, serviceAccount }),
      ),
    )
    const bindings = declared.filter((_, index) => !undoneBy(latest[index]?.value, cluster.createdAt))
    if (bindings.length === 0)
      return { ...ignore(`what is for ${clusterEvent.cluster} was undone on purpose`), ...told }
    // After a failure Lambda tries again; runs that were started are found by their names.
    const started = await together(
      bindings.map(({ name, binding }) => {
        const input = runInput(config, binding, { mode: 'enable', ifWorkloadMissing: 'associate' })
        return start({
          input,
          origin: { trigger: clusterEvent.trigger, by: null },
          cause: [clusterEvent.trigger, agent, cluster.arn, cluster.createdAt, name],
        })
      }),
    )
    return { runs: started, ...told }
  }

export const create = (runtime: Runtime) =>
  makeHandler(
    runtime,
    { name: 'Start', input: z.unknown(), describe: (answer: StartAnswer) => ({ ...answer }) },
    (event) => startForEvent(servicesOf(runtime))(event),
  )

export const handler = create(lambda)
