import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { podsOf } from '../../adapters/kubernetes/pods.ts'
import { type ProbeResult, probeInjection } from '../../adapters/kubernetes/probe.ts'
import { registrationOfWebhook } from '../../adapters/kubernetes/webhook.ts'
import { workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { Association } from '../../core/association.ts'
import type { Finding } from '../../core/findings.ts'
import { AssociationStep, type InjectionStep } from '../../core/steps/answers.ts'
import { webhookRefuses, whyNotInjected } from '../../core/workload/not-injected.ts'
import { judgeRefusal, untriedFor } from '../../core/workload/refusal.ts'
import type { Workload } from '../../core/workload/rollout.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, requiredWorkload } from '../support/inputs.ts'
import { type ClusterApis, clusterApis } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'

const Input = OnCluster.extend({
  association: Association,
  /** What EnsureAssociation did: only a change has to arrive. */
  action: AssociationStep.shape.action,
  /** What earlier calls of this step have waited, in milliseconds. */
  waitedMs: z.number(),
  /** For how long the workflow asks again, by its own clock. */
  remainingMs: z.number(),
})

/** Each API server has a Pod Identity webhook of its own that learns of associations by itself: one hit proves little. */
const confirmations = 3
/** Between two questions: a twentieth of what has been waited, so that the end is noticed hardly later than it comes. */
const pauseAfter = (waitedMs: number): number => Math.min(1000, Math.max(50, Math.round(waitedMs / 20)))
/** One call stays well within the function's timeout; the workflow calls again. */
const budgetMs = 40_000
/** AWS gives "several seconds"; waited where nothing can be seen from outside. */
const settleMs = 10_000

type Surroundings = Pick<Runtime, 'clock' | 'signal' | 'progress'>

/** Asks the cluster whether pods created now get the credentials, until it says so several times in a row. */
export const awaitInjection =
  (api: ClusterApis<OnCluster>, { clock, signal, progress }: Surroundings) =>
  async (input: z.output<typeof Input>): Promise<InjectionStep> => {
    const { request, action } = input
    const started = clock.now()
    // Never compared with the association's own times, which are of another clock.
    const elapsedMs = () => Math.max(0, clock.now() - started)
    const waitedMs = () => input.waitedMs + elapsedMs()
    const ref = requiredWorkload(request)
    const workload = await workloads(api.shared(input)).get(ref, request.namespace, signal)
    const asking = await inquiry(api, input, workload, signal)
    const answer = (
      way: InjectionStep['way'],
      message: string,
      { ready = true, probes, finding }: { ready?: boolean; probes: number; finding?: Finding | undefined },
    ): InjectionStep => ({
      ready,
      way,
      message,
      probes,
      waitedMs: waitedMs(),
      refused: finding?.severity === 'blocking' ? finding.found : null,
      // Whether it stops anything is known when it is known whether pods have to be made anew.
      findings: finding
        ? [{ ...finding, severity: finding.severity === 'blocking' ? 'warning' : 'info' }]
        : [],
    })
    const settle = () => clock.sleep(Math.max(0, settleMs - elapsedMs()), signal)

    const wait = async (): Promise<InjectionStep> => {
      let probes = 0
      let down: string | undefined
      let some = false
      while (elapsedMs() < budgetMs) {
        const { verdict, message, asked, finding, webhookDown, hits = 0 } = await asking.ask()
        down = webhookDown && message
        some ||= hits > 0
        probes += asked
        progress({ step: 'AwaitInjection', message, detail: { probes, until: started + input.remainingMs } })
        if (verdict === 'unanswerable') {
          if (finding?.severity === 'blocking') return answer('first-pod', finding.found, { probes, finding })
          if (action !== 'kept') await settle()
          return answer('first-pod', `the first new pod will tell: ${message}`, { probes, finding })
        }
        if (verdict === 'injected') {
          if (action !== 'repointed') return answer('dry-run', message, { probes })
          await settle()
          const unseen = 'pods were injected before the role was changed, so its arrival cannot be seen'
          return answer('settled', `${unseen}; waited ${settleMs / 1000} s after the change`, { probes })
        }
        await clock.sleep(pauseAfter(waitedMs()), signal)
      }
      const notInjected = async () =>
        whyNotInjected({
          ...request,
          associationId: input.association.id,
          waitedMs: waitedMs(),
          some,
          registration: some
            ? { notLookedAt: undefined }
            : await registrationOfWebhook(api.shared(input), signal),
        })
      return answer('dry-run', down ? webhookRefuses(down, waitedMs()) : await notInjected(), {
        ready: false,
        probes,
      })
    }
    try {
      return await wait()
    } finally {
      await asking.close()
    }
  }

interface Inquiry {
  /** Absent where it is not there yet. */
  verdict?: 'injected' | 'unanswerable'
  message: string
  /** How many dry-run pods it took. */
  asked: number
  /** How many of them had the credentials. */
  hits?: number
  /** Why it could not be answered. */
  finding?: Finding
  webhookDown?: true
}

/**
 * One question on the connection that is open; where that hits, several more at once, each on a connection of its own,
 * which the load balancer may lead to another API server. These are opened with the first question, while there is time,
 * and kept from question to question: a server that lagged is asked again, and not left out by chance.
 */
const inquiry = async (
  api: ClusterApis<OnCluster>,
  input: OnCluster,
  workload: Workload | undefined,
  signal: AbortSignal | undefined,
): Promise<{ ask: () => Promise<Inquiry>; close: () => Promise<void> }> => {
  const { namespace, serviceAccount } = input.request
  const ref = requiredWorkload(input.request)
  const shared = api.shared(input)
  const owner = workload && (await podsOf(shared, ref, workload, signal)).owner
  const template = workload?.spec?.template
  const probe = (connection: Connection): Promise<ProbeResult> =>
    probeInjection(connection, {
      namespace,
      serviceAccount,
      template,
      owner,
      signal,
    })
  let others: Connection[] = []
  const ask = async (): Promise<Inquiry> => {
    const first = await probe(shared)
    const { message } = first
    if (first.outcome === 'denied')
      return { verdict: 'unanswerable', message, asked: 1, finding: untriedFor(ref, namespace, message) }
    if (first.webhookDown) return { message, asked: 1, webhookDown: true }
    if (first.outcome === 'rejected')
      return {
        verdict: 'unanswerable',
        message,
        asked: 1,
        ...(workload && { finding: judgeRefusal({ ref, namespace, workload, message }) }),
      }
    const opened = others.length > 0
    if (first.outcome === 'not-injected' && opened) return { message, asked: 1 }
    if (!opened) others = Array.from({ length: confirmations }, () => api.fresh(input))
    const answers = [first, ...(await together(others.map(probe)))]
    const hits = answers.filter(({ outcome }) => outcome === 'injected').length
    const asked = answers.length
    return hits === asked
      ? { verdict: 'injected', message: `${hits} dry-run pods in a row got the credentials`, asked }
      : { message: `${hits} of ${asked} dry-run pods got the credentials`, asked, hits }
  }
  return {
    ask,
    close: async () => void (await Promise.all(others.map((other) => other.close()))),
  }
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'AwaitInjection', input: Input }, (input, call) =>
    awaitInjection(clusterApis(runtime), call)(input),
  )

export const handler = create(lambda)
