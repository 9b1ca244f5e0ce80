import { advise, type Finding } from '../../findings.ts'
import { type RoleFacts, roleSubject } from '../role.ts'
import { askTrust, trustKeys } from './findings.ts'

/** Somebody of an account that no trust policy means. */
const stranger = 'arn:aws:iam::000000000000:role/anybody'

/**
 * A warning where anybody in AWS may assume the role: a statement for everybody without a condition that a
 * stranger could not meet. A stranger has a role of some account and a secure connection, and nothing that only those
 * have who are meant: no network, no organization, no external id.
 */
export const openTrust = (role: Pick<RoleFacts, 'name' | 'trust'>): Finding[] => {
  const keys = trustKeys(role).filter((key) => !ofTheClock.test(key))
  const context = Object.fromEntries(keys.map((key) => [key, ofStranger[key.toLowerCase()] ?? null]))
  const { decision, by } = askTrust(role, { principal: { AWS: stranger } }, 'sts:AssumeRole', context)
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
  'aws:principalisawsservice': 'false',
  'aws:securetransport': 'true',
}

/** When somebody asks is not known: what a Deny has closed by then is not said to be open. */
const ofTheClock = /^aws:(?:current|epoch)time/i
