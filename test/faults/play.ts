import { AsyncLocalStorage } from 'node:async_hooks'
import type { LocalRunOptions, RunEnd } from '../../cli/run.ts'
import type { RequestInput } from '../../core/request-input.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import type { StepName } from '../../core/steps/table.ts'
import { isReady } from '../../core/workload/readiness.ts'
import { restartAnnotation } from '../../core/workload/restart.ts'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import type { Call } from '../../local/calls.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'
import {
  type Cell,
  type Course,
  faults,
  repetitions,
  type Situation,
  type Strike,
  situations,
} from './cells.ts'
import { persons, readCarts } from './persons.ts'

const { namespace } = workshop

/** What a run may change, as it is at one moment. */
export interface Snapshot {
  associations: { id: string; role: string; tags: Record<string, string> }[]
  restartedAt: string | undefined
  env: number
  replicas: number | undefined
  agent: boolean
  /** The wanted role by its id and its inline policies; undefined where there is none. */
  role: string | undefined
  /** Its trust policy. */
  trust: string | undefined
  /** IRSA's, of the ServiceAccount. */
  annotation: string | undefined
  readyPods: number
}

/** Everything there is to judge a cell by. */
export interface Played {
  cell: Cell
  /** The role that the run was to give. */
  wanted: string
  before: Snapshot
  /** What an undo is to come to: where the run itself undoes another one, as it was before that one. */
  origin: Snapshot
  after: Snapshot
  /** Undefined where the run did not end within the real time it was given. */
  end: RunEnd | undefined
  /** What the command line process would have died of. */
  thrown: unknown
  events: RunEvent[]
  /** The run's own calls, from its first to its last; those of a later undo are in `undoCalls`. */
  calls: Call[]
  /** Of a killed run: how it was undone afterwards. */
  undone: RunEnd | undefined
  /** Where a person acted: what they left, and whether Preflight had ended by then. */
  person: { at: number; snapshot: Snapshot; afterPreflight: boolean } | undefined
  /** What must appear in nothing that a run says. */
  secrets: string[]
  virtualMs: number
}

export interface PlayOptions {
  /** How long a run may take in real time before it counts as hanging. */
  realMs?: number
}

const pace = { propagationMs: [300], startMs: 200, readyAfterMs: 300 }

/** The course of a situation that nothing disturbs. */
export const undisturbed = async (name: Cell['situation']): Promise<Course> => {
  const situation: Situation = situations[name]
  await using world = await startWorkshop({ pace, scenario: situation.scenario ?? 'workshop' })
  const { change } = await asked(world, situation)
  if (situation.spoiled) spoil(world)
  const { length } = world.calls.calls
  let askedAt = 0
  const steps = new Set<StepName>()
  await world.enable(change, {
    approve: async () => {
      askedAt = world.calls.calls.length - length
      return undefined
    },
    work: (invoke, step) => {
      steps.add(step)
      return world.clock.work(invoke)
    },
  })
  const calls = world.calls.calls.slice(length).map((call) => ({ ...call, id: call.id - length }))
  return { calls, asked: askedAt, steps: [...steps] }
}

/** Lets the runs that go before come to their end; answers what the run is asked, and how it was before what it undoes. */
const asked = async (
  world: Workshop,
  { first = [], undoes, change }: Situation,
): Promise<{ change: Partial<RequestInput>; origin: Snapshot | undefined }> => {
  let before: unknown
  let origin: Snapshot | undefined
  for (const act of first) {
    origin = snapshot(world)
    before = (await world.enable(act)).before
    await world.clock.sleep(300_000)
  }
  return undoes
    ? { change: { ...first.at(-1), mode: 'undo', before } as Partial<RequestInput>, origin }
    : { change: { ...change }, origin: undefined }
}

/** The role's policies go once the association is there: what Preflight saw is no longer so. */
const spoil = (world: Workshop): void =>
  void world.aws.associations.changes.subscribe(() => takePolicies(world))

const takePolicies = ({ aws }: Workshop): void => {
  const role = aws.state.roles.get(workshop.role)
  role?.attached.clear()
  role?.inline.clear()
}

/** Plays one cell in a world of its own. */
export const play = async (cell: Cell, options: PlayOptions = {}): Promise<Played> => {
  await using stage = await staged(cell.situation)
  return await stage.play(cell, options)
}

/** A situation's world: for one cell, or for several of which each leaves what it found. */
export const staged = async (
  name: Cell['situation'],
): Promise<{ play(cell: Cell, options?: PlayOptions): Promise<Played> } & AsyncDisposable> => {
  const situation: Situation = situations[name]
  const world = await startWorkshop({ pace, scenario: situation.scenario ?? 'workshop' })
  const request = await asked(world, situation)
  if (situation.spoiled) spoil(world)
  return {
    play: (cell, options = {}) => playIn(world, request, cell, options),
    [Symbol.asyncDispose]: () => world.close(),
  }
}

const playIn = async (
  world: Workshop,
  { change, origin }: Awaited<ReturnType<typeof asked>>,
  cell: Cell,
  { realMs = 60_000 }: PlayOptions,
): Promise<Played> => {
  const before = snapshot(world)
  const first = world.calls.calls.length
  const started = world.clock.now()
  const events: RunEvent[] = []
  const death = new AbortController()
  let person: Played['person']

  const afterPreflight = () =>
    events.some((event) => event.type === 'step.succeeded' && event.step === 'Preflight')
  const acted = () => {
    const at = world.calls.calls.length
    person = { at, snapshot: snapshot(world), afterPreflight: afterPreflight() }
  }
  const withdraw = disturb(world, cell, first, death, acted)
  const options: Partial<LocalRunOptions> = {
    signal: death.signal,
    onEvent: (event: RunEvent) => void events.push(event),
    approve: async () => {
      if (cell.trial === 'person' && cell.at === 'question') {
        persons[cell.does](world)
        acted()
      }
      return undefined
    },
  }

  const runs = [world.enable(change, { ...options, ...skewed(world, cell) })]
  if (cell.trial === 'two runs') runs.push(world.enable(change, { approve: async () => undefined }))
  let thrown: unknown
  const [end] = await within(realMs, Promise.all(runs)).catch((error: unknown) => {
    thrown = error
    return []
  })
  if (!end && !thrown) death.abort(new Error('the cell took too long'))
  withdraw()
  const calls = world.calls.calls.slice(first)
  const undone =
    cell.trial === 'killed' && (change.before ?? end?.before)
      ? await world.enable({
          ...change,
          approval: 'none',
          mode: 'undo',
          before: change.before ?? end?.before,
        })
      : undefined
  return {
    cell,
    wanted: `arn:aws:iam::${world.aws.account}:role/${workshop.role}`,
    before,
    origin: origin ?? before,
    after: snapshot(world),
    end,
    thrown,
    events,
    calls,
    undone,
    person,
    secrets: [world.aws.credentials.secretAccessKey, 'k8s-aws-v1.', 'X-Amz-Signature'],
    virtualMs: world.clock.now() - started,
  }
}

/** Has the machine's clock be off, or those of some functions, as each has one of its own in Lambda. */
const skewed = ({ clock }: Workshop, cell: Cell): Pick<LocalRunOptions, 'clock' | 'work'> | undefined => {
  const skew = cell.trial === 'clock' ? cell : cell.trial === 'fault' ? cell.clock : undefined
  if (!skew) return undefined
  const { now, sleep, work } = clock
  const { skewMs, steps } = skew
  if (!steps) return { clock: { now: () => now() + skewMs, sleep }, work }
  const within = new AsyncLocalStorage<StepName>()
  const isOff = (): boolean => steps.some((step) => step === within.getStore())
  return {
    clock: { now: () => now() + (isOff() ? skewMs : 0), sleep },
    work: (invoke, name) => within.run(name, () => work(invoke)),
  }
}

/** Puts the cell's trouble into the world; the returned function takes it out again. */
const disturb = (
  world: Workshop,
  cell: Cell,
  first: number,
  death: AbortController,
  acted: () => void,
): (() => void) => {
  switch (cell.trial) {
    case 'fault':
      return inTurn([cell, ...(cell.beside ?? [])].map((fault) => injectFault(world, fault, first)))
    case 'killed':
      return kill(world, cell, first, death)
    case 'person':
      // At the question they act before the answer is given.
      return cell.at === 'question' ? () => {} : interfere(world, cell, first, acted)
    case 'clock':
    case 'two runs':
      return () => {}
  }
}

const inTurn = (withdrawals: (() => void)[]) => () => {
  for (const withdraw of withdrawals) withdraw()
}

/** Whether this is the call that a cell names, by its number in the run or among those of the operation, or a later one. */
const reached = (first: number, at: number | 'first' | 'second', operation?: string) => {
  let left = at === 'second' ? 2 : 1
  return (call: Pick<Call, 'id' | 'operation'>): boolean => {
    if (typeof at === 'number') return call.id >= first + at
    if (call.operation === operation) left--
    return left <= 0
  }
}

/** From the wanted call on, as often as the cell says: earlier calls of the same operation pass. */
const injectFault = (world: Workshop, cell: Strike, first: number): (() => void) => {
  let withdraw = () => {}
  const isReached = reached(first, cell.at, cell.operation)
  const stop = world.calls.onCall((call) => {
    if (!isReached(call) || (call.id !== first + Number(cell.at) && call.operation !== cell.operation)) return
    stop()
    withdraw = world.calls.inject({
      service: call.service,
      operation: cell.operation,
      times: repetitions[cell.times],
      action: faults[cell.kind](call),
    })
  })
  return () => {
    stop()
    withdraw()
  }
}

/** Before the call of that number; after the one of that operation. */
const kill = (
  world: Workshop,
  { at, operation }: Cell & { trial: 'killed' },
  first: number,
  death: AbortController,
): (() => void) => {
  let revive = () => {}
  const isReached = reached(first, at, operation)
  const stop = world.calls.onCall((call) => {
    if (!isReached(call)) return
    stop()
    revive = world.calls.inject({
      skip: typeof at === 'number' ? 0 : 1,
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'cut' },
    })
    setImmediate(() => death.abort(new Error('killed')))
  })
  return () => {
    stop()
    revive()
  }
}

/** EKS has no compare-and-set: what comes between the last look and the write itself is nobody's to see. */
const unseen = /^(Update|Create|Delete)PodIdentityAssociation$/

const interfere = (
  world: Workshop,
  cell: Cell & { trial: 'person' },
  first: number,
  acted: () => void,
): (() => void) => {
  if (cell.at === 'question') return () => {}
  const isReached = reached(first, cell.at, 'operation' in cell ? cell.operation : undefined)
  const stop = world.calls.onCall((call) => {
    if (!isReached(call) || unseen.test(call.operation)) return
    stop()
    persons[cell.does](world)
    acted()
  })
  return stop
}

const snapshot = (world: Workshop): Snapshot => {
  const { spec } = readCarts(world)
  const associations = world.aws.associations.list(workshop.cluster)
  const addons = world.aws.state.clusters.get(workshop.cluster)?.addons
  return {
    associations: associations
      .filter((one) => one.namespace === namespace)
      .map(({ id, roleArn: role, tags }) => ({ id, role, tags: { ...tags } })),
    restartedAt: spec?.template.metadata?.annotations?.[restartAnnotation],
    env: spec?.template.spec?.containers[0]?.env?.length ?? 0,
    replicas: spec?.replicas,
    agent: [...(addons?.keys() ?? [])].includes('eks-pod-identity-agent'),
    role: roleOf(world),
    trust: world.aws.state.roles.get(workshop.role)?.trust,
    annotation: world.cluster.store.get(resources.serviceaccounts, namespace, workshop.serviceAccount)
      ?.metadata.annotations?.[irsaAnnotation],
    readyPods: cartsPods(world).filter(isReady).length,
  }
}

const roleOf = ({ aws }: Workshop): string | undefined => {
  const role = aws.state.roles.get(workshop.role)
  return role && [role.id, ...role.inline.keys()].join(' ')
}

const within = <T>(ms: number, work: Promise<T[]>): Promise<T[]> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<T[]>((resolve) => {
    timer = setTimeout(() => resolve([]), ms)
  })
  return Promise.race([work, over]).finally(() => clearTimeout(timer))
}
