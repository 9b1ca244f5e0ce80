import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { type RawAnswer, type RawRequest, type ServedStore, serveStore } from '../support/api-server.ts'
import { type Difference, differencesOf, Translation } from '../support/comparison.ts'

interface RecordedEvent {
  t: number
  type: string
  object: unknown
}

interface Exchange {
  name: string
  request: RawRequest
  status: number
  headers: Record<string, string>
  body?: unknown
  events?: RecordedEvent[]
}

interface Recording {
  recording: string
  recordedAt: string
  /** The Deployment as it stood before the first exchange. */
  seed: SeedDeployment
  exchanges: Exchange[]
}

interface SeedDeployment {
  metadata: { generation: number; resourceVersion: string; uid: string; creationTimestamp: string }
  spec: never
  status: object
}

const recordings = JSON.parse(
  readFileSync(new URL('../../../recordings/kubernetes/api.json', import.meta.url), 'utf8'),
) as Recording[]

/** Where the stand-in answers differently, and why that is right. */
const excuses: { recording?: string; exchange?: RegExp; path: RegExp; reason: string }[] = [
  {
    path: /^body\.columnDefinitions\.\d+\.description$/,
    reason: 'descriptions of columns are documentation; ours are our own',
  },
  {
    path: /^(body|events\.\d+)(\.items\.\d+)?\.(object\.)?metadata\.managedFields$/,
    reason: 'the recordings leave managedFields out, except 17',
  },
  {
    recording: '09',
    exchange: /^undo$/,
    path: /observedGeneration$/,
    reason: 'a controller acted between the recorded requests, and none runs here',
  },
  {
    recording: '17',
    exchange: /^ssa_/,
    path: /^body\.(status|metadata\.annotations\.deployment\.kubernetes\.io\/revision)/,
    reason: 'controllers acted between the recorded requests, and none run here',
  },
  {
    recording: '19',
    exchange: /^version/,
    path: /^(headers\.content-length|body\.(gitCommit|buildDate|goVersion))$/,
    reason: 'this is no build of Kubernetes, and says so',
  },
  {
    recording: '30',
    exchange: /^unsupported/,
    path: /^(headers\.content-length|body\.message)$/,
    reason: 'what is offered is what is served, and that is no protobuf',
  },
  { recording: '19', exchange: /^apis$/, path: /^body\.groups/, reason: 'fewer groups are served' },
  {
    recording: '19',
    exchange: /^api$/,
    path: /serverAddress$/,
    reason: 'the port is whichever was free',
  },
]

const results: { recording: string; requests: number; matched: number; excused: number; wrong: number }[] = []
const used = new Set<(typeof excuses)[number]>()

const explain = (recording: string, exchange: string, { path }: Difference) => {
  const excuse = excuses.find(
    (candidate) =>
      (candidate.recording === undefined || recording.startsWith(candidate.recording)) &&
      (candidate.exchange === undefined || candidate.exchange.test(exchange)) &&
      candidate.path.test(path),
  )
  if (excuse) used.add(excuse)
  return excuse?.reason
}

const grants = ({ store }: ServedStore) => {
  const metadata = (name: string) => ({ namespace: 'carts', name })
  const roleRef = (name: string) => ({ apiGroup: '', kind: 'Role', name })
  store.create(resources.roles, {
    metadata: metadata('carts-reader'),
    rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] }],
  })
  store.create(resources.rolebindings, {
    metadata: metadata('carts-reader'),
    roleRef: { ...roleRef('carts-reader'), apiGroup: 'rbac.authorization.k8s.io' },
    subjects: [{ kind: 'User', name: 'restricted-reader' }],
  })
  store.create(resources.roles, {
    metadata: metadata('carts-restarter'),
    rules: [
      {
        verbs: ['get', 'patch', 'list', 'watch'],
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: ['carts'],
      },
    ],
  })
  store.create(resources.rolebindings, {
    metadata: metadata('carts-restarter'),
    roleRef: { ...roleRef('carts-restarter'), apiGroup: 'rbac.authorization.k8s.io' },
    subjects: [{ kind: 'Group', name: 'carts-restarters' }],
  })
}

const plant = ({ store }: ServedStore, seed: SeedDeployment): Translation => {
  // Who wrote it is as recorded.
  const { ownership } = store
  store.ownership = undefined
  store.create(resources.deployments, { metadata: seed.metadata, spec: seed.spec })
  const planted = store.updateStatus(resources.deployments, 'carts', 'carts', () => seed.status as never)
  store.ownership = ownership
  const { uid, resourceVersion, generation = 0 } = planted.metadata
  const translation = new Translation(generation - seed.metadata.generation)
  translation.learn('uid', seed.metadata.uid, uid)
  translation.learn('resourceVersion', seed.metadata.resourceVersion, resourceVersion)
  return translation
}

/** What a restart of the server does to versions that clients hold. */
const outdate = ({ store, server }: ServedStore, translation: Translation) => {
  translation.learn('resourceVersion', '2002', String(store.resourceVersion))
  store.create(resources.configmaps, { metadata: { namespace: 'carts', name: 'later' } })
  server.expireWatchCache()
}

const replay = async (
  served: ServedStore,
  exchange: Exchange,
  translation: Translation,
): Promise<Difference[]> => {
  const recorded = exchange.request
  const request = {
    ...recorded,
    headers: recorded.headers ?? {},
    path: translation.path(recorded.path, served.store.resourceVersion),
    ...(recorded.body === undefined ? {} : { body: translation.request(recorded.body) }),
  }
  const opened = served.clock.now()
  const times: number[] = []
  const forget = served.server.watches.onEvent(() => {
    times.push(served.clock.now() - opened)
    return undefined
  })
  const answer = await served.send(request)
  forget()
  return [
    ...differencesOf('status', exchange.status, answer.status, translation),
    ...differencesOf('headers', headersOf(exchange), comparable(answer.headers, exchange), translation),
    ...(exchange.events
      ? eventDifferences(exchange.events, answer, times, translation)
      : exchange.body === undefined
        ? []
        : differencesOf('body', exchange.body, answer.body, translation)),
  ]
}

/** The length tells whether a refusal is the same to the letter; in an object it depends on numbers. */
const headersOf = ({ headers, status }: Exchange): Record<string, string | undefined> => {
  const { 'content-length': length, ...rest } = headers
  return status >= 400 && length !== undefined ? headers : rest
}

const comparable = (headers: RawAnswer['headers'], exchange: Exchange) =>
  Object.fromEntries(Object.keys(headersOf(exchange)).map((name) => [name, headers[name]]))

const eventDifferences = (
  recorded: RecordedEvent[],
  { text }: RawAnswer,
  times: number[],
  translation: Translation,
): Difference[] => {
  const events = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { type: string; object: unknown })
  const seconds = (milliseconds: number | undefined) => Math.round((milliseconds ?? 0) / 1000)
  return [
    ...differencesOf(
      'events',
      recorded.map(({ type }) => type),
      events.map(({ type }) => type),
      translation,
    ),
    ...differencesOf(
      'seconds',
      recorded.map(({ t }) => seconds(t)),
      times.map((t) => seconds(t)),
      translation,
    ),
    ...recorded.flatMap(({ object }, index) =>
      differencesOf(`events.${index}`, object, events[index]?.object, translation),
    ),
  ]
}

describe('the API server as recorded', () => {
  afterAll(() => {
    const rows = results.map(({ recording, requests, matched, excused, wrong }) =>
      [
        recording.padEnd(44),
        ...[requests, matched, excused, wrong].map((count) => String(count).padStart(10)),
      ].join(''),
    )
    const head = ['recording'.padEnd(44), '  requests', '   matched', '   excused', '     wrong'].join('')
    process.stdout.write(`${[head, ...rows].join('\n')}\n`)
  })

  it.each(recordings)('$recording', async ({ recording, recordedAt, seed, exchanges }) => {
    const served = await serveStore({ start: Date.parse(seed.metadata.creationTimestamp) })
    grants(served)
    const translation = plant(served, seed)
    await served.clock.sleep(Date.parse(recordedAt) - served.clock.now())
    if (recording.startsWith('32')) outdate(served, translation)
    const wrong: string[] = []
    const counts = { recording, requests: exchanges.length, matched: 0, excused: 0, wrong: 0 }
    for (const exchange of exchanges) {
      const differences = await replay(served, exchange, translation)
      const unexplained = differences.filter((found) => !explain(recording, exchange.name, found))
      if (unexplained.length > 0) counts.wrong += 1
      else if (differences.length > 0) counts.excused += 1
      else counts.matched += 1
      wrong.push(
        ...unexplained.map(
          ({ path, recorded, answered }) =>
            `${exchange.name} ${path}: recorded ${recorded}, answered ${answered}`,
        ),
      )
    }
    results.push(counts)
    await served.server.close()
    served.clock.stop()
    expect(wrong).toEqual([])
  })

  it('needs every excuse', () => {
    expect(excuses.filter((excuse) => !used.has(excuse))).toEqual([])
  })
})
