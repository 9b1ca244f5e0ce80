import { expect, it } from 'vitest'
import { podSessionContext } from '../../../../core/role/permissions/context.ts'
import { oidcClaims } from '../../../../core/role/permissions/oidc-claims.ts'
import { checkPermissions, type PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import { account, deny, document, grantOf, identity, managed, policyArn, roleWith } from './support.ts'

const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/a'
const other = 'arn:aws:dynamodb:us-west-2:111122223333:table/b'
const get = { actions: ['dynamodb:GetItem'], resources: [table] }
const both = { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table, other] }
const all = managed(document(grantOf('dynamodb:*', '*')))
const boundary = (content: unknown, name = 'limits', arn = `arn:aws:iam::${account}:policy/${name}`) => ({
  boundary: { name, arn, document: content },
})
const when = (key: string) => ({ Condition: { StringEquals: { [key]: 'x' } } })
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
    'a version of a policy without an ARN and a number',
    roleWith([
      {
        name: 'p',
        kind: 'managed',
        document: onTable,
        attachedTo: [],
        otherVersions: [version('v2', onBoth)],
      },
    ]),
    { needs: [{ ...get, resources: [other] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy p grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b, but version v1 is the one in force',
      '→ Put version v2 in force: it adds nothing but what is needed, and the policy is attached to this role alone.',
      '$ aws iam set-default-policy-version --policy-arn p --version-id v2',
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
    roleWith([all], boundary(document(), `limits-eks-workshop-carts-dynamo`)),
    {},
    [
      'blocking permission-boundary-blocks, role eks-workshop-carts-dynamo: the permissions boundary limits-eks-workshop-carts-dynamo does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy can grant it',
      "→ Give the role a boundary of its own, a copy of limits-eks-workshop-carts-dynamo that includes it, so that nobody else's changes. Ask whoever sets boundaries here first.",
      '$ aws iam create-policy --policy-name limits-eks-workshop-carts-dynamo-eks-workshop-carts-dynamo --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'\naws iam put-role-permissions-boundary --role-name eks-workshop-carts-dynamo --permissions-boundary arn:aws:iam::111122223333:policy/limits-eks-workshop-carts-dynamo-eks-workshop-carts-dynamo',
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
      'blocking permission-session-policy-blocks, role eks-workshop-carts-dynamo: the session policy of the association does not include dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, so that no policy of the role can grant it',
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
    'a Deny',
    roleWith([all, inline('guard', document(deny('dynamodb:GetItem', '*')))]),
    { needs: [both] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b, or give the workload another role.',
    ],
  ],
  [
    'a Deny of a part',
    roleWith([all, inline('guard', document(deny('*', `${table}/index/x`)))]),
    { needs: [{ ...get, resources: [`${table}/index/*`] }] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard denies a part of dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a/index/*; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a/index/*, or give the workload another role.',
    ],
  ],
  [
    'one of the session policy',
    roleWith([all]),
    { session: document(grantOf('*', '*'), deny('dynamodb:GetItem', '*')) },
    [
      "blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the association's session policy denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny",
      "→ Have statement Forbid of the association's session policy spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.",
    ],
  ],
  [
    'more Denies than are named',
    roleWith([
      all,
      ...Array.from({ length: 7 }, (_, at) => inline(`guard-${at}`, document(deny('dynamodb:GetItem', '*')))),
    ]),
    {},
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard-0, statement Forbid of the policy guard-1, statement Forbid of the policy guard-2, statement Forbid of the policy guard-3, statement Forbid of the policy guard-4, 2 more denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard-0, statement Forbid of the policy guard-1, statement Forbid of the policy guard-2, statement Forbid of the policy guard-3, statement Forbid of the policy guard-4, 2 more spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.',
    ],
  ],
  [
    'two Denies of different things',
    roleWith([
      all,
      inline('one', document(deny('dynamodb:GetItem', table))),
      inline('two', document(deny('dynamodb:GetItem', other))),
    ]),
    { needs: [{ ...get, resources: [table, other] }] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy one denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy one spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.',
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy two denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy two spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/b, or give the workload another role.',
    ],
  ],
  [
    'a condition that nobody knows',
    roleWith([managed(document(grantOf('dynamodb:*', '*', when('aws:SourceIp'))))]),
    { needs: [both] },
    [
      'warning permission-conditional, role eks-workshop-carts-dynamo: whether the role may use dynamodb:GetItem, dynamodb:Query on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b depends on aws:SourceIp (statement Grant of the policy eks-workshop-carts-dynamo), which cannot be known before a pod asks',
      '→ Make sure that the requests of your pods meet these conditions.',
    ],
  ],
  [
    'two keys',
    roleWith([
      managed(
        document(
          grantOf('dynamodb:*', '*', {
            Condition: { StringEquals: { 'aws:SourceIp': 'x', 'aws:UserAgent': 'y' } },
          }),
        ),
      ),
    ]),
    {},
    [
      'warning permission-conditional, role eks-workshop-carts-dynamo: whether the role may use dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a depends on aws:SourceIp, aws:UserAgent (statement Grant of the policy eks-workshop-carts-dynamo), which cannot be known before a pod asks',
      '→ Make sure that the requests of your pods meet these conditions.',
    ],
  ],
  [
    'resources of another account',
    roleWith([managed(document(grantOf('dynamodb:*', '*')))]),
    {
      needs: [
        {
          ...get,
          resources: ['1', '2', '3', '4'].map(
            (name) => `arn:aws:dynamodb:us-west-2:999900001111:table/${name}`,
          ),
        },
      ],
    },
    [
      'warning resource-in-another-account, role eks-workshop-carts-dynamo: arn:aws:dynamodb:us-west-2:999900001111:table/1, arn:aws:dynamodb:us-west-2:999900001111:table/2, arn:aws:dynamodb:us-west-2:999900001111:table/3 and 1 more belong to another account, whose policy must grant too; it was not looked at',
      '→ In that account, see that the policy of the resource grants arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo the same.',
    ],
  ],
  [
    'one of another account, and one of none',
    roleWith([managed(document(grantOf('dynamodb:*', '*')))]),
    { needs: [{ ...get, resources: ['arn:aws:dynamodb:us-west-2:999900001111:table/a', '*'] }] },
    [
      'warning resource-in-another-account, role eks-workshop-carts-dynamo: arn:aws:dynamodb:us-west-2:999900001111:table/a belongs to another account, whose policy must grant too; it was not looked at',
      '→ In that account, see that the policy of the resource grants arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo the same.',
    ],
  ],
  [
    'services whose resources have policies of their own',
    roleWith([managed(document(grantOf('*', '*')))]),
    {
      needs: [
        { actions: ['kms:Decrypt'], resources: [`arn:aws:kms:us-west-2:${account}:key/1`] },
        { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] },
        { actions: ['sqs:SendMessage'], resources: [`arn:aws:sqs:us-west-2:${account}:q`] },
        { actions: ['sns:Publish'], resources: [`arn:aws:sns:us-west-2:${account}:t`] },
        {
          actions: ['secretsmanager:GetSecretValue'],
          resources: [`arn:aws:secretsmanager:us-west-2:${account}:secret:s`],
        },
      ],
    },
    [
      'info resource-policies-not-looked-at, role eks-workshop-carts-dynamo: not looked at, and each of them can refuse what the role grants: the policy of the key, without which no grant of a role counts; the policy of the bucket; the policy of the queue; the policy of the topic; the policy of the secret, and of the key that encrypts it; resource control policies; policies of VPC endpoints',
      'warning grant-over-broad, role eks-workshop-carts-dynamo: policy eks-workshop-carts-dynamo grants every action on every resource, so that whoever takes over a pod owns the account',
      '→ Grant what the workload needs instead, resource by resource, and take policy eks-workshop-carts-dynamo away from eks-workshop-carts-dynamo.',
    ],
  ],
  [
    'grants that go too far',
    roleWith([
      managed(document(grantOf('iam:PassRole', '*')), { name: 'a' }),
      managed(document(grantOf('iam:*', '*')), { name: 'b' }),
      managed(document(grantOf('sts:AssumeRole', '*')), { name: 'c' }),
      managed(document(grantOf('iam:PassRole', 'arn:aws:iam::111122223333:role/x')), { name: 'd' }),
    ]),
    { needs: [] },
    [
      'warning grant-over-broad, role eks-workshop-carts-dynamo: policy a grants iam:PassRole on every role, so that a pod can hand a stronger role to a service and act through it',
      '→ Grant what the workload needs instead, resource by resource, and take policy a away from eks-workshop-carts-dynamo.',
      'warning grant-over-broad, role eks-workshop-carts-dynamo: policy b grants all of IAM, so that a pod can grant itself whatever it likes',
      '→ Grant what the workload needs instead, resource by resource, and take policy b away from eks-workshop-carts-dynamo.',
      'warning grant-over-broad, role eks-workshop-carts-dynamo: policy c grants sts:AssumeRole on every role that trusts this account',
      '→ Grant what the workload needs instead, resource by resource, and take policy c away from eks-workshop-carts-dynamo.',
    ],
  ],
  [
    'AWS’s own for administrators',
    roleWith(
      [
        'AdministratorAccess',
        'IAMFullAccess',
        'PowerUserAccess',
        'job-function/SystemAdministrator',
        'ReadOnlyAccess',
      ].map((name) => managed(document(), { name, arn: `arn:aws:iam::aws:policy/${name}` })),
    ),
    { needs: [] },
    [
      "warning grant-over-broad, role eks-workshop-carts-dynamo: policy AdministratorAccess is one of AWS's policies for administrators",
      '→ Grant what the workload needs instead, resource by resource, and take policy AdministratorAccess away from eks-workshop-carts-dynamo.',
      "warning grant-over-broad, role eks-workshop-carts-dynamo: policy IAMFullAccess is one of AWS's policies for administrators",
      '→ Grant what the workload needs instead, resource by resource, and take policy IAMFullAccess away from eks-workshop-carts-dynamo.',
      "warning grant-over-broad, role eks-workshop-carts-dynamo: policy PowerUserAccess is one of AWS's policies for administrators",
      '→ Grant what the workload needs instead, resource by resource, and take policy PowerUserAccess away from eks-workshop-carts-dynamo.',
      "warning grant-over-broad, role eks-workshop-carts-dynamo: policy job-function/SystemAdministrator is one of AWS's policies for administrators",
      '→ Grant what the workload needs instead, resource by resource, and take policy job-function/SystemAdministrator away from eks-workshop-carts-dynamo.',
    ],
  ],
  [
    'no AWS’s own',
    roleWith([
      managed(document(), { name: 'x', arn: `arn:aws:iam::${account}:policy/AdministratorAccess` }),
      inline('PowerUserAccess', document()),
    ]),
    { needs: [] },
    [],
  ],
  [
    'a policy that cannot be read',
    roleWith([managed('{'), inline('x', { Statement: [{ Effect: 'Maybe', Action: '*', Resource: '*' }] })]),
    {},
    [
      "blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy eks-workshop-carts-dynamo cannot be read: the document is not JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2). Nothing in it counts as granted",
      '→ Correct the document of policy eks-workshop-carts-dynamo at its beginning, then run this again.',
      'blocking policy-document-invalid, role eks-workshop-carts-dynamo: policy x cannot be read: Statement[0].Effect "Maybe" is neither "Allow" nor "Deny". Nothing in it counts as granted',
      '→ Correct the document of policy x at Statement[0].Effect, then run this again.',
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'a need that the resource grants',
    roleWith([]),
    { needs: [{ ...get, grantedBy: 'resource-policy' }] },
    [],
  ],
  [
    'one that the role denies',
    roleWith([inline('x', document(deny('*', '*')))]),
    { needs: [{ ...get, grantedBy: 'resource-policy' }] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy x denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy x spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.',
    ],
  ],
  [
    'needs that may be missing',
    roleWith([managed(onTable)]),
    { needs: [{ ...both, optional: true }, get] },
    [
      'info permission-optional-missing, role eks-workshop-carts-dynamo: not granted, and the workload can do without: dynamodb:Query on arn:aws:dynamodb:us-west-2:111122223333:table/a; dynamodb:GetItem, dynamodb:Query on arn:aws:dynamodb:us-west-2:111122223333:table/b',
    ],
  ],
  [
    'one that is asked for by two',
    roleWith([]),
    { needs: [get, { ...get, optional: true }] },
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'',
      'info permission-optional-missing, role eks-workshop-carts-dynamo: not granted, and the workload can do without: dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
    ],
  ],
  [
    'a target role that could not be read',
    roleWith([
      managed(document(grantOf(['sts:AssumeRole', 'sts:TagSession'], 'arn:aws:iam::999900001111:role/t'))),
    ]),
    { targetRole: 'arn:aws:iam::999900001111:role/t', needs: [get, get] },
    [
      'info target-role-unread, role eks-workshop-carts-dynamo: the target role arn:aws:iam::999900001111:role/t could not be read: neither its trust in arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo nor its 2 needs were checked',
      "→ In the target role's account, see that its trust policy allows arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo sts:AssumeRole and sts:TagSession, and that its policies grant the needs.",
    ],
  ],
])('what a role may do, in words: %s', (_why, role, more, said) => {
  expect(told(ask(role, more).findings)).toEqual(said)
})

it.each<[why: string, role: RoleFacts, sessionTags: boolean, said: string[]]>([
  ['none asks', roleWith([all]), true, []],
  [
    'a managed policy',
    roleWith([managed(document(grantOf('s3:*', '*', when('oidc.eks.us-west-2.amazonaws.com/id/ABC:sub'))))]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy eks-workshop-carts-dynamo asks for oidc.eks.us-west-2.amazonaws.com/id/ABC:sub, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-policy-version --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo --version-id v1',
    ],
  ],
  [
    'one whose version is not known',
    roleWith([
      managed(document(grantOf('s3:*', '*', when('oidc.eks.us-west-2.amazonaws.com/id/ABC:aud'))), {
        version: undefined as never,
      }),
    ]),
    false,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy eks-workshop-carts-dynamo asks for oidc.eks.us-west-2.amazonaws.com/id/ABC:aud, which sessions by Pod Identity do not have',
      '→ Session tags are switched off, so that nothing tells these pods from others of the role: write what they need without it.',
      '? aws iam get-policy --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo',
    ],
  ],
  [
    'an inline one, by who vouched',
    roleWith([inline('own policy', document(grantOf('s3:*', '*', when('aws:FederatedProvider'))))]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy own policy asks for aws:FederatedProvider, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      "? aws iam get-role-policy --role-name eks-workshop-carts-dynamo --policy-name 'own policy'",
    ],
  ],
  [
    'the boundary',
    roleWith([], boundary(document(grantOf('s3:*', '*', when('accounts.google.com:oaud'))))),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its permissions boundary limits asks for accounts.google.com:oaud, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-policy --policy-arn arn:aws:iam::111122223333:policy/limits',
    ],
  ],
  [
    'several keys',
    roleWith([
      inline(
        'x',
        document(
          grantOf('s3:*', '*', {
            Condition: { StringEquals: { 'a.b:sub': '1', 'a.b:aud': '2', 'a.b:amr': '3', 'a.b/c:sub': '4' } },
          }),
        ),
      ),
    ]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy x asks for a.b:sub, a.b:aud, a.b:amr and 1 more, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-role-policy --role-name eks-workshop-carts-dynamo --policy-name x',
    ],
  ],
  [
    'keys that only look so',
    roleWith([
      inline(
        'x',
        document(
          grantOf('s3:*', '*', {
            Condition: {
              StringEquals: {
                'aws:sub': '1',
                'a.b:subject': '2',
                'x a.b:sub': '3',
                'aws:FederatedProviders': '4',
                'my-aws:FederatedProvider': '5',
              },
            },
          }),
        ),
      ),
    ]),
    true,
    [],
  ],
])('policies that ask for claims of OIDC: %s', (_why, role, sessionTags, said) => {
  expect(told(oidcClaims(role, { ...identity, sessionTags }))).toEqual(said)
})

it('knows of a call by a pod what is always so, and of its resource where that is', () => {
  const context = podSessionContext({ arn: 'arn:aws:iam::111122223333:role/r', tags: {} }, identity, [])
  expect(context('arn:aws:sqs:us-west-2:999900001111:q')).toEqual({
    'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/r',
    'aws:PrincipalAccount': '111122223333',
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:CalledVia': null,
    'aws:SourceArn': null,
    'aws:SourceAccount': null,
    'aws:SourceIdentity': null,
    'aws:MultiFactorAuthPresent': null,
    'aws:MultiFactorAuthAge': null,
    'aws:FederatedProvider': null,
    'aws:username': null,
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': 'us-west-2',
    'aws:ResourceAccount': '999900001111',
  })
  const {
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': owner,
    ...rest
  } = context('arn:aws:sqs:us-west-*:99990000111?:q')
  expect([region, owner]).toEqual([undefined, undefined])
  expect(context('*')).toEqual(rest)
  expect(context('arn:aws:sqs:*us-west-2:1999900001111:q')).toEqual(rest)
  expect(context('arn:aws:sqs:us-west-2*:9999000011112:q')).toEqual(rest)
})

it('names the policy by which a version is put in force', () => {
  const [, , command] = told(
    ask(roleWith([managed(onTable, { attachedTo: [], otherVersions: [version('v2', onBoth)] })]), {
      needs: [{ ...get, resources: [other] }],
    }).findings,
  )
  expect(command).toBe(`$ aws iam set-default-policy-version --policy-arn ${policyArn} --version-id v2`)
})
