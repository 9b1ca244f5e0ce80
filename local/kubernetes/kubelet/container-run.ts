import type { Container, ContainerState, ContainerStatus } from '../../../core/kubernetes.ts'
import { appendBounded } from '../../bounded.ts'
import type { LocalClock } from '../../clock.ts'
import type { Occurrence } from '../store/events.ts'
import type { ContainerPlan } from './behaviour.ts'
import { type LogLine, linesOf } from './log.ts'

const firstBackOffMs = 10_000
const longestBackOffMs = 300_000
/** A container that ran for this long starts over with the shortest back-off. */
const forgivenAfterMs = 600_000
/** From a change inside a node until the kubelet has noticed and acts on it. */
const noticeMs = 1000
/** Of what a container writes while it runs; a kubelet keeps 10 MiB. */
const mostLines = 10_000

/** What a container needs from the pod and the node around it. */
export interface ContainerEnvironment {
  clock: LocalClock
  timestamp: () => string
  plan: (attempt: number) => ContainerPlan
  restartPolicy: 'Always' | 'OnFailure' | 'Never'
  /** Whether the node had the image already; has it from now on. */
  pulled: (image: string) => boolean
  /** `carts-abc_carts(uid)`, as messages name the pod. */
  podName: string
  containerId: (attempt: number) => string
  report: (occurrence: Occurrence) => void
  /** The state has changed. */
  changed: () => void
}

/** One container of a running pod, through all its restarts. */
export interface ContainerRun {
  start(): void
  /** Ends it within its grace period; `ended` is called once it no longer runs. */
  stop(graceMs: number, ended: () => void): void
  /** Forgets it without a trace. */
  drop(): void
  status(): ContainerStatus
  logs(): ContainerLogs
}

/** What a container wrote since its last start and before that; undefined before there was such a start. */
export interface ContainerLogs {
  current: LogLine[] | undefined
  previous: LogLine[] | undefined
}

/** Starts at `initialReason` and does nothing until it is started. */
export const containerRun = (
  container: Container,
  initialReason: 'ContainerCreating' | 'PodInitializing',
  around: ContainerEnvironment,
): ContainerRun => {
  const { clock, changed } = around
  const image = container.image ?? ''
  const timers = new Set<() => void>()
  const logs: ContainerLogs = { current: undefined, previous: undefined }
  let state: ContainerState = { waiting: { reason: initialReason } }
  let lastState: ContainerState = {}
  let plan: ContainerPlan = {}
  let ready = false
  let attempt = 0
  let restartCount = 0
  let ranSince: number | undefined
  let id: string | undefined
  let backOffMs = firstBackOffMs

  const report = (type: Occurrence['type'], reason: string, message: string) =>
    around.report({ type, reason, message })

  const after = (ms: number, run: () => void) => {
    if (ms === Number.POSITIVE_INFINITY) return
    const cancel = clock.after(ms, () => {
      timers.delete(cancel)
      run()
    })
    timers.add(cancel)
  }

  const clearTimers = () => {
    for (const cancel of timers) cancel()
    timers.clear()
  }

  const enter = (next: ContainerState) => {
    if (state.terminated) lastState = state
    state = next
    changed()
  }

  const start = () => {
    plan = around.plan(attempt)
    attempt += 1
    const { startMs = 500 } = plan
    const present = plan.pullError === undefined && around.pulled(image)
    if (!present) report('Normal', 'Pulling', `Pulling image "${image}"`)
    after(startMs, () => (plan.pullError === undefined ? run(present, startMs) : failPull(plan.pullError)))
  }

  const failPull = (error: string) => {
    report('Warning', 'Failed', `Failed to pull image "${image}": ${error}`)
    report('Warning', 'Failed', 'Error: ErrImagePull')
    enter({ waiting: { reason: 'ErrImagePull', message: error } })
    after(noticeMs, () => {
      const message = `Back-off pulling image "${image}"`
      report('Normal', 'BackOff', message)
      report('Warning', 'Failed', 'Error: ImagePullBackOff')
      enter({ waiting: { reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${error}` } })
      after(nextBackOff(), start)
    })
  }

  const nextBackOff = (): number => {
    const delay = backOffMs
    backOffMs = Math.min(backOffMs * 2, longestBackOffMs)
    return delay
  }

  const run = (present: boolean, startMs: number) => {
    const took = `${startMs}ms`
    report(
      'Normal',
      'Pulled',
      present
        ? `Container image "${image}" already present on machine`
        : `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: 0 bytes.`,
    )
    report('Normal', 'Created', `Created container: ${container.name}`)
    report('Normal', 'Started', `Started container ${container.name}`)
    if (ranSince !== undefined) restartCount += 1
    ranSince = clock.now()
    id = `containerd://${around.containerId(attempt)}`
    logs.previous = logs.current
    const written = linesOf(plan.log ?? '', clock.now())
    logs.current = written
    const { exit, readyAfterMs = probeDelayMs(container) } = plan
    ready = readyAfterMs <= 0
    enter({ running: { startedAt: around.timestamp() } })
    plan.onRun?.((text) => {
      for (const line of linesOf(text, clock.now())) appendBounded(written, line, mostLines)
    })
    if (!ready) after(readyAfterMs, becomeReady)
    if (readyAfterMs > probeDelayMs(container)) after(probeDelayMs(container), probeFails)
    if (exit) after(exit.afterMs, () => end(exit))
  }

  const becomeReady = () => {
    ready = true
    changed()
  }

  const probeFails = () => {
    if (ready || !state.running || !container.readinessProbe) return
    report('Warning', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503')
    after((container.readinessProbe.periodSeconds ?? 10) * 1000, probeFails)
  }

  const terminate = (code: number, reason = code === 0 ? 'Completed' : 'Error') => {
    clearTimers()
    ready = false
    enter({
      terminated: {
        exitCode: code,
        reason,
        ...(state.running?.startedAt === undefined ? {} : { startedAt: state.running.startedAt }),
        finishedAt: around.timestamp(),
        ...(id === undefined ? {} : { containerID: id }),
      },
    })
  }

  const end = ({ code, reason, log = '' }: NonNullable<ContainerPlan['exit']>) => {
    logs.current?.push(...linesOf(log, clock.now()))
    terminate(code, reason)
    const restarts = around.restartPolicy === 'Always' || (around.restartPolicy === 'OnFailure' && code !== 0)
    if (!restarts) return
    if (clock.now() - (ranSince ?? 0) >= forgivenAfterMs) backOffMs = firstBackOffMs
    // The first restart comes at once; only from the second on is there a back-off.
    after(noticeMs, restartCount === 0 ? start : backOff)
  }

  const backOff = () => {
    const delay = nextBackOff()
    const { podName } = around
    report('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${podName}`)
    const message = `back-off ${spell(delay)} restarting failed container=${container.name} pod=${podName}`
    enter({ waiting: { reason: 'CrashLoopBackOff', message } })
    after(delay, start)
  }

  const stop = (graceMs: number, ended: () => void) => {
    clearTimers()
    if (!state.running) return ended()
    const { stopMs = 800, unstoppable = false } = plan
    report('Normal', 'Killing', `Stopping container ${container.name}`)
    if (unstoppable) return
    after(Math.min(stopMs, graceMs), () => {
      terminate(stopMs <= graceMs ? 143 : 137)
      ended()
    })
  }

  return {
    start,
    stop,
    drop: clearTimers,
    logs: () => logs,
    status: () => ({
      name: container.name,
      state,
      lastState,
      ready,
      restartCount,
      image,
      imageID: id === undefined ? '' : imageId(image),
      ...(id === undefined ? {} : { containerID: id }),
      started: state.running !== undefined,
    }),
  }
}

const probeDelayMs = ({ readinessProbe }: Container): number =>
  (readinessProbe?.initialDelaySeconds ?? 0) * 1000

const imageId = (image: string) => `${image}@sha256:${'0'.repeat(64)}`

/** A duration as Go writes it: `10s`, `1m20s`, `5m0s`. */
const spell = (ms: number): string => {
  const seconds = ms / 1000
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
