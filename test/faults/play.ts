import type { RunEnd } from '../../cli/run.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { isReady } from '../../core/workload/readiness.ts'
import type { Call } from '../../local/calls.ts'
import { resources } from '../../local/kubernetes/store/resources.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { roleArn, workshop } from '../../local/scenarios/workshop/index.ts'
import { cartsPods, startWorkshop, type Workshop } from '../support/run.ts'
import { type Cell, faults, type Interference, repetitions, type Situation, situations } from './cells.ts'

const { namespace, serviceAccount } = workshop
const restartAnnotation = 'kubectl.kubernetes.io/restartedAt'

/** What a run may change, as it is at one moment. */
export interface Snapshot {
  associations: { id: string; role: string; tags: Record<string, string> }[]
  restartedAt: string | undefined
  env: number
  replicas: number | undefined
  agent: boolean
  readyPods: number
}

/** Everything there is to judge a cell by. */
export interface Played {
  cell: Cell
  /** The role that the run was to give. */
  wanted: string
  before: Snapshot
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

/** The calls of a situation that nothing disturbs, in order. */
export const undisturbed = async (name: Cell['situation']): Promise<Call[]> => {
  const situation: Situation = situations[name]
  await using world = await startWorkshop({ pace, scenario: situation.scenario ?? 'workshop' })
  if (situation.spoiled) spoil(world)
  const { length } = world.calls.calls
  await world.enable({ ...situation.change })
  return world.calls.calls.slice(length).map((call) => ({ ...call, id: call.id - length }))
}

/** The role's policy goes once the association is there: what Preflight saw is no longer so. */
const spoil = (world: Workshop): void =>
  void world.aws.associations.changes.subscribe(() =>
    world.aws.state.roles.get(workshop.role)?.attached.clear(),
  )

/** Plays one cell in a world of its own. */
export const play = async (cell: Cell, { realMs = 60_000 }: PlayOptions = {}): Promise<Played> => {
  const situation: Situation = situations[cell.situation]
  await using world = await startWorkshop({ pace, scenario: situation.scenario ?? 'workshop' })
  if (situation.spoiled) spoil(world)
  const before = snapshot(world)
  const first = world.calls.calls.length
  const started = world.clock.now()
  const events: RunEvent[] = []
  const death = new AbortController()
  let person: Played['person']

  const options = { signal: death.signal, onEvent: (event: RunEvent) => void events.push(event) }
  const afterPreflight = () =>
    events.some((event) => event.type === 'step.succeeded' && event.step === 'Preflight')
  const withdraw = disturb(world, cell, first, death, () => {
    const at = world.calls.calls.length
    person = { at, snapshot: snapshot(world), afterPreflight: afterPreflight() }
  })

  const change = { ...situation.change }
  const { now, sleep } = world.clock
  const skewed = cell.trial === 'clock' ? { clock: { now: () => now() + cell.skewMs, sleep } } : {}
  const runs = [world.enable(change, { ...options, ...skewed })]
  if (cell.trial === 'two runs') runs.push(world.enable(change))
  let thrown: unknown
  const [end] = await within(realMs, Promise.all(runs)).catch((error: unknown) => {
    thrown = error
    return []
  })
  if (!end && !thrown) death.abort(new Error('the cell took too long'))
  withdraw()
  const calls = world.calls.calls.slice(first)
  const undone =
    cell.trial === 'killed' && end?.before
      ? await world.enable({ ...change, mode: 'undo', before: end.before })
      : undefined
  return {
    cell,
    wanted: roleArn(world.aws.state),
    before,
    after: snapshot(world),
    end,
    thrown,
    events,
    calls,
    undone,
    person,
    secrets: [world.aws.credentials.secretAccessKey, 'k8s-aws-v1.'],
    virtualMs: world.clock.now() - started,
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
      return injectFault(world, cell, first)
    case 'killed':
      return kill(world, first + cell.at, death)
    case 'person':
      return interfere(world, first + cell.at, cell.does, acted)
    case 'clock':
    case 'two runs':
      return () => {}
  }
}

/** From the wanted call on, as often as the cell says: earlier calls of the same operation pass. */
const injectFault = (world: Workshop, cell: Cell & { trial: 'fault' }, first: number): (() => void) => {
  let withdraw = () => {}
  const stop = world.calls.onCall((call) => {
    if (call.id !== first + cell.at && call.operation !== cell.operation) return
    if (call.id < first + cell.at) return
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

const kill = (world: Workshop, at: number, death: AbortController): (() => void) => {
  const stop = world.calls.onCall((call) => {
    if (call.id === at) setImmediate(() => death.abort(new Error('killed')))
  })
  const revive = world.calls.inject({
    skip: at - 1 - world.calls.calls.length,
    times: Number.POSITIVE_INFINITY,
    action: { kind: 'cut' },
  })
  return () => {
    stop()
    revive()
  }
}

/** EKS has no compare-and-set: what comes between the last look and the write itself is nobody's to see. */
const unseen = /^(Update|Create|Delete)PodIdentityAssociation$/

const interfere = (world: Workshop, at: number, does: Interference, acted: () => void): (() => void) => {
  const stop = world.calls.onCall((call) => {
    if (call.id < at || unseen.test(call.operation)) return
    stop()
    persons[does](world)
    acted()
  })
  return stop
}

const mutateCarts = (
  { cluster: { store } }: Workshop,
  change: (spec: NonNullable<ReturnType<typeof readCarts>['spec']>) => void,
): void =>
  void store.mutate(resources.deployments, namespace, 'carts', (draft) => {
    if (draft.spec) change(draft.spec)
    return draft
  })

const readCarts = ({ cluster: { store } }: Workshop) => store.read(resources.deployments, namespace, 'carts')

const persons: Record<Interference, (world: Workshop) => void> = {
  repoint: (world) => {
    const { aws, clock } = world
    const role = aws.state.addRole({ name: 'somebody-elses', trust: podIdentityTrust }).arn
    const there = aws.associations.find(workshop.cluster, namespace, serviceAccount)
    if (there) aws.associations.put({ ...there, roleArn: role, modifiedAt: new Date(clock.now()) })
    else aws.state.addAssociation({ clusterName: workshop.cluster, namespace, serviceAccount, roleArn: role })
  },
  'delete association': ({ aws }) => {
    const there = aws.associations.find(workshop.cluster, namespace, serviceAccount)
    if (there) aws.associations.delete(there.id)
  },
  restart: (world) =>
    mutateCarts(world, ({ template }) => {
      template.metadata = {
        ...template.metadata,
        annotations: { ...template.metadata?.annotations, [restartAnnotation]: '2026-01-01T00:00:00Z' },
      }
    }),
  'rollout undo': (world) =>
    mutateCarts(world, ({ template }) => {
      const { [restartAnnotation]: _restart, ...annotations } = template.metadata?.annotations ?? {}
      template.metadata = { ...template.metadata, annotations }
    }),
  scale: (world) =>
    mutateCarts(world, (spec) => {
      spec.replicas = 2
    }),
  edit: (world) =>
    mutateCarts(world, ({ template }) => {
      const [container] = template.spec?.containers ?? []
      if (container) container.env = [...(container.env ?? []), { name: 'EDITED', value: 'by hand' }]
    }),
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
    readyPods: cartsPods(world).filter(isReady).length,
  }
}

const within = <T>(ms: number, work: Promise<T[]>): Promise<T[]> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<T[]>((resolve) => {
    timer = setTimeout(() => resolve([]), ms)
  })
  return Promise.race([work, over]).finally(() => clearTimeout(timer))
}
