import { type Eks, eks } from '../adapters/eks.ts'
import { type Iam, iam } from '../adapters/iam.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { AccessDenied } from '../core/errors.ts'
import { blocking, type Finding } from '../core/findings.ts'
import { podSessionContext } from '../core/permissions/context.ts'
import { checkPermissions, type PermissionCheck } from '../core/permissions.ts'
import type { Request } from '../core/request.ts'
import type { PodIdentity, RoleFacts } from '../core/role.ts'
import { compareOpinions } from '../core/second-opinion.ts'
import type { RoleCheck } from '../core/steps.ts'
import { checkTrust } from '../core/trust.ts'
import { OnCluster, wantedAssociation } from './support/inputs.ts'
import { lambda } from './support/lambda.ts'
import { task } from './support/task.ts'

/** Part of state 3: whether EKS may assume the role for these pods, and whether it grants what they need. */
export const verifyRole =
  (roles: Iam, associations: (region: string) => Pick<Eks, 'findAssociation'>) =>
  async ({ request, cluster }: OnCluster): Promise<RoleCheck> => {
    const [role, target, existing] = await Promise.all([
      roles.readRole(request.role),
      readTarget(roles, request),
      associations(request.region).findAssociation(wantedAssociation(request)),
    ])
    if (!role) return { summary: 'there is no such role', findings: [missing(request)] }
    const identity: PodIdentity = {
      cluster: { arn: cluster.arn, name: cluster.name },
      account: request.account,
      namespace: request.namespace,
      serviceAccount: request.serviceAccount,
      sessionTags: request.sessionTags,
    }
    const session = existing?.policy === undefined ? undefined : sessionPolicy(existing.policy)
    const check = (facts: RoleFacts) =>
      checkPermissions({
        ...identity,
        role: facts,
        needs: request.needs,
        targetRole: request.targetRole,
        target,
        session,
      })
    const first = check(role)
    // A missing grant may sit in a version of a policy that is not in force; only then is it worth looking.
    const permissions = first.findings.some(({ code }) => code === 'permission-missing')
      ? check(await roles.readOtherVersions(role))
      : first
    const findings = [
      ...checkTrust({ role, ...identity }),
      ...permissions.findings,
      ...(await secondOpinion(roles, role, identity, permissions)),
    ]
    return { summary: summarise(request, findings, permissions), findings }
  }

/** A role of another account can usually not be read; the check says so by itself. */
const readTarget = async (roles: Iam, { targetRole, account }: Request): Promise<RoleFacts | undefined> => {
  if (targetRole === undefined || targetRole.split(':')[4] !== account) return undefined
  try {
    return await roles.readRole(targetRole)
  } catch (error) {
    if (error instanceof AccessDenied) return undefined
    throw error
  }
}

/** What is no JSON goes on as the text it is: the check says so. */
const sessionPolicy = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const secondOpinion = async (
  roles: Iam,
  role: RoleFacts,
  identity: PodIdentity,
  { verdicts }: PermissionCheck,
): Promise<Finding[]> => {
  const own = verdicts.filter((verdict) => verdict.role === role.name)
  if (own.length === 0) return []
  const opinion = await roles.simulate({
    roleArn: role.arn,
    asked: own,
    context: podSessionContext(role, identity, [])('*'),
  })
  return compareOpinions(role, own, opinion)
}

const missing = ({ role, account }: Request): Finding => ({
  code: 'role-missing',
  severity: 'blocking',
  subject: `role ${role.split('/').at(-1)}`,
  found: `there is no role ${role} in account ${account}`,
  remedy: `aws iam get-role --role-name ${role.split('/').at(-1)}`,
})

const summarise = (request: Request, findings: Finding[], { verdicts }: PermissionCheck): string => {
  const name = request.role.split('/').at(-1)
  const trusted = !blocking(findings).some(({ code }) => code.startsWith('trust-'))
  const granted = verdicts.filter((verdict) => verdict.granted).length
  return [
    `${name} ${trusted ? 'trusts' : 'does not trust'} pods.eks.amazonaws.com`,
    verdicts.length === 0
      ? 'no needs were declared, so its policies were not judged'
      : `${granted} of ${verdicts.length} permissions granted`,
  ].join('; ')
}

export const create = (runtime: Runtime) =>
  task(
    'VerifyRole',
    OnCluster,
    (input: OnCluster) =>
      verifyRole(iam(runtime, input.request.region), (region) => eks(runtime, region))(input),
    runtime,
  )

export const handler = create(lambda)
