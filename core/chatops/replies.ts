import { type Config, fits } from '../config.ts'
import { isGranted, type Requester } from './access.ts'
import { code, literal } from './mrkdwn.ts'

/** What `help` answers: the verbs, and the bindings that the requester may do something with. */
export const helpText = (command: string, config: Config, requester: Requester): string => {
  const mine = Object.entries(config.bindings).flatMap(([name, { cluster, namespace }]) => {
    const actions = (['enable', 'plan'] as const).filter((action) =>
      mayAnywhere(config, requester, action, { cluster, namespace }),
    )
    return actions.length > 0 ? [`• ${code(name)} on ${code(cluster)}: ${actions.join(', ')}`] : []
  })
  const c = (text: string) => code(`${command} ${text}`)
  return [
    '*EKS Pod Identity for workloads*',
    `${c('plan BINDING')} shows what a run would do, and changes nothing`,
    `${c('enable BINDING')} gives the workload its role's credentials, and proves that it has them`,
    `${c('finish BINDING')} takes away what IRSA needs, once all pods of a migration live by the association`,
    `${c('status')} or ${c('status BINDING')} shows the latest runs`,
    `${c('undo BINDING')} puts back what its latest run changed`,
    `${c('rollout BINDING…')} or ${c('rollout all')} enables many of them in waves, ${c('undo ROLLOUT wave 2')} puts a wave back`,
    `A binding that is for several clusters needs one: ${c('enable BINDING on CLUSTER')}`,
    mine.length > 0 ? `Your bindings:\n${mine.join('\n')}` : 'No grant in podid.yaml lets you run a binding.',
  ].join('\n')
}

/** A binding's cluster may be a pattern: then it is enough that a grant is for some of its clusters. */
const mayAnywhere = (
  config: Config,
  requester: Requester,
  action: 'enable' | 'plan',
  { cluster, namespace }: { cluster: string; namespace: string },
): boolean =>
  config.access.some(
    (grant) =>
      grant.clusters.some((pattern) => fits(pattern, cluster) || fits(cluster, pattern)) &&
      isGranted({ access: [{ ...grant, clusters: ['*'] }] }, requester, action, { cluster, namespace }),
  )

/** The reply to a request, shown to the requester alone. */
export const startedText = (
  { outcome, run }: { outcome: 'started' | 'under-way'; run: string },
  what: string,
): string =>
  outcome === 'started'
    ? `On it: ${literal(what)}. The run is ${code(run)}; its message shows how it goes.`
    : `Another run is at work on that already: ${code(run)}. Try again when it has ended.`

/** The latest runs, one line each. */
export const statusText = (
  runs: readonly {
    run: string
    status: string
    startedAt: string
    what: string
    credentials: string | null
  }[],
): string =>
  runs.length === 0
    ? 'There are no runs that you may see.'
    : runs
        .map(({ run, status, startedAt, what, credentials }) => {
          const seconds = Math.floor(Date.parse(startedAt) / 1000)
          return `• ${literal(what)}: *${status.toLowerCase()}*, ${code(run)}, <!date^${seconds}^{date_short_pretty} {time}|${startedAt}>${credentials ? `\n   ${literal(credentials)}` : ''}`
        })
        .join('\n')
