import { together } from '../../../adapters/concurrently.ts'
import type { BindingKey } from '../../../adapters/records/runs.ts'
import { isGranted, type Requester } from '../../../core/chatops/access.ts'
import { decideAnswer, requesterKey } from '../../../core/chatops/approval.ts'
import { viewRun } from '../../../core/chatops/run-view.ts'
import { wayBack } from '../../../core/chatops/way-back.ts'
import type { Action } from '../../../core/config.ts'
import { rolloutOfRun } from '../../../core/fleet/waves/request.ts'
import type { RequestInput } from '../../../core/request-input.ts'
import { translateHistory } from '../../../core/run-events/translation.ts'
import { nearestName } from '../../../core/text/distance.ts'
import { bindingAt, chooseBinding, runInput } from '../../../core/triggers/run-input.ts'
import { describeLook } from '../../../core/workload/proof/trail.ts'
import { statusOfRollout, undoOfRollout } from '../rollout/start.ts'
import type { Services } from '../services.ts'
import type { Started } from '../starter.ts'
import { type Refusal, type RequestSource, type RunStatus, refuse } from './requests.ts'

const forbidden = (action: Action, { cluster, namespace }: { cluster: string; namespace: string }): Refusal =>
  refuse('forbidden', `no grant in podid.yaml lets you ${action} on ${cluster}, namespace ${namespace}`)

/** Starts a run of a binding. */
export const startRun =
  (services: Services) =>
  async (
    { requester, origin, cause }: RequestSource,
    request: {
      mode: 'enable' | 'plan'
      name: string
      cluster?: string | undefined
      /** The second act of a binding's migration. */
      finish?: boolean
    },
  ): Promise<Started | Refusal> => {
    const { config } = services
    const choice = chooseBinding(config, request.name, request.cluster)
    if ('why' in choice) return refuse('unknown', choice.why)
    const { cluster, namespace, tagsMatter } = choice
    const where = { cluster: cluster.name, namespace }
    if (!isGranted(config, requester, request.mode, where)) return forbidden(request.mode, where)
    const known = tagsMatter ? await services.clusters(cluster.region).identify(cluster.name) : undefined
    const found = bindingAt(choice, config.account, known?.tags ?? {})
    if ('why' in found) return refuse('unknown', `${request.name} ${found.why}`)
    if (request.finish && !found.single.migrate)
      return refuse(
        'impossible',
        `${request.name} has no migration to finish: its binding in podid.yaml says no migrate`,
      )
    const input = {
      ...runInput(config, found.single, { mode: request.mode }),
      ...(request.finish ? { finish: true } : {}),
    }
    return services.start({ input, origin, cause: [...cause, request.name] })
  }

/** Starts a run that undoes an earlier one, named by itself or as the latest of a binding. */
export const startUndo =
  (services: Services) =>
  async (
    { requester, origin, cause }: RequestSource,
    request: { name: string; cluster?: string | undefined; wave?: number | undefined },
  ): Promise<Started | Refusal> => {
    const ofRollout = await undoOfRollout(services, { requester, origin, cause }, request)
    if (ofRollout) return ofRollout
    if (request.wave !== undefined)
      return refuse('unknown', `there is no rollout ${request.name} that you may undo a wave of`)
    const found = await findRun(services, requester, 'undo', request)
    if ('refused' in found) return found
    const { run, input, status, arn } = found
    if (status === 'RUNNING') {
      return refuse('impossible', `the run ${run} is still under way; it can be undone when it has ended`)
    }
    const { mode, ...rest } = (input ?? {}) as RequestInput
    const { region } = bindingOf(input, arn)
    const history = await services.executions.history(run)
    // An undo that did not come to its end is done again; it knows what it was to put back.
    const { end } = viewRun(translateHistory(history, { run }))
    const before =
      mode === 'undo' && status !== 'SUCCEEDED'
        ? rest.before
        : wayBack(history, { mode, report: end?.report })
    if (!before) {
      return refuse('impossible', `the run ${run} left nothing to undo: ${end?.message ?? 'it did nothing'}`)
    }
    return services.start({
      input: { ...rest, region, mode: 'undo', before },
      origin,
      cause: [...cause, run],
    })
  }

/** The status of the named run, or of the latest runs that the requester may see. */
export const runStatus =
  (services: Services) =>
  async (
    { requester }: Pick<RequestSource, 'requester'>,
    request: { name?: string | undefined; cluster?: string | undefined },
  ): Promise<RunStatus[] | Refusal> => {
    const { name } = request
    if (name !== undefined) {
      const rollout = await statusOfRollout(services, requester, name)
      if (rollout) return [rollout]
      const found = await findRun(services, requester, 'status', { ...request, name })
      return 'refused' in found
        ? found
        : [{ ...(await statusOf(services, found)), credentials: await credentialsSeen(services, found) }]
    }
    const latest = await services.executions.list(10)
    const described = await together(latest.map(({ run }) => services.executions.find(run)))
    const seen = described.filter((found) => found !== undefined)
    return together(
      seen
        .filter(({ input }) => isGranted(services.config, requester, 'status', placeOf(input)))
        .map((found) => statusOf(services, found)),
    )
  }

/** Records the requester's answer to an approval and passes it to the run: once, and in time. */
export const answerApproval =
  (services: Services) =>
  async (
    requester: Requester,
    { approval, approved, plan }: { approval: string; approved: boolean; plan?: string | undefined },
  ): Promise<{ answered: boolean; run: string } | Refusal> => {
    const { approvals, runs, executions, bus, config } = services
    const stored = /^[0-9a-f]{32}$/.test(approval) ? await approvals.find(approval) : undefined
    if (!stored) return refuse('impossible', 'There is no such approval, or it has expired.')
    const { question, lines, token } = stored.value
    const asked = question.gate ? services.rollouts : executions
    // The runs of a rollout are requested with it.
    const requested = rolloutOfRun(question.run) ?? question.run
    const [record, execution] = await together([runs.find(requested), asked.find(question.run)])
    const known = {
      ...stored.value,
      requestedBy: record?.origin?.by ?? null,
      underWay: execution?.status === 'RUNNING',
    }
    const decision = decideAnswer({ requester, approved, plan }, known, config)
    if (decision.action === 'refuse') return refuse('impossible', decision.why)
    const answer = { approved, by: requesterKey(requester), at: new Date(services.now()).toISOString() }
    if (decision.action === 'answer' && !(await approvals.answer(stored, answer))) {
      return refuse('impossible', 'This run has already been answered.')
    }
    const waited = approved
      ? await executions.succeed(token, { approvedBy: answer.by, at: answer.at, plan: question.plan, lines })
      : await executions.fail(token, 'Declined', `declined by ${answer.by}`)
    if (!waited && decision.action === 'answer') {
      return refuse('impossible', 'Too late: the run no longer waits for an answer.')
    }
    await bus.put({
      type: 'Run Approval Answered',
      resources: [asked.arnOf(question.run)],
      detail: { approval, run: question.run, ...answer },
    })
    return { answered: waited, run: question.run }
  }

interface FoundRun {
  run: string
  arn: string
  status: string
  startedAt: string
  input: unknown
}

/** A run by its name, or the latest run of a binding; refused unless the requester may do the action there. */
const findRun = async (
  services: Services,
  requester: Requester,
  action: Action,
  { name, cluster }: { name: string; cluster?: string | undefined },
): Promise<FoundRun | Refusal> => {
  const run = await runNamed(services, name, cluster)
  if (typeof run !== 'string') return run
  const found = await services.executions.find(run)
  const where = placeOf(found?.input)
  // The answer is the same as for a run that does not exist, so that it does not reveal one.
  if (!found || !isGranted(services.config, requester, action, where)) {
    const near = nearestName(name, bindingsOf(services, requester, action))
    return refuse(
      'unknown',
      `there is no run ${name} that you may ${action === 'status' ? 'see' : action}${near === undefined ? '' : `; did you mean the binding ${near}?`}`,
    )
  }
  return found
}

/** The names of the bindings on whose clusters the requester may do the action. */
const bindingsOf = ({ config }: Services, requester: Requester, action: Action): string[] =>
  Object.entries(config.bindings)
    .filter(([, binding]) => isGranted(config, requester, action, binding))
    .map(([name]) => name)

const runNamed = async (
  { config, runs }: Services,
  name: string,
  cluster: string | undefined,
): Promise<string | Refusal> => {
  const [binding = name] = name.split('/')
  if (!Object.hasOwn(config.bindings, binding)) return name
  const choice = chooseBinding(config, name, cluster)
  if ('why' in choice) return refuse('unknown', choice.why)
  const { namespace, serviceAccount, cluster: chosen } = choice
  const { name: clusterName, region } = chosen
  const latest = await runs.latest({ cluster: clusterName, region, namespace, serviceAccount })
  return latest?.value.run ?? refuse('unknown', `${name} has had no run on ${clusterName} yet, but for plans`)
}

/** The cluster and namespace of a run, from an input that may not have been validated. */
const placeOf = (input: unknown): { cluster: string; namespace: string } => {
  const { cluster, namespace } = (input ?? {}) as Record<string, unknown>
  return { cluster: String(cluster ?? ''), namespace: String(namespace ?? '') }
}

const statusOf = async (
  { runs }: Services,
  { run, arn, status: state, startedAt, input }: FoundRun,
): Promise<RunStatus> => {
  const { mode = 'enable' } = (input ?? {}) as Record<string, unknown>
  const place = bindingOf(input, arn)
  const { cluster, namespace, serviceAccount } = place
  const what = `${String(mode)} ${namespace || '?'}/${serviceAccount || '?'} on ${cluster || '?'}`
  const latest = mode === 'undo' ? await runs.latest(place) : undefined
  return {
    run,
    status: state,
    startedAt,
    what: latest?.value.run === run ? `${what} (the sweep leaves it alone until it is enabled again)` : what,
    credentials: null,
  }
}

/** What a sweep saw since the run: of what was before it, it tells nothing. */
const credentialsSeen = async (
  { looks }: Services,
  { arn, startedAt, input }: FoundRun,
): Promise<string | null> => {
  const { mode = 'enable' } = (input ?? {}) as Record<string, unknown>
  const look = mode === 'enable' ? await looks.find(bindingOf(input, arn)) : undefined
  return look && Date.parse(look.at) > Date.parse(startedAt) ? describeLook(look) : null
}

const bindingOf = (input: unknown, arn: string): BindingKey => {
  const { serviceAccount, region = arn.split(':')[3] } = (input ?? {}) as Record<string, unknown>
  return { ...placeOf(input), serviceAccount: String(serviceAccount ?? ''), region: String(region) }
}
