import { describe, expect, it } from 'vitest'
import type { PolicyRule, Subject } from '../../../../core/kubernetes.ts'
import {
  type Attributes,
  forbidden,
  rbacAuthorizer,
  type UserInfo,
} from '../../../../local/kubernetes/api/access/rbac.ts'
import { requestInfo } from '../../../../local/kubernetes/api/request-info.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../../local/kubernetes/store/store.ts'
import { steppedClock } from '../../../support/clocks/stepped-clock.ts'

const user: UserInfo = { username: 'eve', groups: ['team', 'system:authenticated'] }
const apiGroup = 'rbac.authorization.k8s.io'
const asUser: Subject = { apiGroup, kind: 'User', name: 'eve' }

/** A store in which the rules reach the subject in namespace `carts`, or everywhere. */
const granting = (rules: PolicyRule[], subject: Subject = asUser, everywhere = false) => {
  const store = new Store({ clock: steppedClock() })
  store.create(resources.namespaces, { metadata: { name: 'carts' } })
  const metadata = { name: 'grant' }
  if (everywhere) {
    store.create(resources.clusterroles, { metadata, rules })
    store.create(resources.clusterrolebindings, {
      metadata,
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'grant' },
      subjects: [subject],
    })
  } else {
    store.create(resources.roles, { metadata: { ...metadata, namespace: 'carts' }, rules })
    store.create(resources.rolebindings, {
      metadata: { ...metadata, namespace: 'carts' },
      roleRef: { apiGroup, kind: 'Role', name: 'grant' },
      subjects: [subject],
    })
  }
  return rbacAuthorizer(store)
}

const asked = (request: string): Attributes => {
  const [method = '', target = ''] = request.split(' ')
  const { pathname, searchParams } = new URL(target, 'https://127.0.0.1')
  return requestInfo(method, pathname, searchParams)
}

const apps = '/apis/apps/v1/namespaces/carts'
const core = '/api/v1/namespaces/carts'
const deployments = (verbs: string[], more: Partial<PolicyRule> = {}): PolicyRule[] => [
  { verbs, apiGroups: ['apps'], resources: ['deployments'], ...more },
]

describe('a rule', () => {
  const rows: [why: string, rules: PolicyRule[], request: string, allowed: boolean][] = [
    ['allows its verb', deployments(['get']), `GET ${apps}/deployments/carts`, true],
    ['allows no other verb', deployments(['get']), `PATCH ${apps}/deployments/carts`, false],
    ['allows no other kind', deployments(['get']), `GET ${apps}/daemonsets/carts`, false],
    [
      'allows no other group',
      deployments(['*'], { apiGroups: [''] }),
      `GET ${apps}/deployments/carts`,
      false,
    ],
    ['for objects opens no path', deployments(['*']), 'GET /apis', false],
    [
      'does not reach another namespace',
      deployments(['*']),
      'GET /apis/apps/v1/namespaces/x/deployments',
      false,
    ],
    ['does not reach all namespaces', deployments(['*']), 'GET /apis/apps/v1/deployments', false],
    ['distinguishes list from get', deployments(['get']), `GET ${apps}/deployments`, false],
    ['distinguishes watch from list', deployments(['list']), `GET ${apps}/deployments?watch=true`, false],
    [
      'distinguishes deletecollection from delete',
      deployments(['delete']),
      `DELETE ${apps}/deployments`,
      false,
    ],
    ['does not reach a subresource', deployments(['*']), `GET ${apps}/deployments/carts/scale`, false],
    [
      'names a subresource',
      deployments(['get'], { resources: ['deployments/scale'] }),
      `GET ${apps}/deployments/carts/scale`,
      true,
    ],
    [
      'names a subresource of any kind',
      deployments(['get'], { resources: ['*/scale'] }),
      `GET ${apps}/deployments/carts/scale`,
      true,
    ],
    [
      'reads logs only by their own name',
      [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      `GET ${core}/pods/a/log`,
      false,
    ],
    [
      'with resourceNames allows that object',
      deployments(['get'], { resourceNames: ['carts'] }),
      `GET ${apps}/deployments/carts`,
      true,
    ],
    [
      'with resourceNames allows no other object',
      deployments(['get'], { resourceNames: ['carts'] }),
      `GET ${apps}/deployments/other`,
      false,
    ],
    [
      'with resourceNames allows no list',
      deployments(['list'], { resourceNames: ['carts'] }),
      `GET ${apps}/deployments`,
      false,
    ],
    [
      'with resourceNames allows the list that selects the name',
      deployments(['list'], { resourceNames: ['carts'] }),
      `GET ${apps}/deployments?fieldSelector=metadata.name%3Dcarts`,
      true,
    ],
    [
      'with resourceNames allows no create, which has no name yet',
      deployments(['create'], { resourceNames: ['carts'] }),
      `POST ${apps}/deployments`,
      false,
    ],
  ]
  it.each(rows)('%s', (_why, rules, request, allowed) => {
    expect(granting(rules)(user, asked(request))).toMatchObject({ allowed })
  })
})

describe('a binding', () => {
  const anything = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]
  const rows: [why: string, subject: Subject, who: UserInfo, allowed: boolean][] = [
    ['reaches its user', asUser, user, true],
    ['reaches no other user', asUser, { username: 'mallory', groups: [] }, false],
    ['reaches a group', { apiGroup, kind: 'Group', name: 'team' }, user, true],
    [
      'reaches a service account',
      { kind: 'ServiceAccount', name: 'ci', namespace: 'carts' },
      { username: 'system:serviceaccount:carts:ci', groups: [] },
      true,
    ],
    [
      'reaches no namesake elsewhere',
      { kind: 'ServiceAccount', name: 'ci', namespace: 'carts' },
      { username: 'system:serviceaccount:other:ci', groups: [] },
      false,
    ],
  ]
  it.each(rows)('%s', (_why, subject, who, allowed) => {
    expect(granting(anything, subject)(who, asked(`GET ${apps}/deployments/carts`))).toMatchObject({
      allowed,
    })
  })

  it('of a ClusterRole reaches everywhere, and paths that are no objects', () => {
    const authorize = granting(
      [...anything, { verbs: ['get'], nonResourceURLs: ['/metrics/*'] }],
      asUser,
      true,
    )
    expect(authorize(user, asked('GET /api/v1/nodes'))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "grant" of ClusterRole "grant" to User "eve"',
    })
    expect(authorize(user, asked('GET /metrics/slis'))).toMatchObject({ allowed: true })
    expect(authorize(user, asked('GET /secrets'))).toEqual({ allowed: false })
  })
})

it('lets system:masters do everything', () => {
  const master = { username: 'root', groups: ['system:masters'] }
  expect(granting([])(master, asked(`DELETE ${apps}/deployments`))).toEqual({ allowed: true })
})

it.each([
  [
    `PATCH ${apps}/deployments/carts/scale`,
    'deployments.apps "carts" is forbidden: User "eve" cannot patch resource "deployments/scale" in API group "apps" in the namespace "carts"',
  ],
  [
    'GET /api/v1/nodes',
    'nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope',
  ],
  ['GET /metrics', 'forbidden: User "eve" cannot get path "/metrics"'],
])('refuses %s in the words of the API server', (request, message) => {
  expect(forbidden(user, asked(request)).message).toBe(message)
})
