import { eks } from '../../adapters/eks/eks.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { PreflightFailed } from '../../core/errors.ts'
import { checkNeeds } from '../../core/role/actions/check.ts'
import { madeForTag, makeRoleCommands, planFaults, planRole } from '../../core/role/make.ts'
import { visible } from '../../core/text/unprintable.ts'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { regionOf, requestOf } from '../binding.ts'
import { type SelectionFlags, targetFrom } from '../bindings/choose.ts'
import { isRoleName, lookedUp, roleArnFor } from '../bindings/defaults.ts'
import type { Flags } from '../bindings/fields.ts'
import { type KubeconfigFlags, kubernetesTokenOf } from '../bindings/kubeconfig.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf } from '../identity.ts'
import { needsYaml, observe } from '../observe.ts'
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
    if (!cluster) throw new PreflightFailed(`there is no cluster ${request.cluster} in ${region}`)
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
    if (!flags.create) {
      process.stdout.write(visible(`${makeRoleCommands(plan).join('\n')}\n`))
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

interface NeedsFlags {
  role: string
  region?: string
  cluster?: string
  namespace?: string
  serviceAccount?: string
  workload?: string
}

/** `podid needs`: the needs that a role and its workload show, as YAML to keep. */
export const needs = (flags: NeedsFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = ownRuntime()
    const region = regionOf(flags)
    if (!(await iam(runtime, region).readRole(flags.role)))
      throw new PreflightFailed(`there is no role ${flags.role}`)
    const { workload, ...place } = flags
    const observed = await observe(runtime, {
      ...place,
      region,
      workload: workload === undefined ? undefined : parseWorkloadRef(workload),
    })
    process.stdout.write(visible(`${needsYaml(observed)}\n`))
    return exit.done
  })
