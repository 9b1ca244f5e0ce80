import type { KnownCluster } from '../../adapters/eks/clusters.ts'
import type { SweepTurn } from '../../adapters/records/sweeps.ts'
import type { Cluster } from '../../core/cluster.ts'
import { parseConfig } from '../../core/config.ts'
import { Transient } from '../../core/errors.ts'
import type { NotChecked, PodidEvent } from '../../core/events.ts'
import type { AssociationCheck } from '../../core/steps/answers.ts'
import { type DriftNotes, nothingNoted } from '../../core/triggers/digest.ts'
import { fromTheStart, type SweepPosition } from '../../core/triggers/sweep-plan.ts'
import type { TrailLook } from '../../core/workload/proof/trail.ts'
import { sweepBindings } from '../../functions/integrations/sweep.ts'
import type { Start } from '../../functions/support/starter.ts'
import type { Checks } from '../../functions/support/sweep/check-binding.ts'
import type { Swept } from '../../functions/support/sweep/tell.ts'

const account = '123456789012'
export const region = 'us-west-2'
export const fields = { namespace: 'carts', role: `arn:aws:iam::${account}:role/carts` }
const config = (change: object = {}) =>
  parseConfig(
    {
      account,
      region,
      bindings: {
        one: { ...fields, serviceAccount: 'one', cluster: 'shop-*' },
        two: { ...fields, serviceAccount: 'two', cluster: 'shop-1', clusterTags: { stage: 'test' } },
      },
      ...change,
    },
    'test',
  )

const known = (name: string, tags: Record<string, string> = {}): KnownCluster => ({
  name,
  region,
  tags,
  account,
  arn: `arn:aws:eks:${region}:${account}:cluster/${name}`,
  createdAt: '2026-11-23T07:00:00.000Z',
})
export const clustersOf =
  (clusters: KnownCluster[], status: (name: string) => Promise<Cluster> = async (name) => active(name)) =>
  () => ({
    list: async () => clusters.map(({ name }) => name),
    agentArn: async (name: string) =>
      clusters.some((cluster) => cluster.name === name)
        ? `arn:aws:eks:${region}:${account}:addon/${name}/agent/1`
        : undefined,
    identify: async (name: string) => clusters.find((cluster) => cluster.name === name),
    describe: async (name: string) => {
      const found = clusters.find((cluster) => cluster.name === name)
      return found && { known: found, cluster: await status(name) }
    },
  })

/** A starter that notes what it is asked for, and fails for what it is told to. */
export const noting = (fails: string[] = []) => {
  const starts: Start[] = []
  const start = async (request: Start) => {
    starts.push(request)
    if (fails.includes(request.input.serviceAccount)) throw new Transient('throttled')
    return { outcome: 'started' as const, run: request.input.serviceAccount }
  }
  return { starts, start }
}

/** No run has had its turn yet. */
const runs = { latest: async () => undefined } as never

export const active = (name: string, status = 'ACTIVE'): Cluster => ({
  name,
  arn: known(name).arn,
  status,
  version: '1.33',
  autoMode: false,
  endpoint: 'https://example',
  certificateAuthority: 'Y2E=',
})
export const missing: AssociationCheck = { action: 'create', before: null, findings: [], message: '' }
export const absent = {
  exists: false,
  summary: '',
  before: null,
  uid: null,
  revisions: [],
  injected: false,
  carried: false,
  credentials: null,
  diagnosis: [],
  findings: [],
}

export interface SweepGiven {
  clusters?: string[]
  /** What EKS says of each cluster; all are active unless this is given. */
  status?: (name: string) => Promise<Cluster>
  mode?: 'mend' | 'report'
  times?: number
  look?: () => TrailLook | undefined
  /** podid.yaml's bindings, in place of two. */
  bindings?: object
  position?: SweepPosition
  timeLeft?: () => number
  /** What sweeps before have found and told. */
  notes?: DriftNotes
  /** Of podid.yaml's `triggers.sweep`. */
  limits?: object
  /** How the runs that were started stand. */
  statusOf?: (run: string) => string
  /** The time of each sweep, in milliseconds. */
  now?: (time: number) => number
  services?: Partial<Parameters<typeof sweepBindings>[0]>
}

/** Plays sweeps one after the other, on clusters whose associations are all missing unless the checks say otherwise. */
export const sweep = async (
  checks: Partial<Checks>,
  {
    clusters = ['shop-1'],
    status,
    mode = 'mend',
    times = 1,
    look = () => undefined,
    bindings,
    position = fromTheStart,
    timeLeft = () => 840_000,
    notes = nothingNoted,
    limits = { maxConcurrency: 1000 },
    statusOf = () => 'SUCCEEDED',
    now = (time) => Date.parse('2026-11-26T00:00:00Z') + time * 3_600_000,
    services: given = {},
  }: SweepGiven = {},
) => {
  const { starts, start } = noting()
  const events: PodidEvent[] = []
  const warned: string[] = []
  const reported = new Set<string>()
  let reached = position
  let noted = notes
  let time = 0
  const services = {
    config: config({ triggers: { sweep: { mode, ...limits } }, ...(bindings ? { bindings } : {}) }),
    clusters: clustersOf(
      clusters.map((name) => known(name)),
      status,
    ),
    start,
    runs,
    looks: { find: async () => look(), keep: async () => {} },
    executions: {
      arnOf: (run: string) => `arn:aws:states:${region}:${account}:execution:enable:${run}`,
      find: async (run: string) => ({ status: statusOf(run) }),
      list: async () => [],
    } as never,
    bus: { put: async (event: PodidEvent) => void events.push(event) },
    once: async (key: string, work: () => Promise<void>) => {
      if (!reported.has(key)) await work()
      reported.add(key)
    },
    sweeps: {
      begin: async (): Promise<SweepTurn> => ({
        position: reached,
        notes: noted,
        end: async (next, notes) => {
          reached = next
          noted = notes
          return true
        },
      }),
    },
    timeLeft,
    now: () => now(time),
    log: { warn: (message: string, data?: object) => void warned.push(JSON.stringify({ message, ...data })) },
    ...given,
  }
  const all: Checks = {
    reachable: async () => {},
    inside: async () => [],
    association: async () => missing,
    workload: async () => absent,
    trail: async () => 0,
    ...checks,
  }
  const swept: Swept[] = []
  for (time = 0; time < times; time++) swept.push(await sweepBindings(services, all)(`sweep-${time}`))
  return {
    starts,
    warned,
    swept,
    position: () => reached,
    notes: () => noted,
    digests: events.flatMap((event) => (event.type === 'Drift Digest' ? [event.detail] : [])),
    events: events
      .filter(({ type }) => type !== 'Drift Digest')
      .map(
        ({ type, detail }) =>
          ({ type, ...detail }) as { type: string } & Pick<NotChecked, 'cluster' | 'findings'>,
      ),
  }
}

export { account as stageAccount, config as sweptConfig, known as sweptCluster, runs as noRuns }
