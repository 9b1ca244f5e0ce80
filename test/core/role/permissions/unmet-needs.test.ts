import { describe, expect, it } from 'vitest'
import type { PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { optionOf, shellCommands } from '../../../support/shell-words.ts'
import {
  account,
  cartsDocument,
  check,
  codes,
  deny,
  document,
  grantOf,
  index,
  managed,
  pasted,
  policyArn,
  roleWith,
  table,
} from './support.ts'

describe('a need that is not met', () => {
  const onTable = managed(document(grantOf('dynamodb:*', table)))
  const all = managed(cartsDocument)
  const boundary = (boundaryDocument: unknown, arn = `arn:aws:iam::${account}:policy/limits`) => ({
    boundary: { name: 'limits', arn, document: boundaryDocument },
  })
  type Row = [string, RoleFacts, Partial<PermissionQuestion>, string, string]
  const rows: Row[] = [
    ['the index was forgotten', roleWith([onTable]), {}, 'permission-missing', `dynamodb:Query on ${index}`],
    [
      'no policy at all',
      roleWith([]),
      {},
      'permission-missing',
      'no policy grants dynamodb:GetItem, dynamodb:Query',
    ],
    [
      'granted in a version that is not in force',
      roleWith([
        managed(document(grantOf('dynamodb:*', table)), {
          otherVersions: [{ id: 'v2', document: cartsDocument }],
        }),
      ]),
      {},
      'permission-in-non-default-version',
      'version v2 of policy eks-workshop-carts-dynamo',
    ],
    [
      'forbidden outright',
      roleWith([all, { ...onTable, name: 'guard', document: document(deny('dynamodb:Query', '*')) }]),
      {},
      'permission-denied-explicitly',
      'statement Forbid of the policy guard',
    ],
    [
      'forbidden for one index',
      roleWith([all, { ...onTable, name: 'guard', document: document(deny('*', `${table}/index/byOwner`)) }]),
      {},
      'permission-denied-explicitly',
      'a part of dynamodb:Query',
    ],
    [
      'beyond the boundary',
      roleWith([all], boundary(document(grantOf('dynamodb:*', table)))),
      {},
      'permission-boundary-blocks',
      `does not include dynamodb:Query on ${index}`,
    ],
    [
      'forbidden by the boundary',
      roleWith([all], boundary(document(grantOf('*', '*'), deny('dynamodb:Query', index)))),
      {},
      'permission-denied-explicitly',
      'permissions boundary limits',
    ],
    [
      'beyond the session policy',
      roleWith([all]),
      { session: JSON.stringify(document(grantOf('dynamodb:*', table))) },
      'permission-session-policy-blocks',
      `does not include dynamodb:Query on ${index}`,
    ],
    [
      'another region’s table',
      roleWith([
        managed(
          document(
            grantOf('dynamodb:*', '*', {
              Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
            }),
          ),
        ),
      ]),
      {},
      'permission-missing',
      'no policy grants',
    ],
    [
      'another namespace’s tag',
      roleWith([
        managed(
          document(
            grantOf('dynamodb:*', '*', {
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
    const checked = roleWith([managed(document(grantOf('dynamodb:GetItem', table)))])
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
    expect(codes(roleWith([...checked.policies, inline]))).toEqual([])
  })

  it('is never put right by replacing another inline policy', () => {
    const own: RolePolicy = {
      name: 'podid-carts-carts',
      kind: 'inline',
      document: document(grantOf('s3:*', 'arn:aws:s3:::a')),
    }
    expect(check(roleWith([own])).findings[0]?.remedy?.command).toContain(
      '--policy-name podid-carts-carts-2 ',
    )
  })

  it('switches to no version that takes away what is granted', () => {
    const onIndex = document(grantOf('dynamodb:*', index))
    const [finding] = check(
      roleWith([
        managed(document(grantOf('dynamodb:*', table)), {
          otherVersions: [{ id: 'v2', document: onIndex }],
        }),
      ]),
    ).findings
    expect(finding?.code).toBe('permission-missing')
  })

  describe('that another version of a policy grants', () => {
    const onTable = document(grantOf('dynamodb:*', table))
    const onIndex = document(grantOf('dynamodb:*', table), grantOf('dynamodb:Query', index))
    const secrets = { Sid: 'NoSecrets', Effect: 'Deny', Action: 'secretsmanager:*', Resource: '*' }
    const version = (changed: object, more: Partial<RolePolicy> = {}, before: object = onTable) =>
      roleWith([
        managed(before, { attachedTo: [], otherVersions: [{ id: 'v2', document: changed }], ...more }),
      ])
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
      ['more is granted', version(document(grantOf('*', '*'))), /grants more than that, or takes/],
      [
        'more is granted by NotAction',
        version(
          document(grantOf('dynamodb:*', [table, index]), {
            Effect: 'Allow',
            NotAction: 'iam:*',
            Resource: '*',
          }),
        ),
        /grants more than that/,
      ],
      [
        'a Deny is lost',
        version(onIndex, {}, document(grantOf('dynamodb:*', table), secrets)),
        /grants more than that, or takes/,
      ],
      [
        'something is taken away that nobody named as a need',
        version(onIndex, {}, document(grantOf('dynamodb:*', table), grantOf('sqs:*', '*'))),
        /takes something away/,
      ],
      [
        'others have the policy',
        version(onIndex, { attachedTo: ['role other', 'group ops'] }),
        /role other, group ops have that policy too/,
      ],
      [
        'nobody could see who has it',
        roleWith([managed(onTable, { otherVersions: [{ id: 'v2', document: onIndex }] })]),
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
      expect(granted).toEqual(document(grantOf(['dynamodb:Query'], [index], { Sid: undefined })))
      const inline: RolePolicy = { name: 'podid-carts-carts', kind: 'inline', document: granted }
      expect(codes(roleWith([...checked.policies, inline]))).toEqual([])
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
        grantOf(
          's3:GetObject',
          Array.from({ length: 200 }, (_, at) => `arn:aws:s3:::bucket-${at}/prefix-of-some-length/*`),
        ),
      ),
    }
    const [finding] = check(roleWith([full])).findings
    const [create = [], attach = []] = shellCommands(finding?.remedy?.command ?? '')
    expect(create.slice(0, 5)).toEqual(['aws', 'iam', 'create-policy', '--policy-name', 'podid-carts-carts'])
    expect(attach.slice(0, 3)).toEqual(['aws', 'iam', 'attach-role-policy'])
    expect(attach.at(-1)).toBe(`arn:aws:iam::${account}:policy/podid-carts-carts`)
    const document_ = JSON.parse(optionOf(create, '--policy-document') ?? '')
    expect(codes(roleWith([full, managed(document_)]))).toEqual([])
  })

  it('is reported by every layer that lacks it', () => {
    expect([...new Set(codes(roleWith([], boundary(document())), { session: document() }))]).toEqual([
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
    const mended = copied(roleWith([all], boundary(document(grantOf('dynamodb:*', table)))))
    expect(mended.Statement[0]).toEqual(grantOf('dynamodb:*', table))
    expect(codes(roleWith([all], boundary(mended)))).toEqual([])
  })

  it('copies a boundary of AWS too', () => {
    copied(roleWith([all], boundary(document(), 'arn:aws:iam::aws:policy/ReadOnlyAccess')))
  })

  it('says so where the boundary would be longer than IAM takes', () => {
    const long = document(
      grantOf(
        's3:GetObject',
        Array.from({ length: 300 }, (_, at) => `arn:aws:s3:::bucket-${at}/*`),
      ),
    )
    expect(check(roleWith([all], boundary(long))).findings[0]?.remedy).toEqual({
      advice: expect.stringMatching(/would have \d+ characters .* IAM takes 6144/),
    })
  })

  it('mends the session policy of the association', () => {
    const session = document(grantOf('dynamodb:*', table))
    const { words, document: mended } = pasted(check(roleWith([all]), { session }).findings[0]?.remedy)
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
    expect(codes(roleWith([all]), { session: mended })).toEqual([])
  })
})
