import { type Asker, isGranted } from '../../core/chatops/access.ts'
import { askerKey, decideAnswer } from '../../core/chatops/approval.ts'
import { canBeUndone } from '../../core/chatops/run-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import type { Deed } from '../../core/config.ts'
import type { RequestInput } from '../../core/request.ts'
import { translateHistory } from '../../core/run-events/translation.ts'
import type { Origin } from '../../core/triggers/origin.ts'
import { chooseBinding, runInput } from '../../core/triggers/run-input.ts'
import type { Services } from './services.ts'
import type { Started } from './starter.ts'

/** A person's or a caller's wish that is not granted, with a sentence that says why. */
export interface Refusal {
  refused: 'unknown' | 'forbidden' | 'impossible'
  why: string
}

/** Who asks, where, and what makes this very request unlike others. */
export interface Asking {
  asker: Asker
  origin: Origin
  cause: readonly string[]
}

/** A run as its status is told. */
export interface RunStatus {
  run: string
  status: string
  startedAt: string
  /** `plan carts/carts on eks-workshop` */
  what: string
}

const refuse = (refused: Refusal['refused'], why: string): Refusal => ({ refused, why })

const forbidden = (deed: Deed, { cluster, namespace }: { cluster: string; namespace: string }): Refusal =>
  refuse('forbidden', `no grant in podid.yaml lets you ${deed} on ${cluster}, namespace ${namespace}`)

/** Starts a run of a binding. */
export const begin =
  (services: Services) =>
  async (
    { asker, origin, cause }: Asking,
    wish: { mode: 'enable' | 'plan'; name: string; cluster?: string | undefined },
  ): Promise<Started | Refusal> => {
    const { config } = services
    const choice = chooseBinding(config, wish.name, wish.cluster)
    if ('why' in choice) return refuse('unknown', choice.why)
    const { binding, cluster } = choice
    const where = { cluster: cluster.name, namespace: binding.namespace }
    if (!isGranted(config, asker, wish.mode, where)) return forbidden(wish.mode, where)
    if (choice.tagsMatter) {
      const known = await services.clusters(cluster.region).identify(cluster.name)
      const missing = Object.entries(binding.clusterTags).filter(([tag, value]) => known?.tags[tag] !== value)
      if (missing.length > 0) {
        const tags = missing.map(([tag, value]) => `${tag}=${value}`).join(', ')
        return refuse(
          'unknown',
          `${wish.name} is for clusters with the tags ${tags}, and ${cluster.name} has them not`,
        )
      }
    }
    const input = { ...runInput(config, binding, cluster, { mode: wish.mode }), region: cluster.region }
    return services.start({ input, origin, cause: [...cause, wish.name] })
  }

/** Starts a run that undoes an earlier one, named by itself or as the latest of a binding. */
export const undo =
  (services: Services) =>
  async (
    { asker, origin, cause }: Asking,
    wish: { name: string; cluster?: string | undefined },
  ): Promise<Started | Refusal> => {
    const found = await findRun(services, asker, 'undo', wish)
    if ('refused' in found) return found
    const { run, input, status } = found
    if (status === 'RUNNING') {
      return refuse('impossible', `the run ${run} is still under way; it can be undone when it has ended`)
    }
    const { end } = viewRun(translateHistory(await services.executions.history(run), { run }))
    const report = end?.report
    if (!report?.before || !canBeUndone(report)) {
      return refuse(
        'impossible',
        `the run ${run} left nothing to undo: ${end?.message ?? 'it made no report'}`,
      )
    }
    const region = report.binding.region
    return services.start({
      input: { ...(input as RequestInput), region, mode: 'undo', before: report.before },
      origin,
      cause: [...cause, run],
    })
  }

/** Where a run stands: the one that is named, or the latest ones that the asker may see. */
export const status =
  (services: Services) =>
  async (
    { asker }: Pick<Asking, 'asker'>,
    wish: { name?: string | undefined; cluster?: string | undefined },
  ): Promise<RunStatus[] | Refusal> => {
    const { name } = wish
    if (name !== undefined) {
      const found = await findRun(services, asker, 'status', { ...wish, name })
      return 'refused' in found ? found : [statusOf(found)]
    }
    const latest = await services.executions.list(10)
    const described = await Promise.all(latest.map(({ run }) => services.executions.find(run)))
    return described.flatMap((found) =>
      found && isGranted(services.config, asker, 'status', placeOf(found.input)) ? [statusOf(found)] : [],
    )
  }

/** Answers an approval for the asker, once and in time. */
export const answerApproval =
  (services: Services) =>
  async (
    asker: Asker,
    { approval, approved }: { approval: string; approved: boolean },
  ): Promise<{ answered: boolean; run: string } | Refusal> => {
    const { approvals, runs, executions, bus, config } = services
    const stored = /^[0-9a-f]{32}$/.test(approval) ? await approvals.find(approval) : undefined
    const record = stored && (await runs.find(stored.value.question.run))
    const kept = stored && { ...stored.value, askedBy: record?.origin?.by ?? null }
    const decision = decideAnswer({ asker, approved }, kept, config, services.now())
    if (decision.action === 'refuse' || !stored) {
      return refuse('impossible', decision.action === 'refuse' ? decision.why : 'there is no such question')
    }
    const { question, token } = stored.value
    const answer = { approved, by: askerKey(asker), at: new Date(services.now()).toISOString() }
    if (decision.action === 'answer' && !(await approvals.answer(stored, answer))) {
      return refuse('impossible', 'Somebody was quicker: this run is answered already.')
    }
    const waited = approved
      ? await executions.succeed(token, { approvedBy: answer.by, at: answer.at })
      : await executions.fail(token, 'Declined', `declined by ${answer.by}`)
    if (!waited && decision.action === 'answer') {
      return refuse('impossible', 'This comes too late: the run does not wait for an answer any more.')
    }
    await bus.put({
      type: 'Run Approval Answered',
      resources: [executions.arnOf(question.run)],
      detail: { approval, run: question.run, ...answer },
    })
    return { answered: waited, run: question.run }
  }

interface FoundRun {
  run: string
  status: string
  startedAt: string
  input: unknown
}

/** A run by its name, or as the latest of a binding; refused unless the asker may do the deed there. */
const findRun = async (
  services: Services,
  asker: Asker,
  deed: Deed,
  { name, cluster }: { name: string; cluster?: string | undefined },
): Promise<FoundRun | Refusal> => {
  const run = await runNamed(services, name, cluster)
  if (typeof run !== 'string') return run
  const found = await services.executions.find(run)
  const where = placeOf(found?.input)
  // Who may not see a run is not told that it exists.
  if (!found || !isGranted(services.config, asker, deed, where)) {
    return refuse('unknown', `there is no run ${name} that you may ${deed === 'status' ? 'see' : deed}`)
  }
  return found
}

const runNamed = async (
  { config, runs }: Services,
  name: string,
  cluster: string | undefined,
): Promise<string | Refusal> => {
  if (!Object.hasOwn(config.bindings, name)) return name
  const choice = chooseBinding(config, name, cluster)
  if ('why' in choice) return refuse('unknown', choice.why)
  const { namespace, serviceAccount } = choice.binding
  const { name: clusterName, region } = choice.cluster
  const latest = await runs.latest({ cluster: clusterName, region, namespace, serviceAccount })
  return latest?.value.run ?? refuse('unknown', `${name} was not run on ${clusterName} yet`)
}

/** Where a run works, by an input that nobody may have checked. */
const placeOf = (input: unknown): { cluster: string; namespace: string } => {
  const { cluster, namespace } = (input ?? {}) as Record<string, unknown>
  return { cluster: String(cluster ?? ''), namespace: String(namespace ?? '') }
}

const statusOf = ({ run, status: state, startedAt, input }: FoundRun): RunStatus => {
  const { mode = 'enable', serviceAccount } = (input ?? {}) as Record<string, unknown>
  const { cluster, namespace } = placeOf(input)
  return {
    run,
    status: state,
    startedAt,
    what: `${String(mode)} ${namespace}/${String(serviceAccount)} on ${cluster}`,
  }
}
