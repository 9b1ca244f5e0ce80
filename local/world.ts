import { type AwsStandIn, startAws } from './aws/index.ts'
import type { PageSize } from './aws/server.ts'
import { CallLog } from './calls.ts'
import { type VirtualClock, virtualClock } from './clock.ts'
import { type ClusterOptions, type ClusterStandIn, startCluster } from './cluster.ts'
import { expireEvents } from './kubernetes/store/events.ts'
import { logTrouble, type Trouble } from './trouble.ts'

/** How fast the world is, in milliseconds. */
export interface Pace {
  /** How long associations take to reach the webhook of each API server. */
  propagationMs: readonly number[]
  /** From being scheduled until a container of the workload runs. */
  startMs: number
  /** From running until it is ready. */
  readyAfterMs: number
  /** From being told to stop until it has stopped; else what pods take as a rule. */
  stopMs?: number
}

/** What a person watches: quick enough not to bore, slow enough to be seen. */
export const everydayPace: Pace = { propagationMs: [5000, 4400], startMs: 800, readyAfterMs: 2500 }

export interface WorldOptions {
  /** real: the machine's time. jump: virtual time, which jumps ahead whenever nothing is under way. */
  time?: 'real' | 'jump'
  pace?: Partial<Pace>
  /** Called with what fails inside of the stand-ins; by default stderr does. */
  trouble?: Trouble
  region?: string
  account?: string
  /** The most that a page of any of AWS's lists holds. */
  pageSize?: PageSize
}

/** An AWS account and the clusters in it, on one clock and with one record of calls. */
export interface World {
  clock: VirtualClock
  calls: CallLog
  aws: AwsStandIn
  clusters: Map<string, ClusterStandIn>
  pace: Pace
  /** Starts the Kubernetes side of an EKS cluster that the account has. */
  addCluster(name: string, behaviour: ClusterOptions['behaviour']): Promise<ClusterStandIn>
  close(): Promise<void>
}

/** A scenario: what there is, and what has happened, when somebody comes to look. */
export interface Scenario {
  /** One line for `podid local --help`. */
  description: string
  /** How long its history is, in milliseconds; it ends now. */
  historyMs: number
  /** Plays the history on the held clock, by `clock.advance`. */
  play(world: World): Promise<void>
}

/** Starts the stand-ins, plays the scenario's history, and lets time continue from there. */
export const startWorld = async (scenario: Scenario, options: WorldOptions = {}): Promise<World> => {
  const { time = 'real', trouble = logTrouble } = options
  const clock = virtualClock({ start: Date.now() - scenario.historyMs, held: true })
  const calls = new CallLog()
  const aws = await startAws({
    clock,
    calls,
    ...(options.region ? { region: options.region } : {}),
    ...(options.account ? { account: options.account } : {}),
    ...(options.pageSize ? { pageSize: options.pageSize } : {}),
  })
  const pace = { ...everydayPace, ...options.pace }
  const clusters = new Map<string, ClusterStandIn>()
  const world: World = {
    clock,
    calls,
    aws,
    clusters,
    pace,
    addCluster: async (name, behaviour) => {
      const cluster = await startCluster({
        name,
        aws,
        clock,
        calls,
        trouble,
        behaviour,
        propagationMs: pace.propagationMs,
      })
      clusters.set(name, cluster)
      return cluster
    },
    close: async () => {
      clock.stop()
      await Promise.all([...clusters.values()].map((cluster) => cluster.close()))
      await aws.close()
    },
  }
  await scenario.play(world)
  for (const cluster of clusters.values()) expireEvents(cluster.store, clock.now())
  clock.release(time)
  return world
}
