import type { Runtime } from '../../adapters/runtime.ts'
import { bindingsFor, mayHaveBindings } from '../../core/config.ts'
import { type ClusterNews, readClusterNews } from '../../core/triggers/cluster-events.ts'
import { runInput } from '../../core/triggers/run-input.ts'
import { lambda } from '../support/lambda.ts'
import { type Services, servicesOf } from '../support/services.ts'
import type { Started } from '../support/starter.ts'

/** The runs that an event led to; `ignored` says why there are none. */
export interface StartAnswer {
  runs: Started[]
  ignored?: string
}

const ignore = (ignored: string): StartAnswer => ({ runs: [], ignored })

/**
 * Starts a run for each binding of the cluster that an event tells of. Events come at least once: the cluster's
 * ARN and creation time (and for the agent its add-on's ARN) make a second delivery the same runs.
 */
export const startForEvent =
  ({ config, clusters, start }: Pick<Services, 'config' | 'clusters' | 'start'>) =>
  async (event: unknown): Promise<StartAnswer> => {
    const news = readClusterNews(event)
    if (!news) return ignore('it tells of no new cluster and no new agent')
    if (news.account !== config.account) {
      return ignore(`it is of account ${news.account}, and this stage is for ${config.account}`)
    }
    // The function may look only at clusters that are declared.
    if (!mayHaveBindings(config, { name: news.cluster, region: news.region }))
      return ignore(`no binding is for ${news.cluster}`)
    const cluster = await clusters(news.region).identify(news.cluster)
    if (!cluster) return ignore(`there is no cluster ${news.cluster} in ${news.region} (any more)`)
    const bindings = bindingsFor(config, cluster)
    if (bindings.length === 0) return ignore(`no binding is for ${news.cluster}`)
    const started = await Promise.allSettled(
      bindings.map(({ name, binding }) => {
        const input = runInput(config, binding, cluster, { mode: 'enable', ifWorkloadMissing: 'associate' })
        return start({
          input: { ...input, region: cluster.region },
          origin: { trigger: news.trigger, by: null },
          cause: [...causeOf(news), cluster.arn, cluster.createdAt, name],
        })
      }),
    )
    // Failing makes Lambda try again, and then those that were started are known.
    const failure = started.find((result) => result.status === 'rejected')
    if (failure) throw failure.reason
    return { runs: started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])) }
  }

const causeOf = ({ trigger, cause }: ClusterNews): string[] => [trigger, cause]

export const create =
  (runtime: Runtime) =>
  async (event: unknown): Promise<StartAnswer> => {
    const answer = await startForEvent(servicesOf(runtime))(event)
    runtime.log.info('Start', { ...answer })
    return answer
  }

export const handler = create(lambda)
