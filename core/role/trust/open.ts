import { advise, type Finding } from '../../findings.ts'
import { askedKeys, evaluate, preparePolicies } from '../../policy/evaluate.ts'
import { type RoleFacts, roleSubject } from '../role.ts'
import { trustPolicy } from './findings.ts'

/** Somebody of an account that no trust policy means. */
const stranger = 'arn:aws:iam::000000000000:role/anybody'

/**
 * A warning where anybody in AWS may assume the role: a statement for everybody without a condition that a
 * stranger could not meet. A stranger has a secure connection and can send any tag and external id there is.
 */
export const openTrust = (role: Pick<RoleFacts, 'name' | 'trust'>): Finding[] => {
  const policies = [trustPolicy(role)]
  const principal = { AWS: stranger }
  const asked = askedKeys(preparePolicies({ policies, principal }))
  const unknown = new Set(asked.filter((key) => isOfTheirChoice(key)))
  const context = Object.fromEntries(
    asked.filter((key) => !unknown.has(key)).map((key) => [key, ofStranger[key.toLowerCase()] ?? null]),
  )
  const { decision, by } = evaluate({ policies, principal, action: 'sts:AssumeRole', resource: '*', context })
  if (decision !== 'allowed') return []
  return [
    {
      code: 'trust-open-to-everybody',
      severity: 'warning',
      subject: roleSubject(role),
      found: `its trust policy (${by.map(({ sid }) => `statement ${sid}`).join(', ')}) lets everybody in AWS assume the role, of whatever account`,
      remedy: advise(
        'Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
      ),
    },
  ]
}

const ofStranger: Readonly<Record<string, string>> = {
  'aws:principalarn': stranger,
  'aws:principalaccount': '000000000000',
  'aws:principaltype': 'AssumedRole',
  'aws:securetransport': 'true',
}

/** What a caller writes into the request: an external id is a secret of a kind, so it closes the door. */
const isOfTheirChoice = (key: string): boolean =>
  /^(?:sts:externalid|sts:rolesessionname|aws:sourceip|aws:sourcevpc\w*|aws:currenttime|aws:epochtime|aws:useragent)$/i.test(
    key,
  )
