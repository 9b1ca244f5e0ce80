import type { ConfigMap, Event, Pod, PodSpec, ServiceAccount } from '../../core/kubernetes.ts'
import type { DiagnosisFacts, LogTail } from '../../core/workload/diagnosis/facts.ts'
import { configMapsRead } from '../../core/workload/environment.ts'
import type { Workload } from '../../core/workload/rollout.ts'
import type { WorkloadRef } from '../../core/workload/workload.ts'
import { together } from '../concurrently.ts'
import type { Connection } from './connection.ts'
import { statusOf } from './errors.ts'
import { type Ask, explaining, unseenText } from './explain.ts'
import { podsOf, type WorkloadPods } from './pods.ts'
import { workloads } from './workloads.ts'

/** Undefined where there is no such ServiceAccount. */
export const serviceAccount = (
  connection: Connection,
  namespace: string,
  name: string,
  signal?: AbortSignal,
): Promise<ServiceAccount | undefined> =>
  connection.find({ verb: 'get', version: 'v1', resource: 'serviceaccounts', namespace, name, signal })

/**
 * The ConfigMaps that a pod's containers take variables from, without those that are not there or could not be read:
 * the check of the environment names them.
 */
export const configMapsOf = async (
  connection: Connection,
  namespace: string,
  spec: PodSpec,
  signal?: AbortSignal,
): Promise<ConfigMap[]> => {
  const read = (name: string) => (limit: AbortSignal) =>
    connection.find<ConfigMap>({
      verb: 'get',
      version: 'v1',
      resource: 'configmaps',
      namespace,
      name,
      signal: limit,
    })
  const { answer } = await explaining(signal, (ask) =>
    together(configMapsRead(spec).map((name) => ask(`ConfigMap ${name}`, read(name)))),
  )
  return answer.filter((configMap) => configMap !== undefined)
}

type Facts = Omit<DiagnosisFacts, 'before' | 'leaves'>

/** Reasons of a container's waiting whose number of repeats only its events tell. */
const toldByEvents = /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|Create\w+Error|RunContainerError)$/

/**
 * What is to be known of a rollout's pods while it goes on, as quickly as it can be had: their states, what those that
 * are not ready write, and events only where they tell more.
 */
export const podFacts = async (
  connection: Connection,
  ref: WorkloadRef,
  workload: Workload,
  signal?: AbortSignal,
): Promise<{ facts: Facts; all: Pod[] }> => {
  const namespace = workload.metadata?.namespace ?? 'default'
  const { all, current } = await podsOf(connection, ref, workload, signal)
  const waits = current.some(({ status }) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(({ state }) =>
      toldByEvents.test(state?.waiting?.reason ?? ''),
    ),
  )
  const { answer } = await explaining(signal, (ask) =>
    together([
      together(current.slice(0, 3).flatMap((pod) => logTails(connection, pod, ask))),
      waits ? ask('the events', (limit) => warningsIn(connection, namespace, limit)) : undefined,
    ]),
  )
  const [logs, events = []] = answer
  return {
    facts: { ref, namespace, pods: current, events, logs: logs.filter((tail) => tail !== undefined) },
    all,
  }
}

/**
 * Everything that diagnose needs to know about a workload just read, as far as it can be had in short time.
 * @param pods of the workload, where they are being read anyway
 */
export const diagnosisFacts = (
  connection: Connection,
  ref: WorkloadRef,
  workload: Workload,
  signal?: AbortSignal,
  pods?: Promise<WorkloadPods>,
): Promise<Facts> => {
  const namespace = workload.metadata?.namespace ?? 'default'
  const podsNow = (limit: AbortSignal) => pods ?? podsOf(connection, ref, workload, limit)
  return factsOf(connection, { ref, namespace }, async () => workload, signal, podsNow)
}

/** As diagnosisFacts, of the workload as it is now, which is read like all else that only explains. */
export const diagnosisFactsNow = async (
  connection: Connection,
  ref: WorkloadRef,
  namespace: string,
  signal?: AbortSignal,
): Promise<Facts> =>
  factsOf(
    connection,
    { ref, namespace },
    (limit) => workloads(connection).get(ref, namespace, limit),
    signal,
    (limit, workload) => podsOf(connection, ref, workload, limit),
  )

const factsOf = async (
  connection: Connection,
  { ref, namespace }: { ref: WorkloadRef; namespace: string },
  read: (limit: AbortSignal) => Promise<Workload | undefined>,
  signal: AbortSignal | undefined,
  podsOfIt: (limit: AbortSignal, workload: Workload) => Promise<WorkloadPods>,
): Promise<Facts> => {
  const podsAndLogs = async (ask: Ask) => {
    const workload = await ask('the workload', read)
    const pods = workload && (await ask('its pods', (limit) => podsOfIt(limit, workload)))
    const current = pods?.current ?? []
    const logs = await together(current.slice(0, 3).flatMap((pod) => logTails(connection, pod, ask)))
    return { current, owners: pods?.owners ?? [], logs }
  }
  // Side by side, so that events that do not come leave the time for logs.
  const { answer, unseen } = await explaining(signal, (ask) =>
    together([podsAndLogs(ask), ask('the events', (limit) => warningsIn(connection, namespace, limit))]),
  )
  const [{ current, owners, logs }, warnings] = answer
  const concerned = new Set([ref.name, ...owners, ...current.map(({ metadata }) => metadata?.name ?? '')])
  return {
    ref,
    namespace,
    pods: current,
    events: (warnings ?? []).filter(({ involvedObject }) => concerned.has(involvedObject?.name ?? '')),
    logs: logs.filter((tail) => tail !== undefined),
    unseen: unseen.map(unseenText),
  }
}

const warningsIn = async (
  connection: Connection,
  namespace: string,
  signal: AbortSignal | undefined,
): Promise<Event[]> => {
  const { items } = await connection.request<{ items: Event[] }>({
    verb: 'list',
    version: 'v1',
    resource: 'events',
    namespace,
    query: { fieldSelector: 'type=Warning' },
    signal,
  })
  return items
}

/** The last words of the containers that ended or are not ready. */
const logTails = (connection: Connection, pod: Pod, ask: Ask): Promise<LogTail | undefined>[] =>
  [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    .filter(
      ({ ready, state, restartCount }) => !ready && (state?.running || state?.terminated || restartCount > 0),
    )
    .map(async ({ name: container, state, lastState }) => {
      const previous = state?.waiting !== undefined && lastState?.terminated !== undefined
      const text = await ask(`the log of container ${container} of pod ${pod.metadata?.name}`, (signal) =>
        connection
          .text({
            verb: 'get',
            version: 'v1',
            resource: 'pods',
            namespace: pod.metadata?.namespace ?? 'default',
            name: pod.metadata?.name ?? '',
            subresource: 'log',
            query: { container, tailLines: '50', ...(previous && { previous: 'true' }) },
            signal,
          })
          .catch((error: unknown) => {
            // The container has not started, or its former one is gone: there is no log.
            if (statusOf(error) === 400) return undefined
            throw error
          }),
      )
      return text === undefined ? undefined : { pod: pod.metadata?.name ?? '', container, text }
    })
