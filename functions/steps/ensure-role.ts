import { type Iam, iam } from '../../adapters/iam/iam.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { NotShown, Refused } from '../../core/errors.ts'
import { decideRole, plannedRole } from '../../core/role/creation.ts'
import type { RoleStep } from '../../core/steps/answers.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster } from '../support/inputs.ts'
import { lambda } from '../support/lambda.ts'

/**
 * Makes the role that was missing when VerifyRole looked: for these pods alone, with their needs and nothing else.
 * One that has come to be since is used where it is what this run would make, and else the run stops. Asking twice
 * does no harm.
 */
export const ensureRole =
  (roles: Pick<Iam, 'outlineRole' | 'createRole' | 'putRolePolicies'>) =>
  async ({ request, cluster }: OnCluster): Promise<RoleStep> => {
    const plan = plannedRole(request, cluster)
    const decide = (found: Parameters<typeof decideRole>[2]) => {
      const decision = decideRole(plan, request.run, found)
      if (decision.action === 'refuse') throw new Refused(decision.why)
      return decision
    }
    const decision = decide(await roles.outlineRole(plan.name))
    if (decision.action === 'none' && !decision.ours)
      return { action: 'kept', message: `role ${plan.name} is there by now, as this run would have made it` }
    if (decision.action === 'create' && !(await roles.createRole(plan)))
      // A retry decides by what is there, once IAM shows it.
      throw new NotShown(`creating role ${plan.name}: there is one of that name, which IAM does not show yet`)
    if (decision.action === 'create') await roles.putRolePolicies(plan.name, plan.policies)
    if (decision.action === 'complete') await roles.putRolePolicies(plan.name, decision.policies)
    // EKS looks at the role's trust when it is given the role.
    const made = decide(await roles.outlineRole(plan.name))
    if (made.action !== 'none')
      throw new NotShown(`IAM answered that it made role ${plan.name}, and does not show it whole yet`)
    return { action: 'created', message: `role ${plan.name} created` }
  }

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'EnsureRole', input: OnCluster }, (input: OnCluster) =>
    ensureRole(iam(runtime, input.request.region))(input),
  )

export const handler = create(lambda)
