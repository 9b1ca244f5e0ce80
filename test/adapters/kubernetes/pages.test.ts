import { afterEach, expect, it } from 'vitest'
import type { Clock } from '../../../adapters/clock.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import { eachPage } from '../../../adapters/kubernetes/pages.ts'
import type { ConfigMap } from '../../../core/kubernetes.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import {
  connectTo,
  json,
  type KubernetesServer,
  serveKubernetes,
} from '../../support/servers/kubernetes-server.ts'
import { serveCluster } from '../../support/servers/served-cluster.ts'

const configMaps = { version: 'v1', resource: 'configmaps' } as const

it('reads every page of a list, each before the next is asked for', async () => {
  const cluster = await serveCluster({
    rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }],
    held: true,
  })
  try {
    for (let at = 0; at < 1100; at++)
      cluster.store.create(resources.configmaps, { metadata: { name: `c-${at}`, namespace: 'carts' } })
    const pages: ConfigMap[][] = []
    // With kube-root-ca.crt, which each namespace has.
    await eachPage<ConfigMap>(cluster.connection, { ...configMaps, namespace: 'carts' }, (page) => {
      pages.push(page)
      expect(cluster.calls.calls).toHaveLength(pages.length)
    })
    expect(pages.map(({ length }) => length)).toEqual([500, 500, 101])
    expect(new Set(pages.flat().map(({ metadata }) => metadata?.name)).size).toBe(1101)
  } finally {
    await cluster.close()
  }
})

let server: KubernetesServer
let connection: Connection
afterEach(async () => {
  await connection?.close()
  await server?.close()
})

/** Serves one answer after the other, and notes for how long was waited between them. */
const script = async (answers: { status?: number; retryAfter?: string; body: object }[]) => {
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms) => void waits.push(ms),
  }
  server = await serveKubernetes((_request, response) => {
    const { body = {}, status, retryAfter } = answers.shift() ?? {}
    json(response, body, status, retryAfter ? { 'retry-after': retryAfter } : {})
  })
  connection = connectTo(server, clock)
  const seen: string[] = []
  const ended = eachPage<ConfigMap>(connection, configMaps, (page) => {
    seen.push(...page.map(({ metadata }) => metadata?.name ?? ''))
  })
  const error = await ended.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  return { waits, seen, error, asked: server.requests.map(({ query }) => query.get('continue')) }
}

const page = (name: string, next = '') => ({ metadata: { continue: next }, items: [{ metadata: { name } }] })
const failure = (code: number, reason: string) => ({
  kind: 'Status',
  metadata: {},
  code,
  reason,
  message: reason,
})
const expired = { status: 410, body: failure(410, 'Expired') }
const throttled = { status: 429, retryAfter: '7', body: failure(429, 'TooManyRequests') }

it.each([
  {
    why: 'a list that the server has forgotten is begun again',
    answers: [{ body: page('a', 'x') }, expired, { body: page('a', 'y') }, { body: page('b') }],
    seen: ['a', 'a', 'b'],
    asked: [null, 'x', null, 'y'],
    waits: [],
  },
  {
    why: 'once, and no more: the cluster changes faster than it can be read',
    answers: [{ body: page('a', 'x') }, expired, { body: page('a', 'y') }, expired],
    seen: ['a', 'a'],
    asked: [null, 'x', null, 'y'],
    waits: [],
    fails: /Expired/,
  },
  {
    why: 'a server that is busy is asked again when it says',
    answers: [throttled, throttled, { body: page('a') }],
    seen: ['a'],
    asked: [null, null, null],
    waits: [7000, 7000],
  },
  {
    why: 'five times, and no more',
    answers: Array.from({ length: 5 }, () => throttled),
    seen: [],
    asked: Array.from({ length: 5 }, () => null),
    waits: [7000, 7000, 7000, 7000],
    fails: /TooManyRequests/,
  },
  {
    why: 'a refusal is no moment’s trouble',
    answers: [{ status: 403, body: failure(403, 'Forbidden') }],
    seen: [],
    asked: [null],
    waits: [],
    fails: /Forbidden/,
  },
])('$why', async ({ answers, fails, seen: names, asked, waits }) => {
  const { error, ...seen } = await script([...answers])
  expect(seen).toEqual({ seen: names, asked, waits })
  if (fails) expect(error?.message).toMatch(fails)
  else expect(error).toBeUndefined()
})
