import { describe, expect, it } from 'vitest'
import type { PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts } from '../../../../core/role/role.ts'
import { account, check, codes, document, grantOf, managed, roleWith } from './support.ts'

const namespaceTag = '${aws:PrincipalTag/kubernetes-namespace}'

describe('conditions', () => {
  const grantedIf = (operator: string, key: string, value: unknown) =>
    roleWith(
      [managed(document(grantOf('dynamodb:*', '*', { Condition: { [operator]: { [key]: value } } })))],
      {
        tags: { team: 'shop' },
      },
    )
  const rows: [string, RoleFacts, Partial<PermissionQuestion>, string[]][] = [
    [
      'the session’s namespace',
      grantedIf('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts'),
      {},
      [],
    ],
    [
      'a session tag, over the role’s own of that name',
      {
        ...grantedIf('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts'),
        tags: { 'kubernetes-namespace': 'orders' },
      },
      {},
      [],
    ],
    ['the role’s own tag', grantedIf('StringEquals', 'aws:PrincipalTag/team', 'shop'), {}, []],
    [
      'a tag that neither sets',
      grantedIf('StringEquals', 'aws:PrincipalTag/stage', 'x'),
      {},
      ['permission-missing'],
    ],
    [
      'the pod’s name, known only to the pod',
      grantedIf('StringLike', 'aws:PrincipalTag/kubernetes-pod-name', 'carts-*'),
      {},
      ['permission-conditional'],
    ],
    [
      'session tags, where they are off',
      grantedIf('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts'),
      { sessionTags: false },
      ['permission-missing'],
    ],
    [
      'a session tag in a value',
      grantedIf('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/eks-workshop-${namespaceTag}-*`),
      {},
      [],
    ],
    [
      'a session tag in a value, where tags are off',
      grantedIf('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/eks-workshop-${namespaceTag}-*`),
      { sessionTags: false },
      ['permission-missing'],
    ],
    [
      'a session tag compared with what is not known, where tags are off',
      grantedIf('StringEquals', 'aws:ResourceTag/namespace', namespaceTag),
      { sessionTags: false },
      ['permission-missing'],
    ],
    [
      'a session tag in the resource, where tags are off',
      roleWith(
        [
          managed(
            document(grantOf('dynamodb:*', `arn:aws:dynamodb:*:*:table/eks-workshop-${namespaceTag}*`)),
          ),
        ],
        {
          tags: {},
        },
      ),
      { sessionTags: false },
      ['permission-missing'],
    ],
    ['the account of the resource', grantedIf('StringEquals', 'aws:ResourceAccount', account), {}, []],
    [
      'the role by its ARN',
      grantedIf('ArnLike', 'aws:PrincipalArn', `arn:aws:iam::${account}:role/*`),
      {},
      [],
    ],
    ...[
      'aws:SourceArn',
      'aws:SourceAccount',
      'aws:CalledVia',
      'aws:SourceIdentity',
      'aws:MultiFactorAuthAge',
      'aws:FederatedProvider',
      'aws:username',
    ].map((key): [string, RoleFacts, Partial<PermissionQuestion>, string[]] => [
      `${key}, which no call of a pod has`,
      grantedIf('Null', key, 'false'),
      {},
      ['permission-missing'],
    ]),
    [
      'the network a pod is in',
      grantedIf('StringEquals', 'aws:SourceVpc', 'vpc-1'),
      {},
      ['permission-conditional'],
    ],
    [
      'items that the request names',
      grantedIf('ForAllValues:StringEquals', 'dynamodb:LeadingKeys', 'x'),
      {},
      ['permission-conditional'],
    ],
  ]
  it.each(rows)('%s', (_why, checked, more, expected) => {
    expect([...new Set(codes(checked, more))]).toEqual(expected)
  })

  it('are warnings that name key and statement', () => {
    expect(check(grantedIf('StringEquals', 'aws:SourceVpc', 'vpc-1')).findings[0]).toMatchObject({
      severity: 'warning',
      found: expect.stringMatching(/depends on aws:SourceVpc \(statement Grant of the policy/),
    })
  })

  it('do not guess at the role’s own tags where they were not read', () => {
    const { tags: _tags, ...unread } = grantedIf('StringEquals', 'aws:PrincipalTag/team', 'shop')
    expect([...new Set(codes(unread))]).toEqual(['permission-conditional'])
  })
})
