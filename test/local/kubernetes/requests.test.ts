import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { ManagedFieldsEntry } from '../../../core/kubernetes.ts'
import { CallLog } from '../../../local/calls.ts'
import { type VirtualClock, virtualClock } from '../../../local/clock.ts'
import { type ApiServer, startApiServer } from '../../../local/kubernetes/api/server.ts'
import { type Controllers, startControllers } from '../../../local/kubernetes/controllers/index.ts'
import { ec2Node } from '../../../local/kubernetes/kubelet/nodes.ts'
import { type ResourceKind, resources } from '../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../local/kubernetes/store/store.ts'
import { registerPodIdentityWebhook } from '../../../local/kubernetes/webhook/admission-webhooks.ts'
import { admin, type RawAnswer, type RawRequest, requester } from './support/api-server.ts'
import { differences } from './support/likeness.ts'

interface Exchange {
  name: string
  request: {
    method: string
    path: string
    body?: unknown
    contentType?: string
    accept?: string
    token?: string | null
  }
  answer: {
    status: number
    type?: string
    warning?: string
    retry?: string
    allow?: string
    body: unknown
  }
}

/** Raw requests to a real 1.36.2 with its answers, and the objects that were applied before. */
const { objects, exchanges } = JSON.parse(
  readFileSync(new URL('../../recordings/kubernetes/requests.json', import.meta.url), 'utf8'),
) as { objects: { kind: string; metadata: { namespace: string } }[]; exchanges: Exchange[] }

/** Requests that are answered differently here, each with its reason; docs/stand-ins.md tells them to users. */
const reasons: Record<string, string> = {
  'table events': 'the recorded pods came from a fake kubelet that reports no pulls and starts',
  'events.k8s.io': 'the recorded pods came from a fake kubelet that reports no pulls and starts',
  endpointslices: 'the fake kubelet made its pods ready in one step, so the slice was written once less',
  leases: 'the fake kubelet left out the owner that a kubelet gives its lease',
  'pod log previous none': 'the fake kubelet has no log but one',
  'accept protobuf': 'protobuf is read here, not written',
  'accept unknown': 'what is offered is what is served, and that is no protobuf',
  'accept cbor': 'what is offered is what is served, and that is no protobuf',
  version: 'this is no build of Kubernetes, and says so',
  livez: 'there are no hooks whose checks could be listed',
  root: 'fewer groups and paths are served',
  apis: 'fewer groups are served',
  'api v1': 'fewer kinds are served',
  'aggregated discovery': 'fewer kinds are served',
  'aggregated api': 'fewer kinds are served',
  'openapi v3': 'fewer groups are served',
}

/** What the recorded nodes said of themselves. */
const recordedNode = {
  labels: {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'eks.amazonaws.com/nodegroup': 'default',
  },
  info: {
    kubeletVersion: 'v1.36.2',
    kernelVersion: '6.12.0 (amd64)',
    containerRuntimeVersion: 'containerd://2.1.0',
  },
}

const kinds = Object.values(resources) as ResourceKind[]

let clock: VirtualClock
let store: Store
let controllers: Controllers
let server: ApiServer
let send: (request: RawRequest) => Promise<RawAnswer>

beforeAll(async () => {
  clock = virtualClock()
  store = new Store({ clock })
  controllers = startControllers({
    store,
    clock,
    kubelet: () => ({ startMs: 500, readyAfterMs: 500, log: 'app: serving\n' }),
  })
  server = await startApiServer({
    store,
    clock,
    calls: new CallLog(),
    authenticate: async (token) =>
      token === 'admin-token'
        ? { username: 'local-admin', uid: 'u-admin', groups: ['system:masters', 'system:authenticated'] }
        : undefined,
    logs: controllers.kubelet.logs,
    beforeRead: (kind) => kind === resources.leases && controllers.kubelet.renewLeases(),
  })
  send = requester(server)
  registerPodIdentityWebhook(store, controllers.webhooks, (_resource, object) => object)
  store.create(resources.namespaces, { metadata: { name: 'cmp' } })
  for (const [address, zone] of [
    ['10.42.10.10', 'us-west-2a'],
    ['10.42.20.10', 'us-west-2b'],
    ['10.42.30.10', 'us-west-2c'],
  ] as const) {
    const node = ec2Node({ address, zone, now: store.timestamp(), labels: recordedNode.labels })
    Object.assign(node.metadata ?? {}, { annotations: { 'node.alpha.kubernetes.io/ttl': '0' } })
    Object.assign(node.status?.nodeInfo ?? {}, recordedNode.info)
    store.create(resources.nodes, node)
  }
  for (const object of objects) {
    const { group, version, plural } = kinds.find((one) => one.kind === object.kind) ?? resources.pods
    await send({
      method: 'POST',
      path: `/${group ? `apis/${group}` : 'api'}/${version}/namespaces/cmp/${plural}?fieldManager=kubectl-client-side-apply`,
      body: object,
    })
  }
  await clock.sleep(7000)
})

afterAll(async () => {
  controllers.stop()
  await server.close()
  clock.stop()
})

/** A path and a body with the present names and versions in place of the recording's. */
const present = <T>(value: T): T => {
  const [pod] = store.list(resources.pods, { namespace: 'cmp', labels: { matchLabels: { app: 'web' } } })
  const { resourceVersion = '' } = store.get(resources.deployments, 'cmp', 'web')?.metadata ?? {}
  return JSON.parse(
    JSON.stringify(value)
      .replaceAll('VERSION', resourceVersion)
      .replaceAll('POD', pod?.metadata.name ?? ''),
  ) as T
}

const ask = async ({ method, path, body, contentType, accept, token }: Exchange['request']) => {
  const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(present(body))
  return send({
    method,
    path: present(path),
    headers: {
      ...(token === null ? {} : token ? { authorization: `Bearer ${token}` } : admin),
      accept: accept ?? 'application/json',
      'user-agent': 'cmp/1',
      ...(contentType ? { 'content-type': contentType } : {}),
      ...(sent === undefined ? {} : { 'content-length': String(Buffer.byteLength(sent)) }),
    },
    ...(sent === undefined ? {} : { body: sent }),
  })
}

const bodyOf = ({ text }: RawAnswer): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    const lines = text.split('\n').filter(Boolean)
    return lines[0]?.startsWith('{') ? { lines: lines.map((line) => JSON.parse(line) as unknown) } : text
  }
}

const asValue = (type: string | undefined, body: unknown): unknown =>
  type === 'application/yaml' && typeof body === 'string' ? (parseYaml(body) as unknown) : body

interface Discovered {
  subresources?: { subresource: string }[]
}

/** What aggregated discovery says of each kind, by group, version and plural name. */
const discovered = (body: unknown): Map<string, Discovered> =>
  new Map(
    (
      body as {
        items: {
          metadata: { name?: string }
          versions: { version: string; resources: ({ resource: string } & Discovered)[] }[]
        }[]
      }
    ).items.flatMap(({ metadata, versions }) =>
      versions.flatMap(({ version, resources: kinds }) =>
        kinds.map((one): [string, Discovered] => [`${metadata.name ?? ''}/${version}/${one.resource}`, one]),
      ),
    ),
  )

/** What kinds have less of here, which docs/stand-ins.md tells to users. */
const lessOf: Record<string, { without?: string[]; verbs?: string[] } | undefined> = {
  '/v1/namespaces': { without: ['finalize'] },
  '/v1/nodes': { without: ['proxy'] },
  '/v1/pods': {
    without: ['attach', 'binding', 'ephemeralcontainers', 'exec', 'portforward', 'proxy', 'resize'],
  },
  '/v1/services': { without: ['proxy'] },
  'autoscaling/v1/horizontalpodautoscalers': {
    without: ['status'],
    verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'],
  },
  'events.k8s.io/v1/events': { verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'watch'] },
}

describe('raw requests, beside a real 1.36.2', () => {
  const alike: string[] = []
  const others: string[] = []

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))(
    '%s',
    async (name, { request, answer }) => {
      const answered = await ask(request)
      const { headers, status } = answered
      const type = headers['content-type']
      const found = differences(
        { ...answer, body: asValue(answer.type, answer.body) },
        {
          status,
          type,
          warning: headers.warning,
          retry: headers['retry-after'],
          allow: headers.allow,
          body: asValue(type, bodyOf(answered)),
        },
      )
      ;(found.length === 0 ? alike : others).push(name)
      if (reasons[name] === undefined) expect(found).toEqual([])
    },
  )

  // As in the recording, which leaves out who wrote what.
  const writers: [path: string, writers: string[]][] = [
    [
      '/apis/apps/v1/namespaces/cmp/deployments?labelSelector=team=a',
      ['kube-controller-manager of status', 'kubectl-client-side-apply'],
    ],
    [
      '/apis/apps/v1/namespaces/cmp/replicasets?labelSelector=app=web',
      ['kube-controller-manager', 'kube-controller-manager of status'],
    ],
    ['/api/v1/namespaces/cmp/pods?labelSelector=app=web', ['kube-controller-manager', 'kubelet of status']],
  ]
  it.each(writers)('notes who wrote %s', async (path, expected) => {
    const { body } = await send({ method: 'GET', path, headers: admin })
    const [{ metadata }] = (body as { items: [{ metadata: { managedFields: ManagedFieldsEntry[] } }] }).items
    const found = metadata.managedFields.map(({ manager, subresource }) =>
      subresource ? `${manager} of ${subresource}` : manager,
    )
    expect(found.toSorted()).toEqual(expected)
  })

  it('discovers of each kind that is served what a real server says of it', async () => {
    for (const name of ['aggregated discovery', 'aggregated api']) {
      const exchange = exchanges.find((one) => one.name === name)
      const real = discovered(exchange?.answer.body)
      const here = discovered(bodyOf(await ask(exchange?.request ?? { method: 'GET', path: '/' })))
      for (const [kind, entry] of here) {
        const { without = [], ...change } = lessOf[kind] ?? {}
        const { subresources, ...rest } = real.get(kind) ?? {}
        const left = (subresources ?? []).filter(({ subresource }) => !without.includes(subresource))
        const expected = { ...rest, ...(left.length > 0 ? { subresources: left } : {}), ...change }
        expect(entry, kind).toEqual(expected)
      }
    }
  })

  it('documents each that differs', () => {
    const documented = readFileSync(new URL('../../../docs/stand-ins.md', import.meta.url), 'utf8')
    for (const [name, reason] of Object.entries(reasons))
      expect(documented).toContain(`| ${name} | ${reason} |`)
    expect(documented).toContain(`${exchanges.length - Object.keys(reasons).length} are answered alike`)
  })

  it('has a reason for each that differs, and no other', () => {
    process.stdout.write(`${alike.length} of ${exchanges.length} raw requests are answered alike\n`)
    expect(others.toSorted()).toEqual(Object.keys(reasons).sort())
    expect(alike.length).toBeGreaterThanOrEqual(125)
  })
})
