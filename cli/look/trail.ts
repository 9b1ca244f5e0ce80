import { assumptionsOf } from '../../adapters/cloudtrail.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { isLive } from '../../core/workload/injection.ts'
import { inTrail } from '../../core/workload/proof/trail.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { regionOf, requestOf } from '../binding.ts'
import { targetFrom } from '../bindings/choose.ts'
import type { SelectionFlags } from '../bindings/chosen.ts'
import { lookedUp } from '../bindings/defaults.ts'
import type { Flags } from '../bindings/fields.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { wrapped } from '../render/screen.ts'
import { UsageError } from '../usage-error.ts'
import { reachable } from './cluster.ts'

export type TrailFlags = Flags & SelectionFlags & KubeconfigFlags & { output?: string }

/**
 * `podid verify --cloudtrail`: whether EKS has assumed the role for each live pod of the workload, by CloudTrail's event
 * history. It changes nothing. Failed where a pod is not found there, which within its first minutes says nothing.
 */
export const verifyByTrail = (flags: TrailFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const format = formatOf(flags.output)
    const runtime = ownRuntime(kubernetesTokenOf(flags))
    const { input } = await targetFrom('verify', flags)
    const region = regionOf(input)
    const account = await accountOf(runtime.aws.credentials, region)
    const request = requestOf(await lookedUp(runtime, input), account, region)
    const { workload: ref, namespace } = request
    if (!ref) throw new UsageError('workload: is missing, and its pods are what is looked for')
    const connection = clusterApi(runtime, await reachable(runtime, { cluster: request.cluster, region }))
    const workload = await workloads(connection).get(ref, namespace)
    if (!workload)
      throw new PreflightFailed(`there is no ${formatWorkloadRef(ref)} in namespace ${namespace}`)
    const pods = (await podsOf(connection, ref, workload)).current.filter(isLive)
    const since = Math.min(
      Date.now(),
      ...pods.map(({ metadata }) => Date.parse(metadata?.creationTimestamp ?? '')),
    )
    const { assumptions, complete } = await assumptionsOf(runtime, region, request.role, new Date(since))
    const evidence = inTrail(request.cluster, pods, assumptions)
    const found = evidence.filter(({ seen }) => seen === 'assumed').length
    const count = `${found} of ${pods.length} pods are in CloudTrail’s event history${complete ? '' : ', of which only the newest thousand events were looked through'}`
    process.stdout.write(
      formatted(format, {
        value: { pods: evidence, complete },
        table: (_wide, width) =>
          [...evidence.map((one) => line(one, request.role)), count]
            .flatMap((text) => wrapped(text, width, '', 2))
            .map((text) => `${text}\n`)
            .join(''),
        names: () => evidence.flatMap(({ seen, pod }) => (seen === 'assumed' ? [] : [pod])),
      }),
    )
    return pods.length > 0 && found === pods.length ? exit.done : exit.failed
  })

const line = (one: ReturnType<typeof inTrail>[number], role: string): string =>
  one.seen === 'assumed'
    ? `${one.pod}: EKS assumed ${role} for it at ${one.at}, in session ${one.session}${one.by === 'name' ? ' (by the beginning of its name, which the session bears: session tags are off)' : ''}`
    : `${one.pod}: not found; it has not asked for credentials, or did so in the last 15 minutes, or more than 90 days ago`
