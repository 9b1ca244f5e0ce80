import { parseConfig } from '../../../../core/config.ts'
import type { RunRecord } from '../../../../core/triggers/origin.ts'
import type { RequestSource } from '../../../../functions/support/requests/requests.ts'
import type { Services } from '../../../../functions/support/services.ts'

const account = '123456789012'
const carts = {
  cluster: 'shop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: `arn:aws:iam::${account}:role/carts`,
}
const config = parseConfig(
  {
    account,
    region: 'us-west-2',
    bindings: {
      carts,
      moving: { ...carts, serviceAccount: 'moving', migrate: 'irsa' },
      tagged: { ...carts, serviceAccount: 'tagged', clusterTags: { env: 'prod' } },
      hidden: { ...carts, cluster: 'secret', serviceAccount: 'hidden' },
    },
    access: [
      {
        callers: ['ci'],
        may: ['enable', 'plan', 'undo', 'status', 'approve', 'rollout'],
        clusters: ['shop'],
      },
      { callers: ['all'], may: ['rollout', 'undo', 'status'] },
      {
        users: ['U0REQUESTER'],
        groups: ['S0OPS'],
        may: ['enable', 'plan', 'undo', 'status', 'approve', 'rollout'],
        clusters: ['shop'],
      },
      { users: ['U0ALL'], may: ['rollout', 'undo', 'status'] },
    ],
  },
  'test',
)
export const by = (id: string): RequestSource => ({
  requester: { kind: 'caller', id },
  origin: { trigger: 'webhook', by: `caller:${id}` },
  cause: [id, 'msg_1'],
})
export const ci = by('ci')
export const arnOfRun = (run: string) => `arn:aws:states:us-west-2:${account}:execution:enable:${run}`
export const before = { run: 'run-0', restartedAt: '2026-11-23T06:00:00Z', association: null, workload: null }
export const key = { cluster: 'shop', region: 'us-west-2', namespace: 'carts', serviceAccount: 'carts' }
export const stopped = [
  { id: 1, previousEventId: 0, timestamp: 0, type: 'ExecutionStarted' },
  {
    id: 2,
    previousEventId: 1,
    timestamp: 0,
    type: 'ParallelStateExited',
    stateExitedEventDetails: {
      name: 'Preflight',
      output: '{}',
      assignedVariables: { before: JSON.stringify(before) },
    },
  },
  { id: 3, previousEventId: 2, timestamp: 0, type: 'ExecutionAborted' },
]

export interface RequestWorld {
  /** What Step Functions has, by the name of the run. */
  runs?: Record<string, { status: string; input?: unknown; history?: object[] }>
  rollouts?: Record<string, { status: string; input?: unknown; history?: object[] }>
  /** The latest run of each binding. */
  latest?: string
  tags?: Record<string, string>
  look?: { at: string }
  /** What is noted of every run: who requested it. */
  record?: Pick<RunRecord, 'origin'> | undefined
  /** Of single runs, in place of that. */
  records?: Record<string, Pick<RunRecord, 'origin'>>
  approval?: { question?: object; answer?: object | null }
  /** Whether the record takes the answer, and whether the task still waits. */
  takes?: boolean
  waits?: boolean
}

export const startedAt = '2026-11-23T06:00:00.000Z'
export const requestServices = ({
  runs = {},
  rollouts = {},
  latest,
  tags,
  look,
  approval,
  takes = true,
  waits = true,
  ...noted
}: RequestWorld) => {
  const did: unknown[] = []
  const machine = (known: NonNullable<RequestWorld['runs']>) => ({
    find: async (run: string) => {
      const found = known[run]
      return found && { run, arn: arnOfRun(run), startedAt, input: null, ...found }
    },
    history: async (run: string) => known[run]?.history ?? [],
    list: async (most: number) => {
      did.push(['list', most])
      return [...Object.keys(known), 'gone'].map((run) => ({ run }))
    },
    arnOf: arnOfRun,
    start: async (run: string, input: unknown) => void did.push(['start rollout', run, input]),
    succeed: async (token: string, output: unknown) => {
      did.push(['succeed', token, output])
      return waits
    },
    fail: async (...given: unknown[]) => {
      did.push(['fail', ...given])
      return waits
    },
  })
  const all = {
    config,
    executions: machine(runs),
    rollouts: machine(rollouts),
    clusters: (region: string) => ({
      identify: async (name: string) => {
        did.push(['identify', region, name])
        return tags && { tags }
      },
    }),
    runs: {
      find: async (run: string) =>
        noted.records
          ? noted.records[run]
          : 'record' in noted
            ? noted.record
            : { origin: { trigger: 'slack', by: 'slack:U1' } },
      latest: async (place: unknown) => {
        did.push(['latest', place])
        return latest && { value: { run: latest } }
      },
      note: async (run: string) => void did.push(['note', run]),
    },
    looks: {
      find: async (place: unknown) => {
        did.push(['look', place])
        return look
      },
    },
    approvals: {
      find: async () =>
        approval && {
          version: 1,
          value: {
            token: 'the token',
            lines: ['a line'],
            answer: null,
            ...approval,
            question: {
              approval: 'a',
              run: 'run-1',
              cluster: 'shop',
              namespace: 'carts',
              plan: 'p-1',
              ...approval.question,
            },
          },
        },
      answer: async (_stored: unknown, answer: unknown) => {
        did.push(['answer', answer])
        return takes
      },
    },
    bus: { put: async (event: unknown) => void did.push(['put', event]) },
    now: () => Date.parse(startedAt),
    start: async (what: unknown) => {
      did.push(['start', what])
      return { outcome: 'started', run: 'run-9' }
    },
  }
  return { did, services: all as unknown as Services }
}
export const started = { outcome: 'started', run: 'run-9' }
