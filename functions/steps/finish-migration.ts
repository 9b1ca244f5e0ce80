import * as z from 'zod'
import { together } from '../../adapters/concurrently.ts'
import { type Eks, eks } from '../../adapters/eks/eks.ts'
import { type Iam, iam } from '../../adapters/iam/iam.ts'
import type { Connection } from '../../adapters/kubernetes/connection.ts'
import { unseenText } from '../../adapters/kubernetes/explain.ts'
import { serviceAccount } from '../../adapters/kubernetes/inspect.ts'
import { podsAndOwners } from '../../adapters/kubernetes/others.ts'
import { changeIrsaAnnotation } from '../../adapters/kubernetes/service-accounts/irsa.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { decideAssociation } from '../../core/association.ts'
import { Refused } from '../../core/errors.ts'
import { blocking } from '../../core/findings.ts'
import { AnnotationChange } from '../../core/request.ts'
import { podIdentityOf } from '../../core/role/creation.ts'
import { isChangeMade, makeChange, TrustChange, type TrustEdit } from '../../core/role/trust/change.ts'
import { letsPodsIn } from '../../core/role/trust/trust.ts'
import type { FinishStep } from '../../core/steps/answers.ts'
import { allProven, migrationFindings, podsUnder } from '../../core/workload/migration.ts'
import { irsaAnnotation } from '../../core/workload/workload.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { observeCredentials } from '../support/evidence/agent-log.ts'
import { OnCluster, wantedAssociation } from '../support/inputs.ts'
import { clusterApi } from '../support/kubernetes.ts'
import { lambda } from '../support/lambda.ts'
import { editTrust, roleNameOf } from '../support/migration/trust.ts'

const Input = OnCluster.extend({
  /** As VerifyWorkload found it. */
  annotation: AnnotationChange.nullable(),
  /** What VerifyRole planned to take out of the role's trust. */
  trust: TrustChange.nullable(),
  /** How often the step was tried before: what is gone may be its own work then. */
  retries: z.number(),
})
type Input = z.output<typeof Input>

/**
 * Takes away what IRSA needs: the ServiceAccount's annotation, and where it is asked for what the role's trust grants by OIDC. Only after another look
 * at the association and at every pod under the ServiceAccount, and only where both are still as they were found. Asking twice does no harm.
 */
export const finishMigration =
  (
    clusters: (region: string) => Pick<Eks, 'findAssociation'>,
    roles: (region: string) => Pick<Iam, 'readTrust' | 'writeTrust'>,
    api: (input: OnCluster) => Connection,
    runtime: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
  ) =>
  async (input: Input): Promise<FinishStep> => {
    const { request, annotation, trust, retries } = input
    const connection = api(input)
    const before = await lookAtAll(clusters(request.region), connection, input, runtime)
    // What cannot be taken out of the trust is known before the annotation goes.
    if (trust) await requireTakeable(roles(request.region), input, trust)
    const wasThere = annotation?.role ?? undefined
    const taken = await changeIrsaAnnotation(
      connection,
      { namespace: request.namespace, name: request.serviceAccount },
      { from: wasThere, to: undefined },
      runtime.signal,
    )
    const place = `${request.namespace}/${request.serviceAccount}`
    if (!taken) throw new Refused(`the ServiceAccount ${place} is gone`)
    if (!taken.changed && taken.previous !== undefined)
      throw new Refused(
        `the ServiceAccount ${place} is annotated with ${taken.previous} for IRSA by now, and this run found ${wasThere ?? 'no annotation'}: somebody has changed it since, and it is left as it is`,
      )
    const removed = wasThere !== undefined && (taken.changed || retries > 0)
    const changed = trust !== null && (await takeOut(roles(request.region), input, trust, runtime))
    return {
      annotation: removed ? 'removed' : 'absent',
      trust: trust && (changed || retries > 0) ? 'changed' : 'kept',
      message: [
        before,
        removed ? `the annotation ${irsaAnnotation} is gone` : 'there was no annotation any more',
        ...(trust ? trust.what.map((one) => `${one}: done`) : []),
      ].join('; '),
      findings: [],
    }
  }

/** That the association is there and every pod lives by it, in a line. @throws Refused where not */
const lookAtAll = async (
  clusters: Pick<Eks, 'findAssociation'>,
  connection: Connection,
  { request }: Input,
  runtime: Pick<Runtime, 'clock' | 'signal' | 'progress'>,
): Promise<string> => {
  const { namespace } = request
  const wanted = wantedAssociation(request)
  const [association, account, beside] = await together([
    clusters.findAssociation(wanted),
    serviceAccount(connection, namespace, request.serviceAccount, runtime.signal),
    podsAndOwners(connection, namespace, runtime.signal),
  ])
  if (decideAssociation(wanted, association).action !== 'keep')
    throw new Refused(
      `the association of ${namespace}/${request.serviceAccount} is no longer as it was: IRSA stays as it is`,
    )
  const [left] = blocking(
    migrationFindings({ request, serviceAccount: account, ...beside, unseen: beside.unseen.map(unseenText) }),
  )
  if (left) throw new Refused(`${left.subject}: ${left.found}`)
  const pods = podsUnder(beside.pods, request.serviceAccount)
  const evidence = await observeCredentials(connection, { pods, all: beside.pods }, 0, runtime)
  const proof = allProven(evidence, request)
  if (!proof.proven)
    throw new Refused(`IRSA stays as it is, as not all pods live by the association: ${proof.why}`)
  return proof.message
}

/** How the trust comes to be without what OIDC granted; the pods have to be let in by what is left. */
const without =
  ({ request, cluster }: Input, change: TrustChange) =>
  (now: string): TrustEdit => {
    const edit = makeChange(change, now)
    return letsPodsIn(edit.action === 'write' ? edit.text : now, podIdentityOf(request, cluster))
      ? edit
      : { action: 'keep', why: 'it would not let these pods in without what OIDC grants' }
  }

const requireTakeable = async (
  roles: Pick<Iam, 'readTrust'>,
  input: Input,
  change: TrustChange,
): Promise<void> => {
  const name = roleNameOf(input.request.role)
  const now = await roles.readTrust(name)
  const edit = now === undefined ? undefined : without(input, change)(now)
  if (!edit || edit.action === 'keep')
    throw new Refused(
      `${edit ? `the trust policy of role ${name} stays as it is: ${edit.why}` : `there is no role ${name} any more`}`,
    )
}

const takeOut = (
  roles: Pick<Iam, 'readTrust' | 'writeTrust'>,
  input: Input,
  change: TrustChange,
  runtime: Pick<Runtime, 'clock' | 'signal'>,
): Promise<boolean> =>
  editTrust(
    roles,
    roleNameOf(input.request.role),
    without(input, change),
    (now) => isChangeMade(change, now),
    runtime,
  )

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'FinishMigration', input: Input }, (input: Input, call) =>
    finishMigration(
      (region) => eks(runtime, region),
      (region) => iam(runtime, region),
      ({ cluster }) => clusterApi(runtime, cluster),
      call,
    )(input),
  )

export const handler = create(lambda)
