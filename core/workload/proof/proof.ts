import { agentAddon } from '../../agent.ts'
import { advise, type Finding, lookWith, mendWith, type Remedy } from '../../findings.ts'
import { podIdentityService } from '../../names.ts'
import { dualStackDomainOf } from '../../partitions/partitions.ts'
import { firstOf } from '../../text/list.ts'
import { command } from '../../text/shell.ts'
import { otherCompute } from '../placement.ts'
import { formatWorkloadRef, type WorkloadRef } from '../workload.ts'
import type { PodEvidence } from './evidence.ts'

export interface ProofQuestion {
  ref: WorkloadRef
  namespace: string
  cluster: string
  region: string
  serviceAccount: string
  /** The role whose session EKS Auth is to answer: the target role's, where the association has one. */
  role: string
  evidence: readonly PodEvidence[]
}

/** What the pods' evidence comes to. */
export interface Proof {
  /** The evidence in one line, for the report's head. */
  message: string
  /** Pods that were handed another role: agents cache credentials by token, and a new pod has a new token. */
  otherRole: number
  findings: Finding[]
}

type Seen<Kind extends PodEvidence['seen']> = Extract<PodEvidence, { seen: Kind }>

const of = <Kind extends PodEvidence['seen']>(evidence: readonly PodEvidence[], kind: Kind): Seen<Kind>[] =>
  evidence.filter((one): one is Seen<Kind> => one.seen === kind)

/** Judges what was seen of pods that were all injected: a pod that is refused or out of reach is a failure. */
export const judgeEvidence = (question: ProofQuestion): Proof => {
  const { evidence } = question
  const handed = of(evidence, 'handed-out')
  const others = handed.filter(({ session }) => !isSessionOf(session, question.role))
  const refused = of(evidence, 'refused')
  const away = of(evidence, 'out-of-reach')
  const hidden = of(evidence, 'not-observable')
  return {
    message: headline(question, others),
    otherRole: others.length,
    findings: [
      ...byReason(refused).map(([reason, pods]) => refusal(question, reason, pods)),
      ...byReason(away).map(([reason, pods]) => outOfReach(question, reason, pods)),
      ...(others[0] ? [otherRole(question, others[0], others)] : []),
      ...byReason(hidden).map(([reason, pods]) => unobserved(question, reason, pods)),
    ],
  }
}

const headline = (question: ProofQuestion, others: readonly Seen<'handed-out'>[]): string => {
  const { evidence } = question
  const all = evidence.length
  const handed = of(evidence, 'handed-out').length - others.length
  const waiting = of(evidence, 'not-asked').length
  if (waiting === all)
    return `injected into ${pods(all)}; ${all === 1 ? 'it' : all === 2 ? 'neither' : 'none'} has ${all === 1 ? 'not ' : ''}asked for credentials yet`
  const hidden = of(evidence, 'not-observable')
  if (hidden.length === all)
    return `injected into ${pods(all)}; whether ${all === 1 ? 'it was' : 'they were'} handed credentials could not be seen: ${hidden[0]?.reason}`
  const refused = of(evidence, 'refused')
  const away = of(evidence, 'out-of-reach')
  const parts: [number, string][] = [
    [refused.length, `refused credentials: ${refused[0]?.reason}`],
    [away.length, `out of the agent’s reach: ${away[0]?.reason}`],
    [others.length, `handed credentials of ${others.map(({ session }) => roleIn(session)).join(', ')}`],
  ]
  return [
    ...(handed > 0
      ? [`${handed} of ${pods(all)} ${were(handed)} handed credentials of ${question.role.split('/').at(-1)}`]
      : []),
    ...parts.flatMap(([count, what]) =>
      count > 0 ? [`${count} of ${pods(all)} ${were(count)} ${what}`] : [],
    ),
    ...(waiting > 0 ? [`${waiting} injected, and ${waiting === 1 ? 'has' : 'have'} not asked yet`] : []),
    ...(hidden[0] ? [`${hidden.length} injected, and could not be observed (${hidden[0].reason})`] : []),
  ].join('; ')
}

const pods = (count: number): string => `${count} ${count === 1 ? 'pod' : 'pods'}`
const were = (count: number): string => (count === 1 ? 'was' : 'were')

/** Session and role are the same role's, by account and name: a session's ARN has no path. */
/** Whether a session, as EKS Auth named it, is one of a role. */
export const isSessionOf = (session: string, role: string): boolean =>
  session.split(':')[4] === role.split(':')[4] && roleIn(session) === role.split('/').at(-1)

const roleIn = (session: string): string => session.split('/')[1] ?? session

const byReason = <One extends { pod: string; reason: string }>(evidence: readonly One[]) =>
  [...Map.groupBy(evidence, ({ reason }) => withoutIds(reason)).values()].map((group) => {
    const some = group as [One, ...One[]]
    return [some[0].reason, some] as const
  })

/** The same refusal bears another request's id each time. */
const withoutIds = (reason: string): string =>
  reason.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '…')

const named = (some: readonly { pod: string }[]): string =>
  `${some.length === 1 ? 'pod' : 'pods'} ${firstOf(
    some.map(({ pod }) => pod),
    5,
  )}`

const refusal = (
  question: ProofQuestion,
  reason: string,
  some: readonly [Seen<'refused'>, ...Seen<'refused'>[]],
): Finding => ({
  code: 'credentials-refused',
  severity: 'blocking',
  subject: formatWorkloadRef(question.ref),
  found: `${named(some)} asked for credentials and got none; the agent ${some[0].agent} wrote at ${some[0].at}: ${reason}`,
  remedy: mendRefusal(question, reason, some[0]),
})

/** What mends a refusal, by the agent's words. Sources: the EKS Auth API's errors, and public threads about each. */
const mendRefusal = (
  { cluster, region, namespace, serviceAccount, role }: ProofQuestion,
  reason: string,
  refused: Seen<'refused'>,
): Remedy => {
  const associations = command`aws eks list-pod-identity-associations --cluster-name ${cluster} --region ${region} --namespace ${namespace} --service-account ${serviceAccount}`
  if (/eks-auth:AssumeRoleForPodIdentity/.test(reason)) {
    const nodeRole = reason.match(/assumed-role\/([\w+=,.@-]+)\//)?.[1]
    return nodeRole
      ? mendWith(
          'The node’s role may not ask EKS Auth. Give it the policy for nodes, which allows that.',
          command`aws iam attach-role-policy --role-name ${nodeRole} --policy-arn ${`arn:${role.split(':')[1]}:iam::aws:policy/AmazonEKSWorkerNodePolicy`}`,
        )
      : advise(
          'Allow eks-auth:AssumeRoleForPodIdentity to the role of the nodes (AmazonEKSWorkerNodePolicy does).',
        )
  }
  if (/Unauthorized Exception|not have permissions to assume/.test(reason))
    return lookWith(
      `EKS could not assume the role: its trust must allow ${podIdentityService} sts:AssumeRole and sts:TagSession, under conditions that fit this cluster and ServiceAccount. A changed trust takes a moment to count.`,
      command`aws iam get-role --role-name ${role.split('/').at(-1)} --query Role.AssumeRolePolicyDocument`,
    )
  if (/PackedPolicyTooLarge|packed (?:policy )?size/i.test(reason))
    return lookWith(
      'Session tags and session policy together are too large for STS. Leave the session tags out ("sessionTags": false in the request), or make the session policy shorter.',
      associations,
    )
  if (/Throttl|TooManyRequests|Rate exceeded/i.test(reason))
    return advise(
      'EKS Auth throttled the agent, which asks again by itself. Start fewer pods at once, or have the quota raised.',
    )
  if (/token is malformed|cannot be parsed/i.test(reason))
    return advise(
      'The application sent another token than the one in its file. It must send the file’s content as it is, without "Bearer" before it; AWS SDKs do.',
    )
  if (/No association|ResourceNotFound/i.test(reason))
    return lookWith(
      'EKS Auth knows no association of the pod’s ServiceAccount. See which there is.',
      associations,
    )
  if (
    /StatusCode: 0|context (?:canceled|deadline)|timeout|no such host|connection refused|dial tcp/i.test(
      reason,
    )
  )
    // EKS Auth has dual-stack addresses only. https://docs.aws.amazon.com/general/latest/gr/eks.html
    return lookWith(
      `The agent got no answer from EKS Auth within a second: the node needs a way to eks-auth.${region}.${dualStackDomainOf(region)}, by NAT or an interface endpoint whose security group and DNS let it through.`,
      command`aws ec2 describe-vpc-endpoints --region ${region} --filters ${`Name=service-name,Values=*.${region}.eks-auth`}`,
    )
  return lookWith('See what the agent wrote.', logsOf(refused.agent))
}

const logsOf = (agent: string): string => {
  const [namespace, name] = agent.split('/')
  return command`kubectl logs -n ${namespace} ${name} --since 1h`
}

/** Pods that no agent can answer, for one reason. */
export const outOfReach = (
  { ref, namespace }: Pick<ProofQuestion, 'ref' | 'namespace'>,
  reason: string,
  some: readonly { pod: string }[],
): Finding => ({
  code: 'agent-out-of-reach',
  severity: 'blocking',
  subject: formatWorkloadRef(ref),
  found: `${named(some)} cannot get credentials: ${reason}`,
  remedy: /Fargate|Windows/.test(reason)
    ? otherCompute
    : lookWith(
        'Let the agent run on every node that its pods may run on (its tolerations and node affinity decide), or keep its pods off the others.',
        command`kubectl get pods -A -o wide -l app.kubernetes.io/name=${agentAddon}`,
        command`kubectl get pods -n ${namespace} -o wide`,
      ),
})

const otherRole = (
  { ref, namespace, role }: ProofQuestion,
  first: Seen<'handed-out'>,
  some: readonly Seen<'handed-out'>[],
): Finding => ({
  code: 'credentials-of-other-role',
  severity: 'blocking',
  subject: formatWorkloadRef(ref),
  found: `${named(some)} ${were(some.length)} handed credentials of ${first.session} at ${first.at}, and the binding is for ${role}; the agent hands these out until they expire`,
  remedy: mendWith(
    'Have its pods made anew: they have new tokens, for which the agent asks anew.',
    command`kubectl rollout restart ${formatWorkloadRef(ref)} -n ${namespace}`,
  ),
})

const unobserved = (
  { ref }: ProofQuestion,
  reason: string,
  some: readonly Seen<'not-observable'>[],
): Finding => ({
  code: 'credentials-not-observable',
  severity: 'info',
  subject: formatWorkloadRef(ref),
  found: `whether ${named(some)} ${were(some.length)} handed credentials could not be seen: ${reason}. What was seen is the injection: variables, token volume and mount are in the pod`,
  remedy: /Forbidden|not allowed|denied/i.test(reason)
    ? mendWith(
        'Let VerifyCredentials look for the agent and read its logs: podid:agent-log in manifests/, and the groups of its access entry.',
        'kubectl apply -k manifests',
      )
    : advise(
        'CloudTrail tells some minutes later whether EKS assumed the role for a pod: podid verify --cloudtrail shows it, and a stage’s sweep looks there for status.',
      ),
})
