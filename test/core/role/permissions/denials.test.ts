import { expect, it } from 'vitest'
import { checkPermissions, type PermissionQuestion } from '../../../../core/role/permissions/permissions.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import { account, deny, document, grantOf, identity, managed, roleWith } from './support.ts'

const table = 'arn:aws:dynamodb:us-west-2:111122223333:table/a'
const other = 'arn:aws:dynamodb:us-west-2:111122223333:table/b'
const get = { actions: ['dynamodb:GetItem'], resources: [table] }
const both = { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [table, other] }
const all = managed(document(grantOf('dynamodb:*', '*')))
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
const onTable = document(grantOf('dynamodb:GetItem', table))

const ask = (role: RoleFacts, more: Partial<PermissionQuestion> = {}) =>
  checkPermissions({ ...identity, role, needs: [get], ...more })

it.each<[why: string, role: RoleFacts, more: Partial<PermissionQuestion>, said: string[]]>([
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
  [
    'exactly five Denies',
    roleWith([
      all,
      ...Array.from({ length: 5 }, (_, at) => inline(`guard-${at}`, document(deny('dynamodb:GetItem', '*')))),
    ]),
    {},
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard-0, statement Forbid of the policy guard-1, statement Forbid of the policy guard-2, statement Forbid of the policy guard-3, statement Forbid of the policy guard-4 denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard-0, statement Forbid of the policy guard-1, statement Forbid of the policy guard-2, statement Forbid of the policy guard-3, statement Forbid of the policy guard-4 spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.',
    ],
  ],
  [
    'a Deny of one thing and of a part of another',
    roleWith([all, inline('guard', document(deny('*', [table, `${other}/index/x`])))]),
    { needs: [{ ...get, resources: [table, `${other}/index/*`] }] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b/index/*; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, arn:aws:dynamodb:us-west-2:111122223333:table/b/index/*, or give the workload another role.',
    ],
  ],
  [
    'Denies of two groups',
    roleWith([
      all,
      managed(document(grantOf('s3:*', '*')), { name: 's' }),
      inline('guard', document(deny('*', '*'))),
    ]),
    { needs: [get, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the policy guard denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; s3:GetObject on arn:aws:s3:::a/*; no grant outweighs a Deny',
      '→ Have statement Forbid of the policy guard spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; s3:GetObject on arn:aws:s3:::a/*, or give the workload another role.',
    ],
  ],
  [
    'conditions on two groups',
    roleWith([managed(document(grantOf('*', '*', when('aws:SourceIp'))))]),
    { needs: [get, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'warning permission-conditional, role eks-workshop-carts-dynamo: whether the role may use dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; s3:GetObject on arn:aws:s3:::a/* depends on aws:SourceIp (statement Grant of the policy eks-workshop-carts-dynamo), which cannot be known before a pod asks',
      '→ Make sure that the requests of your pods meet these conditions.',
    ],
  ],
  [
    'a version that helps with two groups',
    roleWith([
      managed(document(), {
        attachedTo: [],
        otherVersions: [
          version(
            'v2',
            document(grantOf('dynamodb:GetItem', table), grantOf('s3:GetObject', 'arn:aws:s3:::a/*')),
          ),
        ],
      }),
    ]),
    { needs: [get, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::a/*'] }] },
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy eks-workshop-carts-dynamo grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; s3:GetObject on arn:aws:s3:::a/*, but version v1 is the one in force',
      '→ Put version v2 in force: it adds nothing but what is needed, and the policy is attached to this role alone.',
      '$ aws iam set-default-policy-version --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo --version-id v2',
    ],
  ],
  [
    'inline policies are full, and a version is not put in force',
    roleWith([
      inline('full', long(400)),
      managed(document(), { attachedTo: ['role x', 'user y'], otherVersions: [version('v2', onTable)] }),
    ]),
    {},
    [
      'blocking permission-in-non-default-version, role eks-workshop-carts-dynamo: version v2 of policy eks-workshop-carts-dynamo grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, but version v1 is the one in force',
      "→ The role's inline policies have 11198 of 10240 characters, and 150 more do not fit: grant what is missing in a managed policy. Version v2 of policy eks-workshop-carts-dynamo is not put in force for it: role x, user y have that policy too, and would get what it grants.",
      '$ aws iam create-policy --policy-name podid-carts-carts --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'\naws iam attach-role-policy --role-name eks-workshop-carts-dynamo --policy-arn arn:aws:iam::111122223333:policy/podid-carts-carts',
    ],
  ],
  [
    'a policy of a long name, and a ServiceAccount too',
    roleWith([]),
    { namespace: 'n'.repeat(63), serviceAccount: 's'.repeat(90) },
    [
      'blocking permission-missing, role eks-workshop-carts-dynamo: no policy grants dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a',
      '→ Grant what is missing, and nothing else, in an inline policy of its own.',
      '$ aws iam put-role-policy --role-name eks-workshop-carts-dynamo --policy-name podid-nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn-ssssssssssssssssssssssssssssssssssssssssssssssssss --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "dynamodb:GetItem"\n      ],\n      "Resource": [\n        "arn:aws:dynamodb:us-west-2:111122223333:table/a"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'owners that are none',
    roleWith([managed(document(grantOf('dynamodb:*', '*')))]),
    {
      needs: [
        {
          ...get,
          resources: [
            'arn:aws:dynamodb:us-west-2:1999900001111:table/a',
            'arn:aws:dynamodb:us-west-2:9999000011112:table/a',
          ],
        },
      ],
    },
    [],
  ],
  [
    'one of the boundary',
    roleWith([all], {
      boundary: {
        name: 'limits',
        arn: 'arn:aws:iam::111122223333:policy/limits',
        document: document(grantOf('*', '*'), deny('dynamodb:*', table)),
      },
    }),
    {},
    [
      'blocking permission-denied-explicitly, role eks-workshop-carts-dynamo: statement Forbid of the permissions boundary limits denies dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a; no grant outweighs a Deny',
      '→ Have statement Forbid of the permissions boundary limits spare dynamodb:GetItem on arn:aws:dynamodb:us-west-2:111122223333:table/a, or give the workload another role.',
    ],
  ],
])('what denies, and what cannot be known: %s', (_why, role, more, said) => {
  expect(told(ask(role, more).findings)).toEqual(said)
})

it('says by which policy a resource grants', () => {
  expect(ask(roleWith([]), { needs: [{ ...get, grantedBy: 'resource-policy' }] }).verdicts).toEqual([
    {
      role: 'eks-workshop-carts-dynamo',
      action: 'dynamodb:GetItem',
      resource: 'arn:aws:dynamodb:us-west-2:111122223333:table/a',
      granted: true,
      decision: 'allowed',
      by: [{ layer: 'resource', policy: 'policy of the resource', sid: 'as the need says' }],
      missingKeys: [],
      layers: [],
    },
  ])
})
