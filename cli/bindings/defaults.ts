import { eks } from '../../adapters/eks/eks.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { roleNames } from '../../adapters/iam/list-roles.ts'
import { serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { irsaRoleOf } from '../../adapters/kubernetes/service-accounts/irsa.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { requestFaults } from '../../core/request-input.ts'
import { nearestName } from '../../core/text/distance.ts'
import { visible } from '../../core/text/unprintable.ts'
import { formatWorkloadRef } from '../../core/workload/workload.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { regionOf } from '../binding.ts'
import { endpointAnswers } from '../identity.ts'
import { isBareWorkload, reachable, requireWorkload } from '../look/cluster.ts'
import { notice, screenOf } from '../render/screen.ts'
import { currentCluster, type KubeconfigFlags } from './kubeconfig.ts'
import { accountInRole } from './needs.ts'

type Input = Record<string, unknown>

/**
 * Where nothing says the cluster, the kubeconfig does; its region is the cluster's, whatever the environment's is. That
 * it does not is said, beside the fault that the cluster is missing.
 */
export const withCluster = async (input: Input, flags: KubeconfigFlags): Promise<Input> => {
  if (input.cluster !== undefined) return input
  const found = await currentCluster(flags, (why) => {
    process.stderr.write(notice(`no cluster was given, and ${why}`, screenOf(process.stderr).width))
  })
  return found ? { ...found, ...input } : input
}

/** A role's name, which is no ARN. https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html */
export const isRoleName = (role: unknown): role is string =>
  typeof role === 'string' && /^[\w+=,.@-]{1,64}$/.test(role)

const anyAccount = '000000000000'
/** Stands for a role that the association is to say. */
export const anyRole = `arn:aws:iam::${anyAccount}:role/any`

/** Whether the role is the one that the pods have by IRSA, as the request names none. */
const hasRoleByIrsa = (input: Input): boolean => input.role === undefined && input.migrate === 'irsa'

/** The input as it may come to be, for finding its faults before anything is called. */
export const presumed = (input: Input): Input => {
  const { needs, ...others } = input
  return {
    ...(needs === 'observed' ? others : input),
    ...(isRoleName(input.role) ? { role: `arn:aws:iam::${anyAccount}:role/${input.role}` } : {}),
    ...(hasRoleByIrsa(input) ? { role: anyRole } : {}),
    ...(input.serviceAccount === undefined && input.workload !== undefined
      ? { serviceAccount: 'default' }
      : {}),
    ...(isBareWorkload(input.workload) ? { workload: `deployment/${input.workload}` } : {}),
  }
}

/** Whether an input has faults that are to be told before anything is asked. @param assumed as lookedUp has it */
export const isFaulty = (input: Input, assumed: Input = {}): boolean => {
  const likely = { ...assumed, ...presumed(input) }
  return requestFaults(likely, accountInRole(likely.role)).length > 0
}

/**
 * Fills in what can be looked up: the ARN of a role that is named, the kind of a workload that is named without, the
 * ServiceAccount that its pods run under, and of a migration the role that they have. An input with other faults stays as
 * it is presumed to be, so that these alone are told.
 * @param assumed what a command takes for granted where the input does not say it
 * @throws PreflightFailed where the role or the workload is not there
 */
export const lookedUp = async (runtime: Runtime, input: Input, assumed: Input = {}): Promise<Input> => {
  const named = isRoleName(input.role) ? input.role : undefined
  const open = input.serviceAccount === undefined && input.workload !== undefined
  const byIrsa = hasRoleByIrsa(input)
  const bare = isBareWorkload(input.workload)
  if (named === undefined && !open && !bare && !byIrsa) return input
  if (isFaulty(input, assumed))
    return { ...assumed, ...presumed(input), ...(input.needs === 'observed' ? { needs: [] } : {}) }
  const region = regionOf(input)
  await endpointAnswers()
  const [role, seen] = await Promise.all([
    named === undefined ? undefined : arnOf(runtime, region, named),
    open || bare ? workloadOf(runtime, region, input) : undefined,
  ])
  const underWhich = open ? seen?.workload.spec?.template?.spec?.serviceAccountName || 'default' : undefined
  const found = {
    ...input,
    ...(role ? { role } : {}),
    ...(seen ? { workload: formatWorkloadRef(seen.ref) } : {}),
    ...(underWhich ? { serviceAccount: underWhich } : {}),
  }
  return byIrsa ? { ...found, role: await roleByIrsa(runtime, region, found) } : found
}

/** The role of the ServiceAccount's annotation; once that is gone, the one of its association. */
const roleByIrsa = async (runtime: Runtime, region: string, input: Input): Promise<string> => {
  const [cluster, namespace, name] = [input.cluster, input.namespace, input.serviceAccount].map(String) as [
    string,
    string,
    string,
  ]
  const connection = clusterApi(runtime, await reachable(runtime, { cluster, region }))
  const account = await serviceAccount(connection, namespace, name)
  const annotated = account && irsaRoleOf(account)
  if (annotated) return annotated
  const association = await eks(runtime, region).findAssociation({ cluster, namespace, serviceAccount: name })
  if (association) return association.role
  throw new PreflightFailed(
    `the ServiceAccount ${namespace}/${name} on ${cluster} ${account ? 'is not annotated for IRSA' : 'is not there'}, and has no association: give the role with --role`,
  )
}

/** The ARN of a role by its name, as it is or, where there is none yet, as it would be without a path. */
export const roleArnFor = async (
  runtime: Runtime,
  name: string,
  { region, account }: { region: string; account: string },
): Promise<string> => {
  return (
    (await iam(runtime, region).readRole(name))?.arn ??
    `arn:${partitionOf(region)}:iam::${account}:role/${name}`
  )
}

const arnOf = async (runtime: Runtime, region: string, name: string): Promise<string> => {
  const waiting = (forMs: number) =>
    process.stderr.write(
      visible(
        `there is no role ${name}; looking again for ${forMs / 1000} s, as IAM may not show a new one yet\n`,
      ),
    )
  const role = await iam(runtime, region).readRole(name, waiting)
  if (role) return role.arn
  throw new PreflightFailed(
    `there is no role ${name} in the account of the credentials${await orNearestRole(runtime, region, name)}`,
  )
}

/** What ends a sentence about a role that is not there; nothing where the caller may not list roles. */
export const orNearestRole = async (runtime: Runtime, region: string, name: string): Promise<string> => {
  const near = nearestName(name, await roleNames(runtime, region).catch(() => []))
  return near === undefined ? '' : `; did you mean ${near}?`
}

const workloadOf = async (runtime: Runtime, region: string, input: Input) => {
  const cluster = await reachable(
    runtime,
    { cluster: String(input.cluster), region },
    '; where --service-account and --workload KIND/NAME are given, a run waits for it',
  )
  const connection = clusterApi(runtime, cluster)
  return requireWorkload(connection, String(input.namespace), String(input.workload))
}
