import { existsSync, writeFileSync } from 'node:fs'
import { concurrently } from '../../adapters/concurrently.ts'
import { clusters } from '../../adapters/eks/clusters.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { PodidError, PreflightFailed } from '../../core/errors.ts'
import { type DraftBinding, draftOf } from '../../core/fleet/draft.ts'
import { visible } from '../../core/text/unprintable.ts'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { regionOf } from '../binding.ts'
import { currentCluster, type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { messageHere, ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import type { ClusterPlace } from '../look/cluster.ts'
import { draftText } from '../look/draft-text.ts'
import { type ClusterInventory, takeInventory } from '../look/inventory.ts'
import { inventoryCsv, inventorySeen } from '../look/inventory-view.ts'
import { unseenLines } from '../look/unseen.ts'
import { type Looked, observe } from '../observe.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { notice } from '../render/screen.ts'
import { UsageError } from '../usage-error.ts'

export interface InventoryFlags extends KubeconfigFlags {
  cluster?: string[]
  allClusters?: boolean
  region?: string[]
  output?: string
  draft?: string
  logs?: boolean
  parallel?: number
}

const clustersAtOnce = 4
const observedAtOnce = 4

/** `podid inventory`: what each ServiceAccount with pods uses today, on one cluster or all; it changes nothing. */
export const inventory = (flags: InventoryFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const csv = flags.output === 'csv'
    const format = csv ? undefined : formatOf(flags.output)
    if (flags.draft !== undefined && existsSync(flags.draft)) throw draftThere(flags.draft)
    const runtime: Runtime = { ...ownRuntime(kubernetesTokenOf(flags)), patient: true }
    const places = await placesOf(runtime, flags)
    const { found, faults } = await surveyed(runtime, places, flags.parallel, { logs: flags.logs === true })
    if (found.length > 0 && format) process.stdout.write(formatted(format, inventorySeen(found)))
    if (found.length > 0 && !format) process.stdout.write(visible(inventoryCsv(found)))
    if (flags.draft !== undefined && found.length > 0) await writeDraft(runtime, flags.draft, found)
    for (const line of faults) process.stderr.write(notice(`podid: ${line}`))
    return faults.length > 0 ? exit.failed : exit.done
  })

/** What was found on clusters, a few at a time, and what could not be looked at. */
export const surveyed = async (
  runtime: Runtime,
  places: readonly ClusterPlace[],
  atOnce = clustersAtOnce,
  looking: { logs?: boolean } = {},
): Promise<{ found: ClusterInventory[]; faults: string[] }> => {
  const faults: string[] = []
  const answers = await concurrently(places, atOnce, async (place): Promise<ClusterInventory | undefined> => {
    try {
      const found = await takeInventory(runtime, place, looking)
      faults.push(...unseenLines(place.cluster, found.unseen))
      return found
    } catch (error) {
      if (!(error instanceof PodidError)) throw error
      faults.push(messageHere(error))
      return undefined
    }
  })
  return { found: answers.filter((one) => one !== undefined), faults }
}

/** The clusters that are named, all of the regions, or the kubeconfig's current one. */
export const placesOf = async (runtime: Runtime, flags: InventoryFlags): Promise<ClusterPlace[]> => {
  if (flags.cluster && flags.allClusters)
    throw new UsageError('--cluster and --all-clusters exclude each other: leave one out')
  const regions = [...new Set(flags.region ?? [])]
  if (flags.cluster) {
    if (regions.length > 1)
      throw new UsageError('--cluster takes one --region: look at the others by a command of their own')
    const region = regions[0] ?? regionOf({})
    return [...new Set(flags.cluster)].map((cluster) => ({ cluster, region }))
  }
  if (flags.allClusters) {
    const found = await Promise.all(
      (regions.length > 0 ? regions : [regionOf({})]).map(async (region) =>
        (await clusters(runtime, region).list()).map((cluster) => ({ cluster, region })),
      ),
    )
    const all = found.flat()
    if (all.length > 0) return all
    throw new PreflightFailed(`there is no cluster in ${regions.join(', ') || regionOf({})}`)
  }
  let none = ''
  const current = await currentCluster(flags, (why) => {
    none = why
  })
  if (current) return [{ cluster: current.cluster, region: regions[0] ?? current.region ?? regionOf({}) }]
  throw new UsageError(
    `no cluster, as ${none}: give --cluster or --all-clusters, or choose a context of an EKS cluster with kubectl`,
  )
}

const writeDraft = async (
  runtime: Runtime,
  file: string,
  found: readonly ClusterInventory[],
): Promise<void> => {
  const accounts = new Set(found.map(({ account }) => account))
  const [account = ''] = accounts
  const items = found.flatMap((one) => one.items)
  const draft = draftOf(items, account)
  const seen = new Map<DraftBinding, Looked>()
  await concurrently(
    draft.bindings.filter(({ proposed }) => !proposed),
    observedAtOnce,
    async (binding) => {
      const { region, role, cluster, namespace, serviceAccount, workload } = binding
      seen.set(
        binding,
        await observe(runtime, {
          region,
          role,
          cluster,
          namespace,
          serviceAccount,
          ...(workload ? { workload: parseWorkloadRef(workload) } : {}),
        }),
      )
    },
  )
  const text = draftText(draft, { account, region: found[0]?.region ?? '' }, (binding) => seen.get(binding))
  try {
    writeFileSync(file, visible(text), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new PreflightFailed(`the draft could not be written: ${(error as Error).message}`)
    throw draftThere(file)
  }
  const made = draft.bindings.filter(({ proposed }) => !proposed).length
  const proposals = draft.bindings.length - made
  process.stderr.write(
    visible(
      `podid: wrote ${file}: ${made} ${made === 1 ? 'binding' : 'bindings'}, ${proposals} ${proposals === 1 ? 'proposal' : 'proposals'} as comments\n`,
    ),
  )
}

const draftThere = (file: string) =>
  new UsageError(`${file} is there already, and is not written over: name another file for the draft`)
