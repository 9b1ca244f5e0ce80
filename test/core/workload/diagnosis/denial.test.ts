import { expect, it } from 'vitest'
import { denialAdvice, type PolicyLayer, readDenial } from '../../../../core/workload/diagnosis/denial.ts'
import { isSameCause } from '../../../../core/workload/diagnosis/same-cause.ts'

const user = 'User: arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-5c8-0f'
const perform = `${user} is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-west-2:123456789012:table/Items`
const no = (what: string) => `${perform} because no ${what} allows the dynamodb:Query action`
const deny = (what: string) => `${perform} with an explicit deny in ${what}`

/** AWS's sentences: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const rows: [line: string, layer: PolicyLayer | undefined, advice: RegExp][] = [
  [no('identity-based policy'), 'identity policy', /^Allow dynamodb:Query on \S+ in a policy of role carts$/],
  [deny('an identity-based policy'), 'identity policy', /denies.* Another Allow does not help/],
  [no('permissions boundary'), 'permissions boundary', /in the permissions boundary of role carts/],
  [
    deny('a permissions boundary'),
    'permissions boundary',
    /what the permissions boundary of role carts denies/,
  ],
  [no('session policy'), 'session policy', /update-pod-identity-association/],
  [deny('a session policy'), 'session policy', /what the session policy denies/],
  [no('service control policy'), 'service control policy', /no policy of role carts helps/],
  [
    deny(
      'a service control policy: arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1',
    ),
    'service control policy',
    /who administers the organization/,
  ],
  [deny('a resource control policy'), 'resource control policy', /account that owns the resource/],
  [no('resource-based policy'), 'resource policy', /the policy of arn:aws:dynamodb:\S+ itself/],
  [deny('a resource-based policy'), 'resource policy', /itself denies/],
  [no('VPC endpoint policy'), 'VPC endpoint policy', /through that endpoint/],
  [deny('a VPC endpoint policy'), 'VPC endpoint policy', /what the policy of the VPC endpoint denies/],
  [perform, undefined, /does not say which policy/],
  ['AccessDenied: Access Denied', undefined, /does not say which policy/],
]

it.each(rows)('%s', (line, layer, advice) => {
  const denial = readDenial(line)
  expect(denial.layer).toBe(layer)
  expect(denialAdvice(denial)).toMatch(advice)
  // What does not mend it is not advised.
  if (layer !== 'identity policy') expect(denialAdvice(denial)).not.toMatch(/in a policy of role carts/)
})

it.each<[why: string, one: string, other: string, same: boolean]>([
  [
    'another role was denied',
    `pod carts-a, container carts: ended, exit code 1; it wrote: ${perform}`,
    `pod carts-b, container carts: ended, exit code 1; it wrote: ${perform.replace('role/carts', 'role/nodes')}`,
    false,
  ],
  ['another action was denied', perform, perform.replace('dynamodb:Query', 'dynamodb:PutItem'), false],
  [
    'another pod, at another time, with another session',
    `pod carts-a, container carts: CrashLoopBackOff, exit code 1, restarted 4 times; it wrote: ${perform}`,
    `pod carts-b, container carts: ended, exit code 1; it wrote: ${perform.replace('5c8-0f', '7d9-1a')}`,
    true,
  ],
  [
    'the same error at another time',
    'pod carts-a, container carts: CrashLoopBackOff, exit code 1, restarted 4 times; it wrote: 10:01:02 Error: no table',
    'pod carts-b, container carts: ended, exit code 1; it wrote: 11:02:03 Error: no table',
    true,
  ],
  [
    'another error',
    'pod carts-a, container carts: ended, exit code 1; it wrote: Error: no table',
    'pod carts-a, container carts: ended, exit code 1; it wrote: Error: no queue',
    false,
  ],
])('compares causes: %s', (_why, one, other, same) => {
  expect(isSameCause(one, other)).toBe(same)
})
