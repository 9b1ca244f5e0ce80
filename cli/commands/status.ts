import { existsSync } from 'node:fs'
import { systemClock } from '../../adapters/clock.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Config, fits } from '../../core/config.ts'
import { PodidError } from '../../core/errors.ts'
import { clusterPatterns } from '../../core/fleet/scope.ts'
import type { BindingStatus } from '../../core/fleet/status.ts'
import { command } from '../../core/text/shell.ts'
import { formatWorkloadRef, parseWorkloadRef } from '../../core/workload/workload.ts'
import { regionOf } from '../binding.ts'
import { usualFile } from '../bindings/chosen.ts'
import { configIn } from '../bindings/in-file.ts'
import { currentCluster, type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { isWorkload } from '../bindings/named.ts'
import { messageHere, ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { interruption } from '../interruption.ts'
import type { ClusterPlace } from '../look/cluster.ts'
import { type ClusterStatus, lookAtCluster } from '../look/status.ts'
import { statusSeen } from '../look/status-view.ts'
import { unseenLines } from '../look/unseen.ts'
import { type Format, formatOf, formatted } from '../render/formats.ts'
import { notice } from '../render/screen.ts'
import { UsageError } from '../usage-error.ts'

export interface StatusFlags extends KubeconfigFlags {
  cluster?: string[]
  region?: string
  namespace?: string
  allNamespaces?: boolean
  file?: string
  stage?: string
  output?: string
  watch?: boolean
  /** Only these bindings, ServiceAccounts or workloads; all unless given. */
  names?: readonly string[]
}

/** What came of looking at one cluster. */
type Looked = ClusterStatus & { cluster: string; where: string; failed?: string }

const seenOf = (found: readonly Looked[]) =>
  statusSeen(
    found.flatMap(({ items }) => items),
    found.flatMap(({ unseen }) => unseen),
    found.flatMap(({ where, failed }) => (failed === undefined ? where : [])),
  )

/** How often --watch looks again, in milliseconds. */
const lookAgainMs = 3000

/** `podid status`: what is bound on clusters, declared or not. It changes nothing. */
export const status = (flags: StatusFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const format = formatOf(flags.output)
    if (flags.allNamespaces && flags.namespace !== undefined)
      throw new UsageError('-n and -A exclude each other: leave one out')
    const { names = [] } = flags
    const config = configFor(flags)
    const runtime = ownRuntime(kubernetesTokenOf(flags))
    const places = await placesOf(runtime, flags, config)
    const look = (): Promise<Looked[]> =>
      Promise.all(
        places.map(async (place): Promise<Looked> => {
          const where = `${place.cluster} in ${place.region}${flags.namespace === undefined ? '' : `, namespace ${flags.namespace}`}${names.length > 0 ? `, by the name ${names.join(' or ')}` : ''}`
          const again = (namespace: string) =>
            command`status -n ${namespace} --cluster ${place.cluster} --region ${place.region}`
          try {
            const seen = await lookAtCluster(runtime, {
              ...place,
              namespace: flags.namespace,
              config,
              again,
              named: flags.file !== undefined,
            })
            return {
              ...seen,
              cluster: place.cluster,
              items: seen.items.filter((item) => isNamed(names, item)),
              where,
            }
          } catch (error) {
            if (!(error instanceof PodidError)) throw error
            return { cluster: place.cluster, items: [], unseen: [], where, failed: messageHere(error) }
          }
        }),
      )
    if (flags.watch) return watch(look, format)
    const found = await look()
    if (found.some(({ failed }) => failed === undefined))
      process.stdout.write(formatted(format, seenOf(found)))
    const lines = found.flatMap(({ cluster, failed, unseen }) => [
      ...(failed === undefined ? [] : [failed]),
      ...unseenLines(cluster, unseen),
    ])
    for (const line of lines) process.stderr.write(notice(`podid: ${line}`))
    return lines.length > 0 ? exit.failed : exit.done
  })

/** Whether one of the names is its binding's, its ServiceAccount's or a workload's, or there are none. */
const isNamed = (names: readonly string[], { binding, serviceAccount, workloads }: BindingStatus): boolean =>
  names.length === 0 ||
  names.some(
    (name) =>
      [binding, binding?.split('/')[0], serviceAccount].includes(name) ||
      (isWorkload(name) &&
        workloads?.some(({ workload }) => workload === formatWorkloadRef(parseWorkloadRef(name)))),
  )

/** Shows what is there whenever it has changed, on a terminal in the place of what was there before. */
const watch = async (look: () => Promise<Looked[]>, format: Format): Promise<ExitCode> => {
  const { signal } = interruption()
  const inPlace = process.stdout.isTTY === true && (format === 'table' || format === 'wide')
  let shown = ''
  while (!signal.aborted) {
    const found = await look()
    const seesAny = found.some(({ failed }) => failed === undefined)
    const text = found.map(({ failed }) => failed ?? '').join('') + formatted(format, seenOf(found))
    if (text !== shown) {
      // Home, and away with what is below.
      if (inPlace) process.stdout.write('\u001b[H\u001b[2J')
      if (seesAny) process.stdout.write(formatted(format, seenOf(found)))
      for (const { failed } of found) if (failed) process.stderr.write(notice(`podid: ${failed}`))
    }
    shown = text
    await systemClock.sleep(lookAgainMs, signal).catch(() => {})
  }
  return exit.interrupted
}

/** The settings of the file that is named, or of podid.yaml where it is here. */
const configFor = ({ file, stage }: StatusFlags): Config | undefined => {
  if (file === undefined && !existsSync(usualFile)) return undefined
  try {
    return configIn(file ?? usualFile, stage)
  } catch (error) {
    if (file !== undefined || !(error instanceof UsageError)) throw error
    process.stderr.write(notice(`podid: without what is declared, since ${error.message}`))
    return undefined
  }
}

/** The clusters that are named; or those of the file that is, the kubeconfig's current one, those of podid.yaml here. */
const placesOf = async (
  runtime: Runtime,
  flags: StatusFlags,
  config: Config | undefined,
): Promise<ClusterPlace[]> => {
  if (flags.cluster)
    return flags.cluster.map((cluster) => ({ cluster, region: regionFor(cluster, flags, config) }))
  let none = ''
  const current =
    flags.file === undefined || flags.context !== undefined
      ? await currentCluster(flags, (why) => {
          none = `, as ${why}`
        })
      : undefined
  if (current) return [{ cluster: current.cluster, region: flags.region ?? current.region ?? regionOf({}) }]
  const declared = config ? clusterPatterns(config) : []
  const found = await Promise.all(
    declared.map(async ({ pattern, region }) => {
      if (!/[*?]/.test(pattern)) return [{ cluster: pattern, region }]
      const names = await clusters(runtime, region).list()
      return names.filter((name) => fits(pattern, name)).map((cluster) => ({ cluster, region }))
    }),
  )
  const places = new Map(found.flat().map((place) => [JSON.stringify(place), place]))
  if (places.size === 0)
    throw new UsageError(
      `no cluster${none}: give --cluster or --file, or choose a context of an EKS cluster with kubectl`,
    )
  return [...places.values()]
}

const regionFor = (cluster: string, { region }: StatusFlags, config: Config | undefined): string =>
  region ??
  (config && clusterPatterns(config).find(({ pattern }) => fits(pattern, cluster))?.region) ??
  regionOf({})
