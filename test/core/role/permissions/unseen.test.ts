import { expect, it } from 'vitest'
import { unseenFindings } from '../../../../core/role/permissions/unseen.ts'
import type { Verdict } from '../../../../core/role/permissions/verdicts.ts'
import { told } from '../../told.ts'
import { account, roleWith } from './support.ts'

const verdict = (resource: string, granted = true): Verdict => ({
  role: 'r',
  action: 'a:b',
  resource,
  granted,
  decision: granted ? 'allowed' : 'implicitDeny',
  layers: [],
  by: [],
  missingKeys: [],
})
const of = (service: string, owner = account) => `arn:aws:${service}:us-west-2:${owner}:x`
const elsewhere = '999900001111'
const role = 'role eks-workshop-carts-dynamo'
const see = `→ In that account, see that the policy of the resource grants arn:aws:iam::${account}:role/eks-workshop-carts-dynamo the same.`
const unseen = (what: string) =>
  `info resource-policies-not-looked-at, ${role}: not looked at, and each of them can refuse what the role grants: ${what}; resource control policies; policies of VPC endpoints`

it.each<[why: string, verdicts: Verdict[], said: string[]]>([
  ['a table of the account', [verdict(of('dynamodb'))], []],
  ['what is not granted', [verdict(of('kms', elsewhere), false)], []],
  ['any resource', [verdict('*')], []],
  ['a key', [verdict(of('kms'))], [unseen('the policy of the key, without which no grant of a role counts')]],
  ['a bucket', [verdict('arn:aws:s3:::b')], [unseen('the policy of the bucket')]],
  ['a queue', [verdict(of('sqs'))], [unseen('the policy of the queue')]],
  ['a topic', [verdict(of('sns'))], [unseen('the policy of the topic')]],
  [
    'a secret',
    [verdict(of('secretsmanager'))],
    [unseen('the policy of the secret, and of the key that encrypts it')],
  ],
  [
    'two, in the order in which they are known',
    [verdict(of('sqs')), verdict('arn:aws:s3:::b'), verdict(of('sqs'))],
    [unseen('the policy of the bucket; the policy of the queue')],
  ],
  [
    'a table of another account',
    [verdict(of('dynamodb', elsewhere)), verdict(of('dynamodb', elsewhere))],
    [
      `warning resource-in-another-account, ${role}: ${of('dynamodb', elsewhere)} belongs to another account, whose policy must grant too; it was not looked at`,
      see,
    ],
  ],
  [
    'two of other accounts',
    [verdict(of('dynamodb', elsewhere)), verdict(of('ecr', elsewhere))],
    [
      `warning resource-in-another-account, ${role}: ${of('dynamodb', elsewhere)}, ${of('ecr', elsewhere)} belong to another account, whose policy must grant too; it was not looked at`,
      see,
    ],
  ],
  ['a role of another account, whose trust is looked at', [verdict(`arn:aws:iam::${elsewhere}:role/x`)], []],
  ['owners that are none', [verdict(of('ecr', '*')), verdict(of('ecr', `1${elsewhere}`))], []],
])('what was not looked at: %s', (_why, verdicts, said) => {
  expect(told(unseenFindings(roleWith([]), verdicts))).toEqual(said)
})
