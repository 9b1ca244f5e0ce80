import { advise, type Finding, lookWith, mendWith } from '../findings.ts'
import { credentialUses } from '../fleet/credential-source.ts'
import type { ObjectMeta, Pod, ServiceAccount } from '../kubernetes.ts'
import type { Request } from '../request.ts'
import { firstOf } from '../text/list.ts'
import { command } from '../text/shell.ts'
import { isLive, readInjection } from './injection.ts'
import { type PodOwner, runsUnder, topOf } from './others.ts'
import type { PodEvidence } from './proof/evidence.ts'
import { isSessionOf } from './proof/proof.ts'
import { irsaAnnotation } from './workload.ts'

export interface MigrationFacts {
  request: Pick<
    Request,
    'cluster' | 'region' | 'account' | 'namespace' | 'serviceAccount' | 'role' | 'targetRole' | 'finish'
  >
  serviceAccount: ServiceAccount | undefined
  owners: readonly PodOwner[]
  /** All pods of the namespace. */
  pods: readonly Pod[]
  /** What could not be listed, and why. */
  unseen: readonly string[]
}

/**
 * What stands against a migration from IRSA, or is to be known of it: another role than the one of today, and at its end whatever does not use the
 * association yet. Only what was looked at counts: where pods could not be listed, nothing is taken away.
 */
export const migrationFindings = (facts: MigrationFacts): Finding[] => {
  const role = facts.serviceAccount?.metadata?.annotations?.[irsaAnnotation]
  return [
    ...(role === undefined ? [] : otherRole(facts, role)),
    ...(facts.request.finish ? [...notAll(facts), ...writtenBack(facts, role)] : []),
  ]
}

/** Live pods under a ServiceAccount. */
export const podsUnder = (pods: readonly Pod[], serviceAccount: string): Pod[] =>
  pods.filter((pod) => isLive(pod) && pod.spec !== undefined && runsUnder(pod.spec, serviceAccount))

/** What the agents' logs show of all pods under a ServiceAccount, before anything is taken away from them. */
export type AllProven = { proven: true; message: string } | { proven: false; why: string }

/**
 * Whether the pods' evidence lets IRSA go: none was refused, is out of the agent's reach or has another role, and where the request requires it each
 * was seen to be handed the role's credentials.
 */
export const allProven = (
  evidence: readonly PodEvidence[],
  { role, targetRole, proof }: Pick<Request, 'role' | 'targetRole' | 'proof'>,
): AllProven => {
  const wanted = targetRole ?? role
  const why = evidence.flatMap((one) => {
    switch (one.seen) {
      case 'handed-out':
        return isSessionOf(one.session, wanted) ? [] : [`pod ${one.pod} was handed ${one.session}`]
      case 'refused':
      case 'out-of-reach':
        return [`pod ${one.pod}: ${one.reason}`]
      default:
        return proof === 'required' ? [`pod ${one.pod} was not seen to be handed credentials`] : []
    }
  })
  if (why.length > 0) return { proven: false, why: firstOf(why, 5) }
  const handed = evidence.filter(({ seen }) => seen === 'handed-out').length
  return {
    proven: true,
    message:
      evidence.length === 0
        ? 'no pod runs under it now'
        : `${handed} of ${evidence.length} ${evidence.length === 1 ? 'pod' : 'pods'} under it ${handed === 1 ? 'was' : 'were'} seen to be handed its credentials${handed < evidence.length ? ', the others have its variables and nothing before them' : ''}`,
  }
}

/** Pods under the ServiceAccount that do not live by its association: they are older, or their environment names something that comes before it. */
export const podsLeft = ({
  request: { serviceAccount },
  pods,
}: Pick<MigrationFacts, 'pods'> & { request: Pick<Request, 'serviceAccount'> }): Pod[] =>
  podsUnder(pods, serviceAccount).filter((pod) => !livesByAssociation(pod))

const livesByAssociation = (pod: Pod): boolean =>
  readInjection(pod).injected && credentialUses(pod, []).every(({ source }) => source === 'pod-identity')

const subjectOf = ({ request }: MigrationFacts): string => `serviceaccount/${request.serviceAccount}`

const notAll = (facts: MigrationFacts): Finding[] => {
  const { request, owners, unseen } = facts
  const subject = subjectOf(facts)
  const list = command`kubectl get pods -n ${request.namespace} -o custom-columns=NAME:.metadata.name,SERVICEACCOUNT:.spec.serviceAccountName,CREATED:.metadata.creationTimestamp`
  if (unseen.length > 0)
    return [
      {
        code: 'migration-pods-left',
        severity: 'blocking',
        subject,
        found: `whether all of its pods live by the association could not be seen: ${unseen.slice(0, 3).join('; ')}`,
        remedy: lookWith('Let VerifyWorkload list them: podid-environment in manifests/.', list),
      },
    ]
  const left = podsLeft(facts)
  if (left.length === 0) return []
  const byUid = new Map(owners.map((owner) => [owner.metadata?.uid, owner]))
  const makers = [...Map.groupBy(left, (pod) => makerOf(pod, byUid))]
  const restarts = makers.flatMap(([maker]) => restartOf(maker, request.namespace))
  const [only] = left as [Pod]
  return [
    {
      code: 'migration-pods-left',
      severity: 'blocking',
      subject,
      found: `${left.length === 1 ? `pod ${only.metadata?.name} does` : `${left.length} of its pods do`} not live by the association, and would have nothing without IRSA: ${firstOf(
        makers.map(([maker, pods]) => `${maker} (${pods.length})`),
        10,
      )}`,
      remedy:
        restarts.length === makers.length
          ? mendWith('Have them made anew, and finish then.', ...restarts.slice(0, 10))
          : lookWith('Wait until those of Jobs have ended, make bare ones anew, and finish then.', list),
    },
  ]
}

const makerOf = (pod: Pod, byUid: ReadonlyMap<string | undefined, PodOwner>): string => {
  const top = topOf(pod.metadata, byUid)
  return top ? `${top.kind.toLowerCase()}/${top.name}` : `pod/${pod.metadata?.name}`
}

const restartOf = (maker: string, namespace: string): string[] =>
  /^(?:deployment|daemonset|statefulset)\//.test(maker)
    ? [command`kubectl rollout restart ${maker} -n ${namespace}`]
    : []

/** Pods that IRSA gave one role get another by the association, and that is no migration of the same thing. */
const otherRole = (facts: MigrationFacts, today: string): Finding[] => {
  const { role, targetRole, account, cluster, region, namespace, serviceAccount } = facts.request
  if (today === role || today === targetRole) return []
  const subject = subjectOf(facts)
  const its = today.split(':')[4]
  if (its !== undefined && its !== account)
    return [
      {
        code: 'irsa-role-other-account',
        severity: 'warning',
        subject,
        found: `IRSA gives its pods ${today} of account ${its}, and an association takes a role of ${account} alone: ${role} is another one`,
        remedy: advise(
          `Have a role of ${account} assume it on the pods' behalf; this shows what that takes: ${command`podid plan --migrate irsa --cluster ${cluster} --region ${region} -n ${namespace} --service-account ${serviceAccount} --role ${role} --target-role ${today}`}`,
        ),
      },
    ]
  return [
    {
      code: 'irsa-role-differs',
      severity: 'warning',
      subject,
      found: `IRSA gives its pods ${today}, and the association is to give them ${role}`,
      remedy: advise(
        `Write ${today} as role in the request, if its pods are to keep the role that they have.`,
      ),
    },
  ]
}

/** Whoever applies the ServiceAccount with its annotation puts it back. */
const writtenBack = (facts: MigrationFacts, role: string | undefined): Finding[] => {
  const manager = managerOf(facts.serviceAccount?.metadata)
  return role === undefined || manager === undefined
    ? []
    : [
        {
          code: 'annotation-managed',
          severity: 'warning',
          subject: subjectOf(facts),
          found: `${manager} has written its annotation ${irsaAnnotation}, and puts it back the next time it is applied`,
          remedy: advise(
            'Take it out there too; until then it does no harm, as the association comes before it.',
          ),
        },
      ]
}

/** Who keeps an object as it is declared elsewhere; undefined where only people and podid have written it. */
const managerOf = (metadata: ObjectMeta | undefined): string | undefined => {
  const managed = metadata?.labels?.['app.kubernetes.io/managed-by']
  if (managed) return managed
  const tracking = metadata?.annotations?.['argocd.argoproj.io/tracking-id']
  if (tracking) return 'Argo CD'
  return metadata?.labels?.['kustomize.toolkit.fluxcd.io/name'] ? 'Flux' : undefined
}
