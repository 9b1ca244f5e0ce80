import { systemClock } from '../../adapters/clock.ts'
import { eks } from '../../adapters/eks/eks.ts'
import { iam } from '../../adapters/iam/iam.ts'
import { PodidError, PreflightFailed } from '../../core/errors.ts'
import { resolveRequest } from '../../core/request-input.ts'
import { checkNeeds } from '../../core/role/actions/check.ts'
import { madeForTag, makeRoleCommands, planFaults, planRole } from '../../core/role/make.ts'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { type BindingFlags, inputFrom, UsageError } from '../binding.ts'
import { type ExitCode, exit } from '../exit.ts'
import { accountOf, ownCredentials } from '../identity.ts'
import { needsYaml, observe } from '../observe.ts'
import { silent } from '../run.ts'

const runtimeOf = () => ({
  aws: { credentials: ownCredentials() },
  clock: systemClock,
  log: silent,
  progress: () => {},
})

const regionOf = (flags: { region?: string }): string => {
  const region = flags.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (region) return region
  throw new UsageError('no region: give --region, or set AWS_REGION')
}

/** A failure of AWS, or a request with faults, as a line for people. */
const reportingErrors = async (work: () => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PodidError)) throw error
    process.stderr.write(`podid: ${error.message}\n`)
    return error.name === 'InvalidRequest' ? exit.usage : exit.failed
  }
}

/**
 * `podid role`: prints the commands that make the binding's role, for these pods alone and with their needs alone;
 * with `create`, makes it. Asked again, it changes nothing.
 */
export const role = (flags: BindingFlags & { boundary?: string; create?: boolean }): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = runtimeOf()
    const region = regionOf(flags)
    const account = await accountOf(runtime.aws.credentials, region)
    const arn = `arn:aws:states:${region}:${account}:execution:podid:role`
    const request = resolveRequest(inputFrom(flags), { arn, startTime: new Date(0).toISOString() })
    const { needs, faults } = checkNeeds(request.needs)
    const cluster = await eks(runtime, request.region).describeCluster(request.cluster)
    if (!cluster) throw new PreflightFailed(`there is no cluster ${request.cluster} in ${request.region}`)
    const plan = planRole({
      cluster: { name: cluster.name, arn: cluster.arn },
      account,
      namespace: request.namespace,
      serviceAccount: request.serviceAccount,
      sessionTags: request.sessionTags,
      roleArn: request.role,
      needs,
      boundary: flags.boundary,
    })
    const wrong = [...faults.map((fault) => `needs: ${fault}`), ...planFaults(plan)]
    if (wrong.length > 0) throw new UsageError(wrong.join('\n'))
    if (!flags.create) {
      process.stdout.write(`${makeRoleCommands(plan).join('\n')}\n`)
      if (plan.policies.length === 0)
        process.stderr.write(
          'podid: no needs were given, so this role may do nothing: add --need ACTIONS@RESOURCES, or needs to the file\n',
        )
      return exit.done
    }
    await iam(runtime, region).createRole(plan, madeForTag)
    process.stdout.write(
      `role ${request.role} is there, for ${request.namespace}/${request.serviceAccount} of ${cluster.name} alone\n`,
    )
    return exit.done
  })

/** `podid needs`: the needs that a role and its workload show, as YAML to keep. */
export const needs = (flags: BindingFlags & { role: string }): Promise<ExitCode> =>
  reportingErrors(async () => {
    const runtime = runtimeOf()
    const region = regionOf(flags)
    if (!(await iam(runtime, region).readRole(flags.role)))
      throw new PreflightFailed(`there is no role ${flags.role}`)
    const { workload, ...place } = flags
    const observed = await observe(runtime, {
      ...place,
      region,
      workload: workload === undefined ? undefined : parseWorkloadRef(workload),
    })
    process.stdout.write(`${needsYaml(observed)}\n`)
    return exit.done
  })
