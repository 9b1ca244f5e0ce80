import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../../core/findings.ts'
import { checkPermissions, type PermissionQuestion } from '../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../core/role/role.ts'
import { optionOf, shellCommands } from '../../support/shell-words.ts'

const account = '111122223333'
const table = `arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts`
const index = `${table}/index/*`
const policyArn = `arn:aws:iam::${account}:policy/eks-workshop-carts-dynamo`

const identity = {
  cluster: { name: 'eks-workshop', arn: `arn:aws:eks:us-west-2:${account}:cluster/eks-workshop` },
  account,
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}

const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const allow = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Sid: 'Grant',
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
})
const deny = (Action: unknown, Resource: unknown, more: object = {}) => ({
  ...allow(Action, Resource, more),
  Sid: 'Forbid',
  Effect: 'Deny',
})

/** The workshop's policy. */
const cartsDocument = document({
  Sid: 'AllAPIActionsOnCart',
  Effect: 'Allow',
  Action: 'dynamodb:*',
  Resource: [table, index],
})

const managed = (documentInForce: unknown, more: Partial<RolePolicy> = {}): RolePolicy => ({
  name: 'eks-workshop-carts-dynamo',
  arn: policyArn,
  kind: 'managed',
  version: 'v1',
  document: documentInForce,
  ...more,
})

const role = (policies: RolePolicy[], more: Partial<RoleFacts> = {}): RoleFacts => ({
  name: 'eks-workshop-carts-dynamo',
  arn: `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`,
  path: '/',
  trust: {},
  policies,
  ...more,
})

const needs = [
  { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table] },
  { actions: ['dynamodb:Query'], resources: [index] },
]

const check = (checked: RoleFacts, more: Partial<PermissionQuestion> = {}) => {
  const { verdicts, findings } = checkPermissions({ ...identity, role: checked, needs, ...more })
  // That a resource is in another account than the role is told in tests of its own.
  return { verdicts, findings: findings.filter(({ code }) => code !== 'resource-in-another-account') }
}

const codes = (checked: RoleFacts, more: Partial<PermissionQuestion> = {}) =>
  check(checked, more).findings.map(({ code }) => code)

describe('the workshop’s role', () => {
  it('grants its needs, each by the statement that does', () => {
    const { verdicts, findings } = check(role([managed(cartsDocument)]))
    expect(findings).toEqual([])
    expect(verdicts).toHaveLength(3)
    expect(verdicts[2]).toEqual({
      role: 'eks-workshop-carts-dynamo',
      action: 'dynamodb:Query',
      resource: index,
      granted: true,
      decision: 'allowed',
      layers: [],
      by: [{ layer: 'role', policy: 'eks-workshop-carts-dynamo', sid: 'AllAPIActionsOnCart' }],
      missingKeys: [],
    })
  })
})

describe('a need that is not met', () => {
  const onTable = managed(document(allow('dynamodb:*', table)))
  const all = managed(cartsDocument)
  const boundary = (boundaryDocument: unknown, arn = `arn:aws:iam::${account}:policy/limits`) => ({
    boundary: { name: 'limits', arn, document: boundaryDocument },
  })
  type Row = [string, RoleFacts, Partial<PermissionQuestion>, string, string]
  const rows: Row[] = [
    ['the index was forgotten', role([onTable]), {}, 'permission-missing', `dynamodb:Query on ${index}`],
    [
      'no policy at all',
      role([]),
      {},
      'permission-missing',
      'no policy grants dynamodb:GetItem, dynamodb:Query',
    ],
    [
      'granted in a version that is not in force',
      role([
        managed(document(allow('dynamodb:*', table)), {
          otherVersions: [{ id: 'v2', document: cartsDocument }],
        }),
      ]),
      {},
      'permission-in-non-default-version',
      'version v2 of policy eks-workshop-carts-dynamo',
    ],
    [
      'forbidden outright',
      role([all, { ...onTable, name: 'guard', document: document(deny('dynamodb:Query', '*')) }]),
      {},
      'permission-denied-explicitly',
      'statement Forbid of the policy guard',
    ],
    [
      'forbidden for one index',
      role([all, { ...onTable, name: 'guard', document: document(deny('*', `${table}/index/byOwner`)) }]),
      {},
      'permission-denied-explicitly',
      'a part of dynamodb:Query',
    ],
    [
      'beyond the boundary',
      role([all], boundary(document(allow('dynamodb:*', table)))),
      {},
      'permission-boundary-blocks',
      `does not include dynamodb:Query on ${index}`,
    ],
    [
      'forbidden by the boundary',
      role([all], boundary(document(allow('*', '*'), deny('dynamodb:Query', index)))),
      {},
      'permission-denied-explicitly',
      'permissions boundary limits',
    ],
    [
      'beyond the session policy',
      role([all]),
      { session: JSON.stringify(document(allow('dynamodb:*', table))) },
      'permission-session-policy-blocks',
      `does not include dynamodb:Query on ${index}`,
    ],
    [
      'another region’s table',
      role([
        managed(
          document(
            allow('dynamodb:*', '*', { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } }),
          ),
        ),
      ]),
      {},
      'permission-missing',
      'no policy grants',
    ],
    [
      'another namespace’s tag',
      role([
        managed(
          document(
            allow('dynamodb:*', '*', {
              Condition: { StringEquals: { 'aws:PrincipalTag/kubernetes-namespace': 'orders' } },
            }),
          ),
        ),
      ]),
      {},
      'permission-missing',
      'no policy grants',
    ],
  ]
  it.each(rows)('%s', (_why, checked, more, code, found) => {
    const { findings } = check(checked, more)
    expect(findings[0]).toMatchObject({
      code,
      severity: 'blocking',
      subject: 'role eks-workshop-carts-dynamo',
    })
    expect(findings[0]?.found).toContain(found)
    expect(
      findings.filter((finding) => finding.severity === 'blocking').every((finding) => finding.code === code),
    ).toBe(true)
  })

  it('is put right by the one command that all its findings carry', () => {
    const checked = role([managed(document(allow('dynamodb:GetItem', table)))])
    const { findings } = check(checked)
    expect(findings.map(({ found }) => found)).toEqual([
      `no policy grants dynamodb:Query on ${table}, ${index}`,
    ])
    const command = pasted(findings[0]?.remedy)
    expect(command.words.slice(0, 6)).toEqual([
      'iam',
      'put-role-policy',
      '--role-name',
      checked.name,
      '--policy-name',
      'podid-carts-carts',
    ])
    const inline: RolePolicy = { name: 'podid-carts-carts', kind: 'inline', document: command.document }
    expect(codes(role([...checked.policies, inline]))).toEqual([])
  })

  it('is never put right by replacing another inline policy', () => {
    const own: RolePolicy = {
      name: 'podid-carts-carts',
      kind: 'inline',
      document: document(allow('s3:*', 'arn:aws:s3:::a')),
    }
    expect(check(role([own])).findings[0]?.remedy?.command).toContain('--policy-name podid-carts-carts-2 ')
  })

  it('switches to no version that takes away what is granted', () => {
    const onIndex = document(allow('dynamodb:*', index))
    const [finding] = check(
      role([
        managed(document(allow('dynamodb:*', table)), { otherVersions: [{ id: 'v2', document: onIndex }] }),
      ]),
    ).findings
    expect(finding?.code).toBe('permission-missing')
  })

  describe('that another version of a policy grants', () => {
    const onTable = document(allow('dynamodb:*', table))
    const onIndex = document(allow('dynamodb:*', table), allow('dynamodb:Query', index))
    const secrets = { Sid: 'NoSecrets', Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*' }
    const version = (changed: object, more: Partial<RolePolicy> = {}, before: object = onTable) =>
      role([managed(before, { attachedTo: [], otherVersions: [{ id: 'v2', document: changed }], ...more })])
    const finding = (checked: RoleFacts) => {
      const [first, ...others] = check(checked).findings.filter(({ severity }) => severity === 'blocking')
      expect(others).toEqual([])
      return first
    }
    const switching = `aws iam set-default-policy-version --policy-arn ${policyArn} --version-id v2`

    it('is put in force where it adds the need and nothing else, for nobody else', () => {
      const found = finding(version(onIndex))
      expect(found).toMatchObject({
        code: 'permission-in-non-default-version',
        remedy: { command: switching },
      })
    })

    const rows: [string, RoleFacts, RegExp][] = [
      ['more is granted', version(document(allow('*', '*'))), /grants more than that, or takes/],
      [
        'more is granted by NotAction',
        version(
          document(allow('dynamodb:*', [table, index]), {
            Effect: 'Allow',
            NotAction: 'iam:*',
            Resource: '*',
          }),
        ),
        /grants more than that/,
      ],
      [
        'a Deny is lost',
        version(onIndex, {}, document(allow('dynamodb:*', table), secrets)),
        /grants more than that, or takes/,
      ],
      [
        'something is taken away that nobody named as a need',
        version(onIndex, {}, document(allow('dynamodb:*', table), allow('sqs:*', '*'))),
        /takes something away/,
      ],
      [
        'others have the policy',
        version(onIndex, { attachedTo: ['role other', 'group ops'] }),
        /role other, group ops have that policy too/,
      ],
      [
        'nobody could see who has it',
        role([managed(onTable, { otherVersions: [{ id: 'v2', document: onIndex }] })]),
        /who else has that policy could not be seen/,
      ],
    ]
    it.each(rows)('is only reported where %s', (_why, checked, word) => {
      const found = finding(checked)
      expect(found).toMatchObject({
        code: 'permission-in-non-default-version',
        found: expect.stringContaining('version v2'),
        remedy: { advice: expect.stringMatching(word) },
      })
      const { document: granted } = pasted(found?.remedy)
      expect(granted).toEqual(document(allow(['dynamodb:Query'], [index], { Sid: undefined })))
      const inline: RolePolicy = { name: 'podid-carts-carts', kind: 'inline', document: granted }
      expect(codes(role([...checked.policies, inline]))).toEqual([])
    })

    it('is the newest that grants it', () => {
      const versions = ['v2', 'v10', 'v9'].map((id) => ({ id, document: cartsDocument }))
      expect(finding(version({}, { otherVersions: versions }, document()))?.found).toContain('version v10')
    })
  })

  it('goes to managed policies where inline ones are full', () => {
    const full: RolePolicy = {
      name: 'full',
      kind: 'inline',
      document: document(
        allow(
          's3:GetObject',
          Array.from({ length: 200 }, (_, at) => `arn:aws:s3:::bucket-${at}/prefix-of-some-length/*`),
        ),
      ),
    }
    const [finding] = check(role([full])).findings
    const [create = [], attach = []] = shellCommands(finding?.remedy?.command ?? '')
    expect(create.slice(0, 5)).toEqual(['aws', 'iam', 'create-policy', '--policy-name', 'podid-carts-carts'])
    expect(attach.slice(0, 3)).toEqual(['aws', 'iam', 'attach-role-policy'])
    expect(attach.at(-1)).toBe(`arn:aws:iam::${account}:policy/podid-carts-carts`)
    const document_ = JSON.parse(optionOf(create, '--policy-document') ?? '')
    expect(codes(role([full, managed(document_)]))).toEqual([])
  })

  it('is reported by every layer that lacks it', () => {
    expect([...new Set(codes(role([], boundary(document())), { session: document() }))]).toEqual([
      'permission-missing',
      'permission-boundary-blocks',
      'permission-session-policy-blocks',
    ])
  })

  const copied = (checked: RoleFacts) => {
    const [create = [], put = []] = shellCommands(check(checked).findings[0]?.remedy?.command ?? '')
    expect(create.slice(0, 5)).toEqual([
      'aws',
      'iam',
      'create-policy',
      '--policy-name',
      `${checked.boundary?.name}-${checked.name}`,
    ])
    expect(put).toEqual([
      'aws',
      'iam',
      'put-role-permissions-boundary',
      '--role-name',
      checked.name,
      '--permissions-boundary',
      `arn:aws:iam::${account}:policy/${checked.boundary?.name}-${checked.name}`,
    ])
    return JSON.parse(optionOf(create, '--policy-document') ?? '')
  }

  it('gives the role a boundary of its own, since others have that one too', () => {
    const mended = copied(role([all], boundary(document(allow('dynamodb:*', table)))))
    expect(mended.Statement[0]).toEqual(allow('dynamodb:*', table))
    expect(codes(role([all], boundary(mended)))).toEqual([])
  })

  it('copies a boundary of AWS too', () => {
    copied(role([all], boundary(document(), 'arn:aws:iam::aws:policy/ReadOnlyAccess')))
  })

  it('says so where the boundary would be longer than IAM takes', () => {
    const long = document(
      allow(
        's3:GetObject',
        Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::bucket-${at}/*`),
      ),
    )
    expect(check(role([all], boundary(long))).findings[0]?.remedy).toEqual({
      advice: expect.stringMatching(/would have \d+ characters .* IAM takes 6144/),
    })
  })

  it('mends the session policy of the association', () => {
    const session = document(allow('dynamodb:*', table))
    const { words, document: mended } = pasted(check(role([all]), { session }).findings[0]?.remedy)
    expect(words.slice(0, 8)).toEqual([
      'eks',
      'update-pod-identity-association',
      '--cluster-name',
      'eks-workshop',
      '--region',
      'us-west-2',
      '--association-id',
      'a-1',
    ])
    expect(codes(role([all]), { session: mended })).toEqual([])
  })
})

const namespaceTag = '${aws:PrincipalTag/kubernetes-namespace}'

describe('conditions', () => {
  const grantedIf = (operator: string, key: string, value: unknown) =>
    role([managed(document(allow('dynamodb:*', '*', { Condition: { [operator]: { [key]: value } } })))], {
      tags: { team: 'shop' },
    })
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
      role(
        [managed(document(allow('dynamodb:*', `arn:aws:dynamodb:*:*:table/eks-workshop-${namespaceTag}*`)))],
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
      'aws:MultiFactorAuthPresent',
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

describe('a grant that goes too far', () => {
  const broad = (statement: object, more: Partial<RolePolicy> = {}) => [
    managed(cartsDocument),
    managed(document(statement), { name: 'broad', ...more }),
  ]
  const rows: [string, RolePolicy[], string][] = [
    ['everything', broad(allow('*', '*')), 'every action'],
    ['everything, spelt otherwise', broad(allow('*:*', '*')), 'every action'],
    [
      'all but something',
      broad({ Effect: 'Allow', NotAction: 'organizations:*', Resource: '*' }),
      'all of IAM',
    ],
    ['any role to any service', broad(allow('iam:PassRole', '*')), 'iam:PassRole on every role'],
    ['any role that trusts the account', broad(allow('sts:*', '*')), 'sts:AssumeRole'],
    [
      'a policy for administrators',
      broad(allow('s3:*', '*'), { arn: 'arn:aws:iam::aws:policy/job-function/SystemAdministrator' }),
      'for administrators',
    ],
  ]
  it.each(rows)('%s', (_why, policies, reason) => {
    expect(check(role(policies)).findings).toMatchObject([
      { code: 'grant-over-broad', severity: 'warning', found: expect.stringContaining(reason) },
    ])
  })

  it('is not a role passed by its name', () => {
    expect(codes(role(broad(allow('iam:PassRole', `arn:aws:iam::${account}:role/tasks`))))).toEqual([])
  })
})

describe('a policy that cannot be read', () => {
  it('is quoted, grants nothing and is no crash', () => {
    const { verdicts, findings } = check(
      role([managed('{"Statement": oops'), managed(cartsDocument, { name: 'good' })]),
    )
    expect(findings).toMatchObject([
      {
        code: 'policy-document-invalid',
        severity: 'blocking',
        found: expect.stringContaining('is not JSON'),
      },
    ])
    expect(verdicts.some(({ granted }) => granted)).toBe(false)
  })

  it('is said to be so for the boundary and the session policy as well', () => {
    const bad = { name: 'limits', arn: policyArn, document: { Version: '2012' } }
    expect(
      codes(role([managed(cartsDocument)], { boundary: bad }), { session: 'x' }).filter(
        (code) => code === 'policy-document-invalid',
      ),
    ).toHaveLength(3)
  })
})

describe('a target role in another account', () => {
  const target = role([managed(cartsDocument)], {
    name: 'carts-data',
    arn: 'arn:aws:iam::999988887777:role/carts-data',
    trust: document({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
    }),
  })
  const mayAssume = role([managed(document(allow(['sts:AssumeRole', 'sts:TagSession'], target.arn)))])
  const chain = { targetRole: target.arn, target }
  const trustedIf = (condition: object) => ({
    ...target,
    trust: document({
      Effect: 'Allow',
      Principal: { AWS: mayAssume.arn },
      Action: 'sts:*',
      Condition: condition,
    }),
  })

  it('grants the needs through the chain', () => {
    const { verdicts, findings } = check(mayAssume, chain)
    expect(findings).toEqual([])
    expect(verdicts.map((verdict) => `${verdict.role} ${verdict.action}`)).toEqual([
      'eks-workshop-carts-dynamo sts:AssumeRole',
      'eks-workshop-carts-dynamo sts:TagSession',
      'carts-data dynamodb:GetItem',
      'carts-data dynamodb:Query',
      'carts-data dynamodb:Query',
    ])
  })

  const rows: [string, RoleFacts, Partial<PermissionQuestion>, string[]][] = [
    ['our role may not assume it', role([managed(cartsDocument)]), chain, ['permission-missing']],
    [
      'it does not trust our role',
      mayAssume,
      { ...chain, target: { ...target, trust: document() } },
      ['target-trust-missing'],
    ],
    [
      'its own policies lack the needs',
      mayAssume,
      { ...chain, target: { ...target, policies: [] } },
      ['permission-missing'],
    ],
    [
      'the session policy narrows the target',
      mayAssume,
      { ...chain, session: document(allow('dynamodb:*', table)) },
      ['permission-session-policy-blocks'],
    ],
    ['it could not be read', mayAssume, { targetRole: target.arn }, ['target-role-unread']],
    [
      'the external id of this ServiceAccount',
      mayAssume,
      {
        ...chain,
        sessionTags: false,
        target: trustedIf({
          StringEquals: { 'sts:ExternalId': `us-west-2/${account}/eks-workshop/carts/carts` },
        }),
      },
      [],
    ],
    [
      'the external id of another',
      mayAssume,
      {
        ...chain,
        sessionTags: false,
        target: trustedIf({
          StringEquals: { 'sts:ExternalId': `us-west-2/${account}/eks-workshop/carts/other` },
        }),
      },
      ['target-trust-missing'],
    ],
    [
      'the organization, which nobody knows',
      mayAssume,
      { ...chain, target: trustedIf({ StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }) },
      ['trust-conditional'],
    ],
    [
      'its trust cannot be read',
      mayAssume,
      { ...chain, target: { ...target, trust: 'x' } },
      ['trust-document-invalid'],
    ],
  ]
  it.each(rows)('%s', (_why, checked, more, expected) => {
    expect([...new Set(codes(checked, more))]).toEqual(expected)
  })

  describe('of the same account', () => {
    const sibling = { ...target, arn: `arn:aws:iam::${account}:role/carts-data` }
    const named = {
      ...sibling,
      trust: document({ Effect: 'Allow', Principal: { AWS: mayAssume.arn }, Action: 'sts:*' }),
    }
    const own = role([])
    const forbidden = role([managed(document(deny('sts:AssumeRole', '*')))])
    const bounded = role([], {
      boundary: { name: 'limits', arn: policyArn, document: document(allow('s3:*', '*')) },
    })
    const rows: [string, RoleFacts, RoleFacts, string[]][] = [
      ['trusts our role by its name, which suffices', own, named, []],
      ['trusts the account, which leaves it to our role', own, sibling, ['permission-missing']],
      ['trusts our role, which is forbidden to go there', forbidden, named, ['permission-denied-explicitly']],
      [
        'trusts our role, which is bounded',
        bounded,
        named,
        ['permission-missing', 'permission-boundary-blocks'],
      ],
    ]
    it.each(rows)('%s', (_why, checked, other, expected) => {
      expect([...new Set(codes(checked, { targetRole: other.arn, target: other }))]).toEqual(expected)
    })
  })

  it('is mended by the remedy', () => {
    const distrustful = { ...target, trust: document() }
    const { document: mended } = pasted(
      check(mayAssume, { ...chain, target: distrustful }).findings[0]?.remedy,
    )
    expect(codes(mayAssume, { ...chain, target: { ...target, trust: mended } })).toEqual([])
  })
})

/** A remedy's words as the AWS CLI would receive them from a shell, and the policy document among them. */
const pasted = ({ command = '' }: Remedy = { advice: '' }): { words: string[]; document: unknown } => {
  const aws = `aws() { if [ "$2" = list-pod-identity-associations ]; then echo a-1; else for word; do printf '%s\\0' "$word"; done; fi; }`
  const words = execFileSync('sh', ['-c', `${aws}\n${command}`])
    .toString()
    .split('\0')
  const at = words.findIndex((word) => word === '--policy-document' || word === '--policy')
  return { words, document: JSON.parse(words[at + 1] ?? '') }
}

describe('what decides beside the role', () => {
  const everything = role([managed(document(allow('*', '*')))])
  const found = (asked: PermissionQuestion['needs'], checked = everything) =>
    checkPermissions({ ...identity, role: checked, needs: asked }).findings.filter(
      ({ code }) => code !== 'grant-over-broad',
    )

  it('is reported for resources in another account', () => {
    const resource = 'arn:aws:sns:us-west-2:999988887777:orders'
    expect(found([{ actions: ['sns:Publish'], resources: [resource] }])).toMatchObject([
      { code: 'resource-in-another-account', severity: 'warning', found: expect.stringContaining(resource) },
      { code: 'resource-policies-not-looked-at', severity: 'info' },
    ])
  })

  it.each([
    ['kms:Decrypt', `arn:aws:kms:us-west-2:${account}:key/1234`, 'the policy of the key'],
    ['s3:GetObject', 'arn:aws:s3:::b/*', 'the policy of the bucket'],
    ['sqs:SendMessage', `arn:aws:sqs:us-west-2:${account}:orders`, 'the policy of the queue'],
  ])('is reported for %s', (action, resource, what) => {
    expect(found([{ actions: [action], resources: [resource] }])).toMatchObject([
      { code: 'resource-policies-not-looked-at', found: expect.stringContaining(what) },
    ])
  })

  const own = {
    actions: ['s3:GetObject'],
    resources: ['arn:aws:s3:::b/*'],
    grantedBy: 'resource-policy' as const,
  }

  it('may be said to grant a need, and then a role without policies is no fault', () => {
    const checked = checkPermissions({ ...identity, role: role([]), needs: [own] })
    expect(checked.verdicts).toMatchObject([{ granted: true, by: [{ layer: 'resource' }] }])
    expect(checked.findings.filter(({ severity }) => severity !== 'info')).toEqual([])
  })

  it('outweighs no Deny of the role', () => {
    const denying = role([managed(document(deny('s3:*', '*')))])
    expect(found([own], denying).map(({ code }) => code)).toEqual(['permission-denied-explicitly'])
  })

  it('is not needed for what the workload can do without', () => {
    const optional = { actions: ['dynamodb:Scan'], resources: [table], optional: true as const }
    expect(found([optional], role([]))).toMatchObject([
      {
        code: 'permission-optional-missing',
        severity: 'info',
        found: expect.stringContaining('dynamodb:Scan'),
      },
    ])
  })
})
