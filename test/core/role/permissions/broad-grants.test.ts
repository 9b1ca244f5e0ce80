import { expect, it } from 'vitest'
import { broadGrants } from '../../../../core/role/permissions/broad-grants.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import { account, document, grantOf, managed, roleWith } from './support.ts'

const inline = (name: string, content: unknown): RolePolicy => ({ name, kind: 'inline', document: content })

it.each<[why: string, role: RoleFacts, said: string[]]>([
  [
    'grants that go too far',
    roleWith([
      managed(document(grantOf('iam:PassRole', '*')), { name: 'a' }),
      managed(document(grantOf('iam:*', '*')), { name: 'b' }),
      managed(document(grantOf('sts:AssumeRole', '*')), { name: 'c' }),
      managed(document(grantOf('iam:PassRole', 'arn:aws:iam::111122223333:role/x')), { name: 'd' }),
    ]),
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
    [],
  ],
  [
    'any role but one to any service',
    roleWith([
      managed(
        document(grantOf('iam:PassRole', undefined, { NotResource: 'arn:aws:iam::111122223333:role/x' })),
        { name: 'a' },
      ),
    ]),
    [],
  ],
  [
    'policies of nobody’s',
    roleWith([managed(document(), { name: 'x', arn: 'xarn:aws:iam::aws:policy/AdministratorAccess' })]),
    [],
  ],
  [
    'all on all',
    roleWith([managed(document(grantOf('*:*', '*')), { name: 'a' })]),
    [
      'warning grant-over-broad, role eks-workshop-carts-dynamo: policy a grants every action on every resource, so that whoever takes over a pod owns the account',
      '→ Grant what the workload needs instead, resource by resource, and take policy a away from eks-workshop-carts-dynamo.',
    ],
  ],
])('what goes too far: %s', (_why, role, said) => {
  expect(told(broadGrants(role))).toEqual(said)
})
