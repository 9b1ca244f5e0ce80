import { expect, it } from 'vitest'
import { checkPermissions, type PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import { account, document, grantOf, identity, managed, policyArn, roleWith } from './support.ts'

const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/a'
const other = 'arn:aws:dynamodb:us-west-2:111122223333:table/b'
const get = { actions: ['dynamodb:GetItem'], resources: [table] }
const both = { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table, other] }
const all = managed(document(grantOf('dynamodb:*', '*')))
const boundary = (content: unknown, name = 'limits', arn = `arn:aws:iam::${account}:policy/${name}`) => ({
  boundary: { name, arn, document: content },
})
const long = (count: number, of = 'bucket') =>
  document(
    grantOf(
      's3:GetObject',
      Array.from({ length: count }, (_, at) => `arn:aws:s3:::${of}-${at}/*`),
    ),
  )
const inline = (name: string, content: unknown): RolePolicy => ({ name, kind: 'inline', document: content })
const version = (id: string, content: unknown) => ({ id, document: content })
const onBoth = document(grantOf('dynamodb:GetItem', [table, other]))
const onTable = document(grantOf('dynamodb:GetItem', table))

const ask = (role: RoleFacts, more: Partial<PermissionQuestion> = {}) =>
  checkPermissions({ ...identity, role, needs: [get], ...more })

it.each<[why: string, role: RoleFacts, more: Partial<PermissionQuestion>, said: string[]]>([
  ['all is granted', roleWith([all]), {}, []],
  ['nothing is asked', roleWith([all]), { needs: [] }, []],
  [
    'nothing is granted',
    roleWith([]),
    { needs: [both] },
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem, dynamodb:Query on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem",\n        "dynamodb:Query"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a",\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'one of two resources is not',
    roleWith([managed(onTable)]),
    { needs: [{ ...get, resources: [table, other] }] },
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'two needs in different groups',
    roleWith([]),
    { needs: [get, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    },\n    {\n      "Effect": "Allow",\n      "Action": [\n        "s3:GetObject"\n      ],\n      "Resource": [\n        "arn:aws:s3:::a/*"\n      ]\n    }\n  ]\n}\'',
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants s3:GetObject on arn:aws:s3:::a/*',
      '→ The remedy of the first finding permission-missing of role eks-workshop-carts-dynamo mends this too.',
    ],
  ],
  [
    'the name of the policy is taken, twice',
    roleWith([inline('podid-carts-carts', document()), inline('podid-carts-carts-2', document())]),
    {},
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts-3 --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'inline policies are full',
    roleWith([inline('full', long(400))]),
    {},
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      "→ The role's inline policies have 11198 of 10240 characters, and 150 more do not fit: grant what is missing in a managed policy.",
      '$ aws iam create-policy --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'\naws iam attach-role-policy --role-name eks-workshop-carts-dynamo --policy-arn arn:aws:iam::111122223333:policy/podid-carts-carts',
    ],
  ],
  [
    'and managed ones too',
    roleWith([
      inline('full', long(400)),
      ...Array.from({ length: 10 }, (_, at) => managed(document(), { name: `m-${at}` })),
    ]),
    {},
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      "→ The role's inline policies have 11198 of 10240 characters, and 150 more do not fit, nor do managed policies of 6144 beside the 10 that are attached (10 unless the quota was raised). Take out what the role no longer needs, or give the workload a role of its own (podid role).",
    ],
  ],
  [
    'a version that grants it and nothing else',
    roleWith([managed(onTable, { version: 'v3', attachedTo: [], otherVersions: [version('v2', onBoth)] })]),
    { needs: [{ ...get, resources: [other] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy eks-workshop-carts-dynamo grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b, but version v3 is the one in force',
      '→ Put version v2 in force: it adds nothing but what is needed, and the policy is attached to this role alone.',
      '$ aws iam set-default-policy-version --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo --version-id v2',
    ],
  ],
  [
    'a version that one other would get',
    roleWith([managed(onTable, { attachedTo: ['role x'], otherVersions: [version('v2', onBoth)] })]),
    { needs: [{ ...get, resources: [other] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy eks-workshop-carts-dynamo grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b, but version v1 is the one in force',
      '→ Grant what is missing, and nothing else, in an inline policy of its own. Version v2 of policy eks-workshop-carts-dynamo is not put in force for it: role x has that policy too, and would get what it grants.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'versions of two policies, of which one helps with less',
    roleWith([
      managed(document(), { name: 'p', otherVersions: [version('v2', onTable)] }),
      managed(document(), { name: 'q', otherVersions: [version('v2', onBoth)] }),
    ]),
    { needs: [{ ...get, resources: [table, other] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy p grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, but version v1 is the one in force',
      '→ Grant what is missing, and nothing else, in an inline policy of its own. Version v2 of policy p is not put in force for it: who else has that policy could not be seen. Version v2 of policy q is not put in force for it: who else has that policy could not be seen.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a",\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'',
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy q grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b, but version v1 is the one in force',
      '→ The remedy of the first finding permission-in-non-default-version of role eks-workshop-carts-dynamo mends this too.',
    ],
  ],
  [
    'a version that helps with one need, and another need',
    roleWith([
      managed(document(), {
        version: 'v1',
        otherVersions: [version('v2', onTable), version('v3', document())],
      }),
    ]),
    { needs: [get, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy eks-workshop-carts-dynamo grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, but version v1 is the one in force',
      '→ Grant what is missing, and nothing else, in an inline policy of its own. Version v2 of policy eks-workshop-carts-dynamo is not put in force for it: who else has that policy could not be seen.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    },\n    {\n      "Effect": "Allow",\n      "Action": [\n        "s3:GetObject"\n      ],\n      "Resource": [\n        "arn:aws:s3:::a/*"\n      ]\n    }\n  ]\n}\'',
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants s3:GetObject on arn:aws:s3:::a/*',
      '→ The remedy of the first finding permission-in-non-default-version of role eks-workshop-carts-dynamo mends this too.',
    ],
  ],
  [
    'a boundary that lacks two',
    roleWith([all], boundary(document())),
    { needs: [get, { actions: ['dynamodb:Scan'], resources: [other] }] },
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      "→ Give the role a boundary of its own, a copy of limits that includes it, so that nobody else's changes. Ask whoever sets boundaries here first.",
      '$ aws iam create-policy --policy-name limits-eks-workshop-carts-dynamo --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    },\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:Scan"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'\naws iam put-role-permissions-boundary --role-name eks-workshop-carts-dynamo --permissions-boundary arn:aws:iam::111122223333:policy/limits-eks-workshop-carts-dynamo',
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:Scan on arn:aws:dynamodb:us-west-2:111122223333:table/b, so that no policy can grant it',
      '→ The remedy of the first finding permission-boundary-blocks of role eks-workshop-carts-dynamo mends this too.',
    ],
  ],
  [
    'a boundary of the role’s own',
    roleWith([all], boundary(document(), 'limits-eks-workshop-carts-dynamo')),
    {},
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits-eks-workshop-carts-dynamo does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      "→ Include it in the boundary, which by its name is this role's own.",
      '$ aws iam create-policy-version --policy-arn arn:aws:iam::111122223333:policy/limits-eks-workshop-carts-dynamo --set-as-default --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'one that would be its own, if its name were not so long',
    roleWith([all], boundary(document(), 'b'.repeat(70))),
    {},
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      "→ Give the role a boundary of its own, a copy of bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb that includes it, so that nobody else's changes. Ask whoever sets boundaries here first.",
      '$ aws iam create-policy --policy-name bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-eks-workshop-carts-dynamo --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'\naws iam put-role-permissions-boundary --role-name eks-workshop-carts-dynamo --permissions-boundary arn:aws:iam::111122223333:policy/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-eks-workshop-carts-dynamo',
    ],
  ],
  [
    'a boundary that is too long',
    roleWith([all], boundary(long(300))),
    {},
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      '→ The boundary limits with what is missing would have 8510 characters without white space, and IAM takes 6144; a role has one boundary, so it cannot be split. Have its owner shorten it.',
    ],
  ],
  [
    'a boundary as text',
    roleWith([all], boundary('{"Statement":[]}')),
    {},
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      "→ Give the role a boundary of its own, a copy of limits that includes it, so that nobody else's changes. Ask whoever sets boundaries here first.",
      '$ aws iam create-policy --policy-name limits-eks-workshop-carts-dynamo --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'\naws iam put-role-permissions-boundary --role-name eks-workshop-carts-dynamo --permissions-boundary arn:aws:iam::111122223333:policy/limits-eks-workshop-carts-dynamo',
    ],
  ],
  [
    'a boundary that cannot be read',
    roleWith([all], boundary('{')),
    {},
    [
      "blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy limits cannot be read: the document is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2). Nothing in it counts as granted",
      '→ Correct the document of policy limits at its beginning, then run this again.',
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      '→ Correct the document of the boundary limits first, then run this again.',
    ],
  ],
  [
    'a boundary that is no document',
    roleWith([all], boundary(7)),
    {},
    [
      'blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy limits cannot be read: the document 7 is not a policy document; it should be an object with Version and Statement. Nothing in it counts as granted',
      '→ Correct the document of policy limits at its beginning, then run this again.',
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      '→ Correct the document of the boundary limits first, then run this again.',
    ],
  ],
  [
    'a session policy',
    roleWith([all]),
    { session: document(), needs: [get, { actions: ['dynamodb:Scan'], resources: [other] }] },
    [
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the association does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
      '→ Include it in the session policy; pods get it when they are made anew.',
      '$ aws eks update-pod-identity-association --cluster-name eks-workshop --region us-west-2 --association-id "$(aws eks list-pod-identity-associations --cluster-name eks-workshop --region us-west-2 --namespace carts --service-account carts --query \'associations[0].associationId\' --output text)" --policy \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    },\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:Scan"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/b"\n      ]\n    }\n  ]\n}\'',
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the association does not include dynamodb:Scan on arn:aws:dynamodb:us-west-2:111122223333:table/b, so that no policy of the role can grant it',
      '→ The remedy of the first finding permission-session-policy-blocks of role eks-workshop-carts-dynamo mends this too.',
    ],
  ],
  [
    'one of the request',
    roleWith([all]),
    { session: '{"Statement":[]}', sessionInRequest: true },
    [
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the request does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
      '→ Write this as sessionPolicy of the request, which includes it: {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["dynamodb:GetItem"],"Resource":["arn:aws:dynamodb:us-west-2:111122223333:table/a"]}]}',
    ],
  ],
  [
    'one that is too long',
    roleWith([all]),
    { session: long(90) },
    [
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the association does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
      "→ The session policy with what is missing would have 2640 characters, and EKS takes 2048: use wildcards in it, or let the role's own policies do the narrowing.",
    ],
  ],
  [
    'one that cannot be read',
    roleWith([all]),
    { session: '{' },
    [
      "blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy session policy cannot be read: the document is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2). Nothing in it counts as granted",
      '→ Correct the document of policy session policy at its beginning, then run this again.',
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the association does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
      '→ Correct the session policy of the association first, then run this again.',
    ],
  ],
  [
    'one of the request that denies it',
    roleWith([all]),
    {
      session: document(grantOf('*', '*'), { ...grantOf('dynamodb:*', '*'), Sid: 'No', Effect: 'Deny' }),
      sessionInRequest: true,
    },
    [
      "blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement No of the request's session policy denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny",
      "→ Have statement No of the request's session policy spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.",
    ],
  ],
  [
    'one of the request that cannot be read',
    roleWith([all]),
    { session: '{', sessionInRequest: true },
    [
      "blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy session policy cannot be read: the document is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2). Nothing in it counts as granted",
      '→ Correct the document of policy session policy at its beginning, then run this again.',
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the request does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
      '→ Correct the session policy of the request first, then run this again.',
    ],
  ],
])('what a role may do, in words: %s', (_why, role, more, said) => {
  expect(told(ask(role, more).findings)).toEqual(said)
})

it('names the policy by which a version is put in force', () => {
  const [, , command] = told(
    ask(roleWith([managed(onTable, { attachedTo: [], otherVersions: [version('v2', onBoth)] })]), {
      needs: [{ ...get, resources: [other] }],
    }).findings,
  )
  expect(command).toBe(`$ aws iam set-default-policy-version --policy-arn ${policyArn} --version-id v2`)
})
