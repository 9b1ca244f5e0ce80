import * as z from 'zod'
import { type Connection, connect } from '../adapters/kubernetes/connection.ts'
import { type ProbeResult, probeInjection } from '../adapters/kubernetes/probe.ts'
import { workloads } from '../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../adapters/runtime.ts'
import type { Association } from '../core/association.ts'
import type { InjectionStep } from '../core/steps.ts'
import { OnCluster, requiredWorkload } from './support/inputs.ts'
import { clusterAccess, clusterApi } from './support/kubernetes.ts'
import { lambda } from './support/lambda.ts'
import { task } from './support/task.ts'

const Input = OnCluster.extend({ association: z.custom<Association>() })

/** Each API server has a webhook of its own that learns of associations by itself: one hit proves little. */
const hitsWanted = 4
const intervalMs = 250
/** After a while nothing is won by asking so often. */
const patientAfterMs = 15_000
const patientIntervalMs = 1000
/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 40_000
/** AWS gives "several seconds"; waited where nothing can be seen from outside. */
const settleMs = 10_000
/** An association older than this was not changed by this run, so its age says nothing about propagation. */
const recentMs = 10 * 60_000

/** State 7: asks the cluster whether pods created now get the credentials, until it says so several times in a row. */
export const awaitInjection =
  (
    api: { kept: (input: OnCluster) => Connection; fresh: (input: OnCluster) => Connection },
    { clock, signal, progress }: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: z.output<typeof Input>): Promise<InjectionStep> => {
    const { request, association } = input
    const started = clock.now()
    const modified = Date.parse(association.modifiedAt)
    const since = started - modified < recentMs ? Math.min(modified, started) : started
    const answer = (
      step: Pick<InjectionStep, 'ready' | 'way' | 'message'>,
      probes: number,
    ): InjectionStep => ({
      ...step,
      probes,
      waitedMs: clock.now() - since,
    })
    const settle = () => clock.sleep(Math.max(0, since + settleMs - clock.now()), signal)

    const workload = await workloads(api.kept(input)).get(
      requiredWorkload(request),
      request.namespace,
      signal,
    )
    const probe = async (): Promise<ProbeResult> => {
      // A connection of its own lets the load balancer choose another API server.
      const connection = api.fresh(input)
      try {
        return await probeInjection(connection, {
          namespace: request.namespace,
          serviceAccount: request.serviceAccount,
          template: workload?.spec?.template,
          ...(signal ? { signal } : {}),
        })
      } finally {
        await connection.close()
      }
    }

    let hits = 0
    let probes = 0
    while (clock.now() - started < budgetMs) {
      const { outcome, message } = await probe()
      probes++
      if (outcome === 'denied' || outcome === 'rejected') {
        await settle()
        return answer(
          { ready: true, way: 'first-pod', message: `the first new pod will tell: ${message}` },
          probes,
        )
      }
      hits = outcome === 'injected' ? hits + 1 : 0
      progress({ step: 'AwaitInjection', message, detail: { probes, hits, wanted: hitsWanted } })
      if (hits >= hitsWanted) {
        if (started - modified < settleMs && modified > Date.parse(association.createdAt)) {
          await settle()
          return answer(
            {
              ready: true,
              way: 'settled',
              message: `pods were injected before the role was changed, so its arrival cannot be seen; waited ${settleMs / 1000} s after the change`,
            },
            probes,
          )
        }
        return answer(
          { ready: true, way: 'dry-run', message: `${hits} dry-run pods in a row got the credentials` },
          probes,
        )
      }
      if (hits === 0) {
        const patient = clock.now() - since > patientAfterMs
        await clock.sleep(patient ? patientIntervalMs : intervalMs, signal)
      }
    }
    return answer(
      {
        ready: false,
        way: 'dry-run',
        message: `the association ${association.id} has not reached the cluster: dry-run pods of ${request.namespace}/${request.serviceAccount} still come back without credentials after ${Math.round((clock.now() - since) / 1000)} s. See whether the webhook is there: kubectl get mutatingwebhookconfigurations pod-identity-webhook`,
      },
      probes,
    )
  }

export const create = (runtime: Runtime) =>
  task(
    'AwaitInjection',
    Input,
    awaitInjection(
      {
        kept: ({ cluster }) => clusterApi(runtime, cluster),
        fresh: ({ cluster }) =>
          connect({
            cluster: clusterAccess(cluster),
            credentials: runtime.aws.credentials,
            clock: runtime.clock,
          }),
      },
      runtime,
    ),
    runtime,
  )

export const handler = create(lambda)
