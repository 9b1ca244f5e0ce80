import { expect, it } from 'vitest'
import { type Denial, denialAdvice, readDenial } from '../../../../core/workload/diagnosis/denial.ts'
import { causeIn, isSameCause } from '../../../../core/workload/diagnosis/same-cause.ts'

const user = 'User: arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-5c8-0f'
const perform = `${user} is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-west-2:123456789012:table/Items`
const no = (what: string) => `${perform} because no ${what} allows the dynamodb:Query action`
const deny = (what: string) => `${perform} with an explicit deny in ${what}`

/** AWS's sentences: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/Items'
const what = `dynamodb:Query on ${table}`
const scp = 'arn:aws:organizations::111122223333:policy/o-1/service_control_policy/p-1'
const ask = 'ask who administers the organization.'
const unknown = (denied: string, whose: string) =>
  `The line does not say which policy denies ${denied}. Look whether the policies of ${whose} allow it, then at its permissions boundary, the policy of the resource, and the organization’s policies.`
const rows: [line: string, read: Partial<Denial>, advice: string][] = [
  [no('identity-based policy'), { layer: 'identity policy' }, `Allow ${what} in a policy of role carts`],
  [
    deny('an identity-based policy'),
    { layer: 'identity policy' },
    `Take ${what} out of what a policy of role carts denies. Another Allow does not help.`,
  ],
  [
    no('permissions boundary'),
    { layer: 'permissions boundary' },
    `Allow ${what} in the permissions boundary of role carts. Its policies cannot go beyond that.`,
  ],
  [
    deny('a permissions boundary: arn:aws:iam::123456789012:policy/limits.'),
    { layer: 'permissions boundary', policy: 'arn:aws:iam::123456789012:policy/limits' },
    `Take ${what} out of what the permissions boundary of role carts denies. Its policies cannot go beyond that.`,
  ],
  [
    deny('a permissions boundary: arn:aws:iam::123456789012:policy/limits.v2'),
    { layer: 'permissions boundary', policy: 'arn:aws:iam::123456789012:policy/limits.v2' },
    `Take ${what} out of what the permissions boundary of role carts denies. Its policies cannot go beyond that.`,
  ],
  [
    no('session policy'),
    { layer: 'session policy' },
    `Allow ${what} in the session policy. With Pod Identity that is the association’s own (the policy of aws eks update-pod-identity-association); the policies of role carts cannot go beyond it.`,
  ],
  [
    deny('a session policy'),
    { layer: 'session policy' },
    `Take ${what} out of what the session policy denies. With Pod Identity that is the association’s own (the policy of aws eks update-pod-identity-association); the policies of role carts cannot go beyond it.`,
  ],
  [
    no('service control policy'),
    { layer: 'service control policy' },
    `Allow ${what} in a service control policy of the organization. It holds for the role’s whole account, and no policy of role carts helps: ${ask}`,
  ],
  [
    deny(`a service control policy: ${scp}`),
    { layer: 'service control policy', policy: scp },
    `Take ${what} out of what a service control policy of the organization denies. It holds for the role’s whole account, and no policy of role carts helps: ${ask}`,
  ],
  [
    deny('a resource control policy'),
    { layer: 'resource control policy' },
    `Take ${what} out of what a resource control policy of the organization denies. It holds for the account that owns the resource, and no policy of role carts helps: ${ask}`,
  ],
  [
    no('resource-based policy'),
    { layer: 'resource policy' },
    `Allow ${what} in the policy of ${table} itself.`,
  ],
  [
    deny('a resource-based policy'),
    { layer: 'resource policy' },
    `Take ${what} out of what the policy of ${table} itself denies. Another Allow does not help.`,
  ],
  [
    no('VPC endpoint policy'),
    { layer: 'VPC endpoint policy' },
    `Allow ${what} in the policy of the VPC endpoint. The pods reach the service through that endpoint, and no policy of role carts helps.`,
  ],
  [
    deny('a VPC endpoint policy'),
    { layer: 'VPC endpoint policy' },
    `Take ${what} out of what the policy of the VPC endpoint denies. The pods reach the service through that endpoint, and no policy of role carts helps.`,
  ],
  [perform, {}, unknown(what, 'role carts')],
]
const whole: Denial = {
  role: 'carts',
  session: 'eks-eks-worksh-carts-5c8-0f',
  account: '123456789012',
  action: 'dynamodb:Query',
  resource: table,
  explicit: false,
}

it.each(rows)('%s', (line, read, advice) => {
  const denial = readDenial(line)
  expect(denial).toStrictEqual({ ...whole, explicit: line.includes('explicit'), ...read })
  expect(denialAdvice(denial)).toBe(advice)
})

it.each<[why: string, line: string, read: Partial<Denial>, advice: string]>([
  [
    'nothing but that it was denied',
    'AccessDenied: Access Denied',
    { explicit: false },
    unknown('what the line names', 'its role'),
  ],
  [
    'a role without its account, and an action on no resource',
    'assumed-role/carts/eks-x is not authorized to perform: sts:GetCallerIdentity',
    { role: 'carts', session: 'eks-x', action: 'sts:GetCallerIdentity', explicit: false },
    unknown('sts:GetCallerIdentity', 'role carts'),
  ],
  [
    'a resource in quotes, and nobody’s role',
    `not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows it`,
    {
      action: 's3:GetObject',
      resource: 'arn:aws:s3:::b/k',
      layer: 'identity policy',
      explicit: false,
    },
    'Allow s3:GetObject on arn:aws:s3:::b/k in a policy of its role',
  ],
  [
    'a resource policy of it does not say which resource',
    'not authorized to perform: s3:GetObject because no resource-based policy allows the s3:GetObject action',
    { action: 's3:GetObject', layer: 'resource policy', explicit: false },
    'Allow s3:GetObject in the policy of the resource itself.',
  ],
  [
    'a session of an instance’s own role',
    'assumed-role/nodes/i-0123456789abcdef0 is not authorized to perform: s3:GetObject',
    { role: 'nodes', session: 'i-0123456789abcdef0', action: 's3:GetObject', explicit: false },
    'The pod acted as the node’s role nodes, so it did not use Pod Identity: check that its AWS SDK is recent enough (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html)',
  ],
])('%s', (_why, line, read, advice) => {
  expect(readDenial(line)).toStrictEqual(read)
  expect(denialAdvice(readDenial(line))).toBe(advice)
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

it.each<[why: string, text: string, cause: string]>([
  [
    'a denial: who, what, on what, by what',
    perform,
    'carts dynamodb:Query arn:aws:dynamodb:us-west-2:123456789012:table/Items ',
  ],
  ['a denial of a role alone', 'assumed-role/carts/x: AccessDenied', 'carts   '],
  ['a denial of an action alone', 'not authorized to perform: s3:GetObject', ' s3:GetObject  '],
  ['a pod', 'pod carts-a, failed: Evicted', 'failed: Evicted'],
  ['a pod in the middle', 'evicted: pod carts-a, node', 'evicted: pod carts-a, node'],
  ['some of many pods', '12 of 345 pods (carts-a, …), failed', 'failed'],
  ['that it was so before', 'failed (it was so before this run)', 'failed'],
  [
    'what only looks so',
    'failed (it was so before this run) twice',
    'failed (it was so before this run) twice',
  ],
  ['one restart', 'ended, restarted once', 'crashed'],
  ['many restarts', 'CrashLoopBackOff, restarted 12 times; it wrote: x', 'crashed; it wrote: x'],
  ['a pull', 'c: ErrImagePull, rpc error (image carts:x)', 'c: image (image carts:x)'],
  ['a pull that is waited for', 'c: ImagePullBackOff, Back-off', 'c: image'],
  [
    'an id of a request',
    'id 01234567-89ab-cdef-0123-456789abcdef and 01234567-89ab-cdef-0123-456789abcdef',
    'id # and #',
  ],
  ['what is no id', 'id 0123456x-89ab-cdef-0123-456789abcdef', 'id #x-#ab-cdef-#-#abcdef'],
  ['numbers', 'at 10:01 of 2026', 'at #:# of #'],
])('leaves out of a cause what differs from time to time: %s', (_why, text, cause) => {
  expect(causeIn(text)).toBe(cause)
})
