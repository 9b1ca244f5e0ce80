import { digest } from '../../../adapters/digest.ts'
import { isGrantedFor, type Requester } from '../../../core/chatops/access.ts'
import type { Action, Config } from '../../../core/config.ts'
import { viewFleet } from '../../../core/fleet/waves/history-view.ts'
import { unknownBindings } from '../../../core/fleet/waves/request.ts'
import { type Refusal, type RequestSource, type RunStatus, refuse } from '../requests/requests.ts'
import type { Services } from '../services.ts'
import type { Started } from '../starter.ts'

type RolloutStarter = Pick<Services, 'config' | 'rollouts' | 'runs'>

/** The bindings of the settings that a rollout's input is about; undefined where it spells them out. */
const bindingsOf = (config: Config, input: unknown): string[] | undefined => {
  const { bindings } = (input ?? {}) as { bindings?: unknown }
  if (bindings === 'all') return Object.keys(config.bindings)
  return Array.isArray(bindings) ? bindings.map(String) : undefined
}

/** The first place of a rollout's bindings where the requester may not do the action; null where that is nowhere. */
const closedTo = (
  { config }: Pick<Services, 'config'>,
  requester: Requester,
  action: Action,
  input: unknown,
): { cluster: string; namespace: string } | null => {
  const places = bindingsOf(config, input)?.map((name) => config.bindings[name]) ?? [undefined]
  for (const binding of places) {
    // What a rollout spells out may be anywhere, and so may what the settings have no longer.
    const place = binding ?? { cluster: '*', namespace: '*' }
    if (!isGrantedFor(config, requester, action, place)) return place
  }
  return null
}

const start = async (
  { rollouts, runs }: RolloutStarter,
  { origin, cause }: RequestSource,
  input: object,
): Promise<Started> => {
  const name = `rollout-${origin.trigger}-${digest(JSON.stringify([...cause, input]), 20)}`
  await runs.note(name, { origin, message: null, approval: null })
  await rollouts.start(name, input)
  return { outcome: 'started', run: name }
}

/** Starts a rollout of bindings of the settings, all of them where none is named. */
export const startRollout =
  (services: RolloutStarter) =>
  async (
    source: RequestSource,
    {
      names,
      clusters,
      mode = 'enable',
    }: { names: string[]; clusters?: string[] | undefined; mode?: 'enable' | 'plan' },
  ): Promise<Started | Refusal> => {
    const unknown = unknownBindings(names, Object.keys(services.config.bindings))
    if (unknown.length > 0) return refuse('unknown', unknown.join('; ').replaceAll('bindings: ', ''))
    const input = {
      mode,
      bindings: names.length > 0 ? names : 'all',
      ...(clusters ? { clusters } : {}),
    }
    const closed = closedTo(services, source.requester, 'rollout', input)
    return closed
      ? refuse(
          'forbidden',
          `no grant in podid.yaml lets you roll out on ${closed.cluster}, namespace ${closed.namespace}`,
        )
      : start(services, source, input)
  }

/** Starts the undoing of a rollout, or of one of its waves; undefined where the name is no rollout's that the requester may undo. */
export const undoOfRollout = async (
  services: RolloutStarter,
  source: RequestSource,
  { name, wave }: { name: string; wave?: number | undefined },
): Promise<Started | Refusal | undefined> => {
  const found = await services.rollouts.find(name)
  if (!found || closedTo(services, source.requester, 'undo', found.input)) return undefined
  if (found.status === 'RUNNING')
    return refuse('impossible', `the rollout ${name} is still under way; it can be undone when it has ended`)
  return start(services, source, {
    mode: 'undo',
    undo: { rollout: name, ...(wave === undefined ? {} : { waves: [wave] }) },
  })
}

/** The status of a rollout; undefined where the name is no rollout's that the requester may see. */
export const statusOfRollout = async (
  services: RolloutStarter,
  requester: Requester,
  name: string,
): Promise<RunStatus | undefined> => {
  const found = await services.rollouts.find(name)
  if (!found || closedTo(services, requester, 'status', found.input)) return undefined
  const { end, judged, plan } = viewFleet(await services.rollouts.history(name))
  return {
    run: name,
    status: found.status,
    startedAt: found.startedAt,
    what: `rollout: ${end?.message ?? judged.at(-1)?.message ?? plan?.summary ?? 'it has just begun'}`,
    credentials: null,
  }
}
