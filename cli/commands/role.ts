import { eks } from '../../adapters/eks/eks.ts'
import { accessAnalyzer } from '../../adapters/iam/access-analyzer.ts'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import { AccessDenied, PreflightFailed } from '../../core/errors.ts'
import { blocking } from '../../core/findings.ts'
import { checkNeeds } from '../../core/role/actions/check.ts'
import {
  grantCommands,
  madeForTag,
  makeRoleCommands,
  planFaults,
  planRole,
  type RolePlan,
} from '../../core/role/make.ts'
import { analysisFindings, analysisSummary, writtenDocuments } from '../../core/role/written.ts'
import { orElse } from '../../core/text/distance.ts'
import { visible } from '../../core/text/unprintable.ts'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { regionOf, requestOf } from '../binding.ts'
import { targetFrom } from '../bindings/choose.ts'
import type { SelectionFlags } from '../bindings/chosen.ts'
import { isRoleName, lookedUp, orNearestRole, roleArnFor } from '../bindings/defaults.ts'
import type { Flags } from '../bindings/fields.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import {
  clusterNames,
  isBareWorkload,
  reachable,
  requireNamespace,
  requireWorkload,
} from '../look/cluster.ts'
import { needsYaml, observe } from '../observe.ts'
import { notice } from '../render/screen.ts'
import { UsageError } from '../usage-error.ts'

/**
 * `podid role`: prints the commands that make the binding's role, for these pods alone and with their needs alone;
 * with `create`, makes it. Asked again, it changes nothing.
 */
export const role = (
  flags: Flags & SelectionFlags & KubeconfigFlags & { create?: boolean },
): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = ownRuntime(kubernetesTokenOf(flags))
    const { input: given } = await targetFrom('role', flags)
    const region = regionOf(given)
    const account = await accountOf(runtime.aws.credentials, region)
    const named = isRoleName(given.role)
      ? { ...given, role: await roleArnFor(runtime, given.role, { region, account }) }
      : given
    const request = requestOf(await lookedUp(runtime, named), account, region)
    const { needs, faults } = checkNeeds(request.needs)
    const cluster = await eks(runtime, region).describeCluster(request.cluster)
    if (!cluster)
      throw new PreflightFailed(
        `there is no cluster ${request.cluster} in ${region}${orElse(request.cluster, await clusterNames(runtime, region))}`,
      )
    const plan = planRole({
      cluster: { name: cluster.name, arn: cluster.arn },
      account,
      namespace: request.namespace,
      serviceAccount: request.serviceAccount,
      sessionTags: request.sessionTags,
      roleArn: request.role,
      needs,
      targetRole: request.targetRole,
      boundary: request.permissionsBoundary,
    })
    const wrong = [...faults.map((fault) => `needs: ${fault}`), ...planFaults(plan)]
    if (wrong.length > 0) throw new UsageError(wrong.join('\n'))
    if (request.accessAnalyzer) await analyzed(runtime, plan, { ...request, needs, cluster })
    if (!flags.create) {
      const tags = await tagsOf(iam(runtime, region), request.role)
      const made = tags?.[madeForTag] === plan.tags[madeForTag]
      if (tags && !made)
        throw new PreflightFailed(
          `there is a role ${request.role} already, which podid did not make for these pods: podid plan shows what it lacks, with the commands, and another name makes another role`,
        )
      const commands = (made ? grantCommands : makeRoleCommands)(plan)
      process.stdout.write(visible(commands.map((command) => `${command}\n`).join('')))
      if (made)
        process.stderr.write(
          visible(`podid: role ${request.role} is there, made for these pods: this writes what it grants\n`),
        )
      if (plan.policies.length === 0)
        process.stderr.write(
          'podid: no needs were given, so this role may do nothing: add --need ACTIONS@RESOURCES, or needs to the file\n',
        )
      return exit.done
    }
    await iam(runtime, region).makeWholeRole(plan, madeForTag)
    process.stdout.write(
      visible(
        `role ${request.role} is there, for ${request.namespace}/${request.serviceAccount} of ${cluster.name} alone\n`,
      ),
    )
    return exit.done
  })

/**
 * Prints what IAM Access Analyzer says of the role's documents.
 * @throws PreflightFailed where it says that they must not be written
 */
const analyzed = async (
  runtime: Parameters<typeof accessAnalyzer>[0],
  plan: RolePlan,
  wants: Parameters<typeof writtenDocuments>[1] & { region: string },
): Promise<void> => {
  const analyses = await accessAnalyzer(runtime, wants.region).analyze(writtenDocuments(plan, wants))
  const findings = analysisFindings(plan, analyses)
  const lines = [
    ...findings.map(({ found, remedy }) => [found, remedy?.advice].join('\n  ')),
    analysisSummary(analyses) ?? [],
  ].flat()
  for (const line of lines) process.stderr.write(notice(`podid: ${line}`))
  if (blocking(findings).length > 0)
    throw new PreflightFailed(`role ${plan.name} is not made, for what IAM Access Analyzer says of it`)
}

interface NeedsFlags {
  role: string
  region?: string
  cluster?: string
  namespace?: string
  serviceAccount?: string
  workload?: string
}

/** The tags of a role that is there; undefined where there is none, or nobody may look. */
const tagsOf = async (
  roles: Pick<Iam, 'outlineRole'>,
  role: string,
): Promise<Record<string, string> | undefined> => {
  try {
    return (await roles.outlineRole(role))?.tags
  } catch (error) {
    if (error instanceof AccessDenied) return undefined
    throw error
  }
}

/** `podid needs`: the needs that a role and its workload show, as YAML to keep. */
export const needs = (flags: NeedsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = ownRuntime()
    const region = regionOf(flags)
    const { workload, cluster, namespace, ...place } = flags
    // Read before anything is asked: a kind that is none is a fault of the command line.
    if (workload !== undefined && !isBareWorkload(workload)) parseWorkloadRef(workload)
    if (!(await iam(runtime, region).readRole(flags.role)))
      throw new PreflightFailed(
        `there is no role ${flags.role}${await orNearestRole(runtime, region, flags.role.split('/').at(-1) ?? '')}`,
      )
    const connection = cluster && clusterApi(runtime, await reachable(runtime, { cluster, region }))
    if (connection && namespace) await requireNamespace(connection, namespace)
    const found =
      connection && namespace && workload ? await requireWorkload(connection, namespace, workload) : undefined
    const observed = await observe(runtime, { ...place, cluster, namespace, region, workload: found?.ref })
    process.stdout.write(visible(`${needsYaml(observed)}\n`))
    return exit.done
  })
