import { podIdentityService } from '../../../core/names.ts'
import type { Context } from '../../../core/policy/evaluate.ts'
import { type SentFor, sentContext } from '../../../core/role/trust/sent.ts'
import type { Account } from '../account/account.ts'
import type { Association } from '../account/associations.ts'
import type { TrailEvent } from '../account/event-history.ts'
import type { RoleSession } from '../account/principals.ts'
import type { PolicyAuthorizer, RequestContext } from '../authorization.ts'
import { trustsPrincipal, trustsService } from '../trust.ts'

/** The pod for which an agent asks. */
export interface PodSession {
  cluster: string
  namespace: string
  serviceAccount: string
  pod: { name: string; uid: string }
}

/** What the agent gets for a pod: a session of the role, or the error that its answer shows. */
export type PodCredentials =
  | { session: RoleSession; association: Association }
  | { error: string; association?: Association }

const UNAUTHORIZED = 'Unauthorized Exception! EKS does not have permissions to assume the associated role.'

/** Does what `eks-auth:AssumeRoleForPodIdentity` does, and leaves in the event history what EKS's AssumeRole leaves there. */
export const assumeForPod = (
  account: Account,
  authorizer: PolicyAuthorizer,
  pod: PodSession,
): PodCredentials => {
  const answer = sessionForPod(account, authorizer, pod)
  if ('session' in answer) {
    const { roleArn, disableSessionTags } = answer.association
    account.history.record(assumption(account, pod, roleArn, answer.session.sessionName, !disableSessionTags))
  }
  return answer
}

/** The event as CloudTrail has it, with the session token that nobody is to read. */
const assumption = (
  account: Account,
  pod: PodSession,
  roleArn: string,
  roleSessionName: string,
  tagged: boolean,
): TrailEvent => ({
  name: 'AssumeRole',
  at: account.now().getTime(),
  resources: [roleArn],
  detail: {
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    userIdentity: { type: 'AWSService', invokedBy: podIdentityService },
    requestParameters: {
      roleArn,
      roleSessionName,
      durationSeconds: 21_600,
      ...(tagged && {
        tags: Object.entries(sessionTags(account, pod)).map(([key, value]) => ({ key, value })),
        transitiveTagKeys: Object.keys(sessionTags(account, pod)),
      }),
    },
    responseElements: {
      credentials: { accessKeyId: 'ASIAEXAMPLE', sessionToken: 'a-session-token-that-nobody-reads' },
    },
    resources: [{ accountId: account.accountId, type: 'AWS::IAM::Role', ARN: roleArn }],
  },
})

/** Conditions of the trust policy included. */
const sessionForPod = (account: Account, authorizer: PolicyAuthorizer, pod: PodSession): PodCredentials => {
  const association = account.associations.find(pod.cluster, pod.namespace, pod.serviceAccount)
  if (!association)
    return {
      error: `No association found for service account ${pod.serviceAccount} in namespace ${pod.namespace}`,
    }
  const role = account.roleByArn(association.roleArn)
  if (!role) return { error: UNAUTHORIZED, association }
  const tags = association.disableSessionTags ? {} : sessionTags(account, pod)
  const name = sessionName(pod)
  // CloudTrail shows all of them under transitiveTagKeys.
  const handedOn = { tags, transitive: Object.keys(tags) }
  const sent: SentFor = {
    cluster: { name: pod.cluster, arn: account.clusterArn(pod.cluster) },
    account: account.accountId,
    namespace: pod.namespace,
    serviceAccount: pod.serviceAccount,
    sessionTags: !association.disableSessionTags,
    pod: pod.pod,
    sessionName: name,
  }
  const context = complete(sentContext('service', sent, []))
  const actions = association.disableSessionTags ? ['sts:AssumeRole'] : ['sts:AssumeRole', 'sts:TagSession']
  if (!actions.every((action) => trustsService({ trust: role.trust, action, context }, podIdentityService)))
    return { error: UNAUTHORIZED, association }
  const policy = association.policy ? { policy: association.policy } : {}
  if (!association.targetRoleArn)
    return { session: account.session(role.arn, name, { ...handedOn, ...policy }), association }
  const first = account.session(role.arn, name, handedOn)
  const session = assumeTarget(account, authorizer, first, association, sent)
  return session ? { session: { ...session, ...policy }, association } : { error: UNAUTHORIZED, association }
}

/** The second step of an association with a target role: the first role's session assumes it. */
const assumeTarget = (
  account: Account,
  authorizer: PolicyAuthorizer,
  first: RoleSession,
  { targetRoleArn = '' }: Association,
  sent: SentFor,
): RoleSession | undefined => {
  const target = account.roleByArn(targetRoleArn)
  if (!target) return undefined
  const tags = Object.fromEntries(account.roleByArn(first.roleArn)?.tags ?? [])
  const role = { arn: first.roleArn, tags }
  const chained = complete(sentContext('role', { ...sent, role }, []))
  const actions =
    Object.keys(first.tags).length > 0 ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole']
  const allowed = actions.every((action) => {
    const trust = trustsPrincipal({ trust: target.trust, action, context: chained }, first, account.accountId)
    const { decision } = authorizer.decide(first, { action, resource: target.arn })
    return decision === 'allowed' ? trust !== 'no' : decision === 'implicitDeny' && trust === 'named'
  })
  return allowed
    ? account.session(target.arn, first.sessionName, {
        tags: first.tags,
        transitive: Object.keys(first.tags),
      })
    : undefined
}

/** A request lacks what nobody put into it. */
const complete = (context: Context): RequestContext =>
  Object.fromEntries(Object.entries(context).map(([key, value]) => [key, value ?? null]))

/** The tags that EKS gives every session, unless the association turns them off. */
const sessionTags = (account: Account, pod: PodSession): Record<string, string> => ({
  'eks-cluster-arn': account.clusterArn(pod.cluster),
  'eks-cluster-name': pod.cluster,
  'kubernetes-namespace': pod.namespace,
  'kubernetes-service-account': pod.serviceAccount,
  'kubernetes-pod-name': pod.pod.name,
  'kubernetes-pod-uid': pod.pod.uid,
})

/** `eks-CLUSTER-POD-UUID` with ten characters of cluster and pod, as public logs of the agent have it. */
const sessionName = ({ cluster, pod }: PodSession): string => {
  const readable = `eks-${cluster.slice(0, 10)}-${pod.name.slice(0, 10)}`
  return `${readable}-${pod.uid.replace(/[^\w+=,.@-]/g, '')}`.slice(0, 64)
}
