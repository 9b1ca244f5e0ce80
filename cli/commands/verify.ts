import { systemClock } from '../../adapters/clock.ts'
import { assumptionsOf } from '../../adapters/cloudtrail.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { connect } from '../../adapters/kubernetes/connection.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import { PodidError } from '../../core/errors.ts'
import { resolveRequest } from '../../core/request-input.ts'
import { visible } from '../../core/text/unprintable.ts'
import { isLive } from '../../core/workload/injection.ts'
import { inTrail } from '../../core/workload/proof/trail.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { type BindingFlags, inputFrom, UsageError } from '../binding.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf, ownCredentials } from '../identity.ts'
import { silent } from '../run.ts'

export type VerifyFlags = BindingFlags & { cloudtrail?: boolean; json?: boolean }

/**
 * `podid verify --cloudtrail`: whether EKS has assumed the role for each live pod of the workload, by CloudTrail's event
 * history. It reads alone. Failed where a pod is not found there, which within its first minutes says nothing.
 */
export const verify = async (flags: VerifyFlags): Promise<ExitCode> => {
  if (!flags.cloudtrail) throw new UsageError('say by what to verify: --cloudtrail')
  const region = flags.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (!region) throw new UsageError('no region: give --region, or set AWS_REGION')
  const credentials = ownCredentials()
  const runtime = { aws: { credentials }, clock: systemClock, log: silent, progress: () => {} }
  try {
    const account = await accountOf(credentials, region)
    const arn = `arn:aws:states:${region}:${account}:execution:podid:verify`
    const request = resolveRequest(inputFrom(flags), { arn, startTime: new Date(0).toISOString() })
    const { workload: ref, namespace } = request
    if (!ref) throw new UsageError('workload: is missing, and its pods are what is looked for')
    const { endpoint, certificateAuthority } =
      (await eks(runtime, region).describeCluster(request.cluster)) ?? {}
    if (!endpoint || !certificateAuthority)
      throw new UsageError(`there is no cluster ${request.cluster} in ${region} that answers`)
    const connection = connect({
      cluster: { name: request.cluster, endpoint, ca: certificateAuthority, region },
      credentials,
      clock: systemClock,
    })
    try {
      const workload = await workloads(connection).get(ref, namespace)
      if (!workload) throw new UsageError(`there is no ${formatWorkloadRef(ref)} in namespace ${namespace}`)
      const pods = (await podsOf(connection, ref, workload)).current.filter(isLive)
      const since = Math.min(
        Date.now(),
        ...pods.map(({ metadata }) => Date.parse(metadata?.creationTimestamp ?? '')),
      )
      const { assumptions, complete } = await assumptionsOf(runtime, region, request.role, new Date(since))
      const evidence = inTrail(pods, assumptions)
      const found = evidence.filter(({ seen }) => seen === 'assumed').length
      if (flags.json) process.stdout.write(`${JSON.stringify({ pods: evidence, complete })}\n`)
      else {
        for (const one of evidence) process.stdout.write(`${visible(line(one, request.role))}\n`)
        process.stdout.write(
          `${found} of ${pods.length} pods are in CloudTrail’s event history${complete ? '' : ', of which only the newest thousand events were looked through'}\n`,
        )
      }
      return pods.length > 0 && found === pods.length ? exit.done : exit.failed
    } finally {
      await connection.close()
    }
  } catch (error) {
    if (!(error instanceof PodidError)) throw error
    process.stderr.write(`podid: ${visible(error.message)}\n`)
    return error.name === 'InvalidRequest' ? exit.usage : exit.failed
  }
}

const line = (one: ReturnType<typeof inTrail>[number], role: string): string =>
  one.seen === 'assumed'
    ? `${one.pod}: EKS assumed ${role} for it at ${one.at}, in session ${one.session}${one.by === 'name' ? ' (by the beginning of its name, which the session bears: session tags are off)' : ''}`
    : `${one.pod}: not found; it has not asked for credentials, or did so in the last 15 minutes, or more than 90 days ago`
