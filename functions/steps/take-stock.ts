import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { irsaRoleOf } from '../../adapters/kubernetes/service-accounts/irsa.ts'
import { restartedAtOf, workloads } from '../../adapters/kubernetes/workloads.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type Association, decideWrite, runTag } from '../../core/association.ts'
import type { AccessEntry } from '../../core/cluster.ts'
import { Before } from '../../core/request.ts'
import { plannedRole } from '../../core/role/creation.ts'
import { isChangeMade } from '../../core/role/trust/change.ts'
import type { StockStep } from '../../core/steps/answers.ts'
import { restartValues } from '../../core/undo.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { OnCluster, wantedAssociation } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { roleNameOf } from '../support/migration/trust.ts'
import { ownAccessEntries } from '../support/settings.ts'

const writing = [
  'ensureAccess',
  'ensureAgent',
  'ensureRole',
  'ensureTrust',
  'ensureAssociation',
  'restartWorkload',
  'finishMigration',
  'undo',
] as const

const Input = OnCluster.extend({
  /** The step that ended without an answer. */
  tried: z.enum(writing),
  /** The association's id, where it is known: a list may lag behind what its members say. */
  id: z.string().nullable(),
  /** What the run found before its first write, or was given by the one that it undoes. */
  before: Before.nullable().exactOptional(),
})

/** How often it is looked, and the first of the pauses between, which double: seven seconds in all. */
const looks = { most: 4, pauseMs: 1000 }

/**
 * What is there of the writes of a step whose answer was lost. EKS may show a write a while after it has made it, and
 * a request that nobody waits for any more may still be served: only what is done is believed at once. A look that
 * fails is reported as such beside the others, so that the report can say what was seen and what could not be.
 */
export const takeStock =
  (
    clusters: (
      region: string,
    ) => Pick<Eks, 'runOfAccessEntry' | 'describeAgentAddon' | 'findAssociation' | 'describeAssociation'>,
    roles: (region: string) => Pick<Iam, 'outlineRole' | 'readTrust'>,
    api: (input: OnCluster) => Connection,
    entries: readonly AccessEntry[],
    { clock, signal }: Pick<Runtime, 'clock' | 'signal'>,
  ) =>
  async (input: z.output<typeof Input>): Promise<StockStep> => {
    const { request, tried, id, before } = input
    const { run, workload: ref } = request
    const there = clusters(request.region)
    const look = async <Seen>(
      see: () => Promise<Seen>,
      isDone: (seen: Seen) => boolean,
    ): Promise<{ seen: Seen } | { error: string }> => {
      for (let time = 1; ; time++) {
        const result = await see().then(
          (seen) => ({ seen }),
          (error: unknown) => ({ error: error instanceof Error ? error.message : String(error) }),
        )
        const done = 'seen' in result && isDone(result.seen)
        if (done || time === looks.most || signal?.aborted) return result
        await clock.sleep(looks.pauseMs * 2 ** (time - 1), signal)
      }
    }
    const made = tried !== 'undo'
    const isWritten = (found: Association | null): boolean => {
      const decision = decideWrite(wantedAssociation(request), run, null, found ?? undefined)
      return decision.action === 'none' && decision.ours
    }
    const plan = plannedRole(request, input.cluster)
    const changed = before?.trust ?? null
    const writesTrust = tried === 'ensureTrust' || tried === 'finishMigration' || tried === 'undo'
    const [accessEntries, addon, role, association, restartedAt, trust, annotation] = await together([
      tried === 'ensureAccess'
        ? look(
            async () => {
              const runs = await together(
                entries.map(({ principalArn }) => there.runOfAccessEntry(request.cluster, principalArn)),
              )
              return entries.filter((_entry, index) => runs[index] === run).map((entry) => entry.principalArn)
            },
            (ours) => ours.length === entries.length,
          )
        : null,
      tried === 'ensureAgent'
        ? look(
            async () => (await there.describeAgentAddon(request.cluster))?.run === run,
            (ours) => ours,
          )
        : null,
      tried === 'ensureRole' || (tried === 'undo' && request.createRole)
        ? look(
            async () => {
              const found = await roles(request.region).outlineRole(plan.name)
              return found
                ? {
                    ours: found.tags?.[runTag] === (request.before?.run ?? run),
                    policies: found.policies.map(({ name }) => name),
                  }
                : null
            },
            (found) =>
              made && !!found?.ours && plan.policies.every(({ name }) => found.policies.includes(name)),
          )
        : null,
      tried === 'ensureAssociation' || tried === 'undo'
        ? look(
            async () =>
              (id === null
                ? await there.findAssociation(wantedAssociation(request))
                : await there.describeAssociation(request.cluster, id)) ?? null,
            (found) => made && isWritten(found),
          )
        : null,
      ref && (tried === 'restartWorkload' || tried === 'undo')
        ? look(
            async () => {
              const workload = await workloads(api(input)).get(ref, request.namespace, signal)
              return (workload && restartedAtOf(workload)) ?? null
            },
            (found) => made && restartValues(request.restartedAt).some((value) => value === found),
          )
        : null,
      changed && writesTrust
        ? look(
            async () => (await roles(request.region).readTrust(roleNameOf(request.role))) ?? null,
            (found) => made && found !== null && isChangeMade(changed, found),
          )
        : null,
      before?.annotation?.goes && (tried === 'finishMigration' || tried === 'undo')
        ? look(
            async () => {
              const found = await serviceAccount(
                api(input),
                request.namespace,
                request.serviceAccount,
                signal,
              )
              return (found && irsaRoleOf(found)) ?? null
            },
            (found) => made && found === null,
          )
        : null,
    ])
    const all = [accessEntries, addon, role, association, restartedAt, trust, annotation]
    const unseen = all.flatMap((one) => (one && 'error' in one ? [one.error] : []))
    return {
      accessEntries,
      addon,
      role,
      association,
      restartedAt,
      trust,
      annotation,
      message: unseen.length > 0 ? `could not be looked at: ${unseen.join('; ')}` : 'looked at what is there',
    }
  }

export const create = (runtime: Runtime) => {
  const entries = ownAccessEntries(runtime)
  return makeHandler(runtime, { name: 'TakeStock', input: Input }, (input, call) =>
    takeStock(
      (region) => eks(runtime, region),
      (region) => iam(runtime, region),
      ({ cluster }) => clusterApi(runtime, cluster),
      entries,
      call,
    )(input),
  )
}

export const handler = create(lambda)
