import { afterEach, beforeEach, expect, it } from 'vitest'
import { insideFor } from '../../../adapters/fleet/inside.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { Binding } from '../../../core/fleet/expand/binding.ts'
import type { KeyValues } from '../../../core/fleet/expand/select.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import {
  connectTo,
  json,
  type KubernetesServer,
  serveKubernetes,
} from '../../support/servers/kubernetes-server.ts'
import { serveCluster } from '../../support/servers/served-cluster.ts'

const role = 'arn:aws:iam::111122223333:role/podid/carts'
const binding = (namespace: string, serviceAccount: string, more: object = {}): Binding =>
  Binding.parse({ cluster: 'eks-workshop', namespace, serviceAccount, role, ...more })

const namespaces: [name: string, labels?: KeyValues][] = [
  ['carts', { team: 'shop' }],
  ['team-a', { team: 'a' }],
  ['team-b', { team: 'b' }],
  ['ui'],
]
const accounts: [namespace: string, name: string, labels?: KeyValues][] = [
  ['carts', 'carts', { tier: 'back' }],
  ['carts', 'ui'],
  ['team-a', 'api', { tier: 'front' }],
  ['team-a', 'job'],
  ['team-b', 'api'],
  ['ui', 'ui'],
]

let server: KubernetesServer
let connection: Connection
let atOnce: number
let mostAtOnce: number
beforeEach(async () => {
  atOnce = 0
  mostAtOnce = 0
  server = await serveKubernetes(({ path, query }, response) => {
    const [, namespace] = /^\/api\/v1\/namespaces\/([^/]+)\/serviceaccounts$/.exec(path) ?? []
    const items =
      path === '/api/v1/namespaces'
        ? namespaces.map(([name, labels]) => ({ metadata: { name, ...(labels && { labels }) } }))
        : namespace !== undefined || path === '/api/v1/serviceaccounts'
          ? accounts
              .filter(([of]) => namespace === undefined || of === namespace)
              .map(([of, name, labels]) => ({ metadata: { namespace: of, name, ...(labels && { labels }) } }))
          : []
    // Two to a page, and each page begins with the last one of the page before: a list that was begun again.
    const at = Number(query.get('continue') ?? 0)
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    setImmediate(() => {
      atOnce--
      json(response, {
        metadata: { continue: at + 2 < items.length ? String(at + 1) : '' },
        items: items.slice(at, at + 2),
      })
    })
  })
  connection = connectTo(server)
})
afterEach(async () => {
  await connection.close()
  await server.close()
})

const everyNamespace = Array.from({ length: 3 }, () => '/api/v1/namespaces')
const everyAccount = Array.from({ length: 5 }, () => '/api/v1/serviceaccounts')
const accountsOf = (...names: string[]) => names.map((name) => `/api/v1/namespaces/${name}/serviceaccounts`)

it.each([
  {
    why: 'a named namespace is asked alone, and its labels are nobody’s business',
    bindings: [binding('carts', '*')],
    asked: accountsOf('carts'),
    found: { carts: { labels: {}, accounts: { carts: { tier: 'back' }, ui: {} } } },
  },
  {
    why: 'labels of a ServiceAccount are read with it: no namespace has to be listed for them',
    bindings: [binding('carts', '*', { serviceAccountLabels: { tier: 'back' } })],
    asked: accountsOf('carts'),
    found: { carts: { labels: {}, accounts: { carts: { tier: 'back' }, ui: {} } } },
  },
  {
    why: 'a namespace that two bindings name is asked once, and what neither names is not held',
    bindings: [binding('carts', 'c*'), binding('carts', 'checkout'), binding('ui', 'ui')],
    asked: accountsOf('carts', 'ui'),
    found: {
      carts: { labels: {}, accounts: { carts: { tier: 'back' } } },
      ui: { labels: {}, accounts: { ui: {} } },
    },
  },
  {
    why: 'a named namespace without such a ServiceAccount, or that is not there, is one with none',
    bindings: [binding('nowhere', '*')],
    asked: accountsOf('nowhere'),
    found: { nowhere: { labels: {}, accounts: {} } },
  },
  {
    why: 'a pattern needs all namespaces and all ServiceAccounts, every page, and each is held once',
    bindings: [binding('team-*', '*')],
    asked: [...everyNamespace, ...everyAccount],
    found: {
      'team-a': { labels: { team: 'a' }, accounts: { api: { tier: 'front' }, job: {} } },
      'team-b': { labels: { team: 'b' }, accounts: { api: {} } },
    },
  },
  {
    why: 'a namespace without labels is one with none of them',
    bindings: [binding('u?', '*')],
    asked: [...everyNamespace, ...everyAccount],
    found: { ui: { labels: {}, accounts: { ui: {} } } },
  },
  {
    why: 'one pattern is enough, and what a binding names beside it is found with it',
    bindings: [binding('carts', 'carts'), binding('team-*', 'api')],
    asked: [...everyNamespace, ...everyAccount],
    found: {
      carts: { labels: { team: 'shop' }, accounts: { carts: { tier: 'back' } } },
      'team-a': { labels: { team: 'a' }, accounts: { api: { tier: 'front' } } },
      'team-b': { labels: { team: 'b' }, accounts: { api: {} } },
    },
  },
  {
    why: 'of the namespaces that fit a pattern, those without its labels are not held, nor what is in them',
    bindings: [binding('*', '*', { namespaceLabels: { team: '?' } })],
    asked: [...everyNamespace, ...everyAccount],
    found: {
      'team-a': { labels: { team: 'a' }, accounts: { api: { tier: 'front' }, job: {} } },
      'team-b': { labels: { team: 'b' }, accounts: { api: {} } },
    },
  },
  {
    why: 'labels of a named namespace are in the list of all alone; the ServiceAccounts are its own still',
    bindings: [binding('ui', 'ui'), binding('carts', 'carts', { namespaceLabels: { team: 'shop' } })],
    asked: [...everyNamespace, ...accountsOf('carts', 'ui')],
    found: {
      carts: { labels: { team: 'shop' }, accounts: { carts: { tier: 'back' } } },
      ui: { labels: {}, accounts: { ui: {} } },
    },
  },
  {
    why: 'a named namespace without the labels is not asked further',
    bindings: [binding('carts', '*', { namespaceLabels: { team: 'other' } })],
    asked: everyNamespace,
    found: {},
  },
  {
    why: 'what an override says of labels has to be known too, and leaves nothing out',
    bindings: [
      binding('carts', 'carts', { overrides: [{ where: { namespaceLabels: { team: 'a' } }, skip: true }] }),
    ],
    asked: [...everyNamespace, ...accountsOf('carts')],
    found: { carts: { labels: { team: 'shop' }, accounts: { carts: { tier: 'back' } } } },
  },
])('$why', async ({ bindings, asked, found }) => {
  const inside = await insideFor(connection, bindings)
  expect(
    Object.fromEntries(
      inside.map(({ name, labels, serviceAccounts }) => [
        name,
        { labels, accounts: Object.fromEntries(serviceAccounts.map((one) => [one.name, one.labels])) },
      ]),
    ),
  ).toEqual(found)
  expect(inside.flatMap(({ serviceAccounts }) => serviceAccounts)).toHaveLength(
    Object.values(found).flatMap((one) => Object.keys(one.accounts)).length,
  )
  expect(server.requests.map(({ path }) => path).sort()).toEqual([...asked].sort())
})

it('asks four namespaces at once at most', async () => {
  const names = Array.from({ length: 9 }, (_, at) => `team-${at}`)
  await insideFor(
    connection,
    names.map((name) => binding(name, '*')),
  )
  expect(server.requests.map(({ path }) => path).sort()).toEqual(accountsOf(...names))
  expect(mostAtOnce).toBeLessThanOrEqual(4)
})

it.each([
  { why: 'of named namespaces', bindings: [binding('carts', '*')] },
  { why: 'of all namespaces', bindings: [binding('*', '*')] },
])('asks nothing once it was given up: $why', async ({ bindings }) => {
  const signal = AbortSignal.abort(new Error('the run was stopped'))
  await expect(insideFor(connection, bindings, signal)).rejects.toThrow('the run was stopped')
  expect(server.requests).toEqual([])
})

it('needs a right in the named namespace alone, and says which one a pattern lacks', async () => {
  const served = await serveCluster({
    rules: [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['list'] }],
    held: true,
  })
  const group = 'rbac.authorization.k8s.io'
  try {
    expect(await insideFor(served.connection, [binding('carts', 'c*')])).toEqual([
      { name: 'carts', labels: {}, serviceAccounts: [{ name: 'carts', labels: {} }] },
    ])
    const denied = (resource: string) => ({
      name: 'AccessDenied',
      message: expect.stringMatching(
        new RegExp(
          `^list ${resource} on cluster eks-workshop: .*cannot list resource "${resource}" in API group "" at the cluster scope`,
        ),
      ),
    })
    const byPattern = [binding('*', 'c*')]
    await expect(insideFor(served.connection, byPattern)).rejects.toMatchObject(denied('namespaces'))
    const metadata = { name: 'podid' }
    served.store.create(resources.clusterroles, {
      metadata,
      rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }],
    })
    served.store.create(resources.clusterrolebindings, {
      metadata,
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: 'podid' },
      subjects: [{ apiGroup: group, kind: 'Group', name: 'podid' }],
    })
    await expect(insideFor(served.connection, byPattern)).rejects.toMatchObject(denied('serviceaccounts'))
  } finally {
    await served.close()
  }
})
