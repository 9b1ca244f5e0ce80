import { advise, type Finding } from '../../findings.ts'
import { firstOf } from '../../text/list.ts'
import { type RoleFacts, roleSubject } from '../role.ts'
import type { Verdict } from './verdicts.ts'

/** Services whose resources have policies of their own that often deny, and what those are called. */
const ownPolicies: Readonly<Record<string, string>> = {
  kms: 'the policy of the key, without which no grant of a role counts',
  s3: 'the policy of the bucket',
  sqs: 'the policy of the queue',
  sns: 'the policy of the topic',
  secretsmanager: 'the policy of the secret, and of the key that encrypts it',
}

/**
 * What decides beside the role and was not looked at: policies of resources, those of resources in other accounts
 * above all, which must grant as well.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 */
export const unseenFindings = (role: RoleFacts, verdicts: readonly Verdict[]): Finding[] => {
  const subject = roleSubject(role)
  const account = role.arn.split(':')[4]
  const resources = [...new Set(verdicts.filter(({ granted }) => granted).map(({ resource }) => resource))]
  const elsewhere = resources.filter((resource) => {
    const [, , service, , owner] = resource.split(':')
    // Whether a role lets itself be assumed is looked at by itself.
    return service !== 'iam' && /^\d{12}$/.test(String(owner)) && owner !== account
  })
  const services = new Set(resources.map((resource) => resource.split(':')[2]))
  const unseen = Object.entries(ownPolicies).flatMap(([service, what]) =>
    services.has(service) ? [what] : [],
  )
  return [
    ...(elsewhere.length > 0
      ? [
          {
            code: 'resource-in-another-account',
            severity: 'warning' as const,
            subject,
            found: `${firstOf(elsewhere, 3)} ${elsewhere.length === 1 ? 'belongs' : 'belong'} to another account, whose policy must grant too; it was not looked at`,
            remedy: advise(
              `In that account, see that the policy of the resource grants ${role.arn} the same.`,
            ),
          },
        ]
      : []),
    ...(unseen.length > 0
      ? [
          {
            code: 'resource-policies-not-looked-at',
            severity: 'info' as const,
            subject,
            found: `not looked at, and each of them can refuse what the role grants: ${unseen.join('; ')}; resource control policies; policies of VPC endpoints`,
          },
        ]
      : []),
  ]
}
