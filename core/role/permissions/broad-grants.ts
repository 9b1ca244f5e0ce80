import { advise, type Finding } from '../../findings.ts'
import { type Context, judge, type NamedPolicy, preparePolicies } from '../../policy/evaluate.ts'
import { type RoleFacts, type RolePolicy, roleSubject } from '../role.ts'

/** What hardly any workload needs, broadest first, and why it matters. */
const broad: readonly { action: string; reason: string }[] = [
  {
    action: '*:*',
    reason: 'every action on every resource, so that whoever takes over a pod owns the account',
  },
  { action: 'iam:*', reason: 'all of IAM, so that a pod can grant itself whatever it likes' },
  {
    action: 'iam:PassRole',
    reason:
      'iam:PassRole on every role, so that a pod can hand a stronger role to a service and act through it',
  },
  { action: 'sts:AssumeRole', reason: 'sts:AssumeRole on every role that trusts this account' },
]

/** Managed policies of AWS that are made for administrators, beyond what the table sees in them. */
const administrators = new Set<string | undefined>([
  'AdministratorAccess',
  'IAMFullAccess',
  'PowerUserAccess',
  'SystemAdministrator',
])

/** A warning for each policy that grants far more than a workload needs, with the reason. */
export const broadGrants = (role: RoleFacts): Finding[] =>
  role.policies.flatMap((policy) => {
    const reason = broadReason(policy)
    if (reason === undefined) return []
    return [
      {
        code: 'grant-over-broad',
        severity: 'warning',
        subject: roleSubject(role),
        found: `policy ${policy.name} ${reason}`,
        remedy: advise(
          `Grant what the workload needs instead, resource by resource, and take policy ${policy.name} away from ${role.name}.`,
        ),
      },
    ]
  })

const anyContext: Context = {}

const broadReason = (policy: RolePolicy): string | undefined => {
  const policies = preparePolicies({ policies: [policy satisfies NamedPolicy] })
  const found = broad.find(
    ({ action }) => judge(policies, { action, resource: '*', context: anyContext }).decision === 'allowed',
  )
  if (found) return `grants ${found.reason}`
  const managed = policy.arn?.match(/^arn:[^:]+:iam::aws:policy\/(?:.*\/)?([^/]+)/)?.[1]
  return administrators.has(managed) ? "is one of AWS's policies for administrators" : undefined
}
