import { type AgentFacts, assessAgent } from '../../../core/agent.ts'
import { notChecked } from '../../../core/cluster.ts'
import type { PodEvidence } from '../../../core/workload/proof/evidence.ts'
import { judgeEvidence } from '../../../core/workload/proof/proof.ts'
import { resources } from '../../../local/kubernetes/store/resources.ts'
import { roleArn, workshop } from '../../../local/scenarios/workshop/index.ts'
import type { Workshop } from '../../support/run.ts'
import {
  associated,
  firstPods,
  granting,
  nameOf,
  namespace,
  policy,
  type Row,
  type Rows,
  ref,
} from './row.ts'

const agentFacts = ({ aws }: Workshop): AgentFacts => ({
  cluster: workshop.cluster,
  region: aws.region,
  autoMode: false,
  addon: { status: 'ACTIVE', version: 'v1.3.10-eksbuild.2', issues: [] },
  daemonSets: [],
  nodes: [],
})
const nodesOf = ({ cluster: { store } }: Workshop) =>
  store.list(resources.nodes).map(({ metadata: { name } }) => ({ name, covered: false }))

const proof =
  (evidenceOf: (pods: readonly string[], world: Workshop) => PodEvidence[]): NonNullable<Row['findings']> =>
  (world) =>
    judgeEvidence({
      ref,
      namespace,
      cluster: workshop.cluster,
      region: world.aws.region,
      serviceAccount: workshop.serviceAccount,
      role: roleArn(world.aws.state),
      evidence: evidenceOf(firstPods(world).map(nameOf), world),
    }).findings

const agentPod = ({ cluster: { store } }: Workshop): string =>
  `kube-system/${store.list(resources.pods, { namespace: 'kube-system' })[0]?.metadata.name}`

const refused = (reason: string) =>
  proof((pods, world) =>
    pods.map((pod) => ({
      pod,
      node: null,
      seen: 'refused',
      agent: agentPod(world),
      at: '2026-11-26T00:00:00Z',
      reason,
    })),
  )

const nodePolicy = 'arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy'

/** What the checks of cluster, agent and association find. */
export const clusterRows = {
  'cluster-missing': [{ why: 'no cluster', input: { cluster: 'eks-other' }, looks: true }],
  'cluster-unusable': [{ why: 'a failed cluster', scenario: 'cluster-failed', looks: true }],
  'cluster-not-checked': [
    {
      why: 'a cluster that a sweep does not reach',
      looks: true,
      findings: ({ aws }) => [
        notChecked({ name: workshop.cluster, region: aws.region }, new Error('connect ETIMEDOUT')),
      ],
    },
  ],
  'agent-missing': [{ why: 'no agent', scenario: 'agent-missing' }],
  'agent-not-looked-for': [
    {
      why: 'DaemonSets that podid may list in one namespace alone',
      findings: (world) => {
        const granted = world.cluster.store.get(resources.clusterroles, undefined, 'podid-nodes')
        return assessAgent(
          { ...agentFacts(world), addon: undefined, ...(!granted && { only: 'kube-system' }) },
          { install: true },
        ).findings
      },
    },
  ],
  'agent-port-taken': [
    {
      why: 'a pod that holds the port of the agent',
      looks: true,
      findings: (world) =>
        assessAgent(
          { ...agentFacts(world), addon: undefined, portHolders: ['carts/ingress on ip-10-42-100-65'] },
          { install: true },
        ).findings,
    },
  ],
  'agent-unhealthy': [
    { why: 'a degraded agent', scenario: 'agent-degraded' },
    {
      why: 'an add-on on its way out',
      looks: true,
      findings: (world) =>
        assessAgent(
          { ...agentFacts(world), addon: { status: 'DELETING', version: 'v1.3.10-eksbuild.2', issues: [] } },
          { install: false },
        ).findings,
    },
  ],
  'agent-without-nodes': [
    {
      why: 'no node',
      looks: true,
      findings: (world) => assessAgent(agentFacts(world), { install: false }).findings,
    },
  ],
  'agent-not-ready': [
    {
      why: 'no node with a ready agent',
      looks: true,
      findings: (world) =>
        assessAgent({ ...agentFacts(world), nodes: nodesOf(world) }, { install: false }).findings,
    },
  ],
  'agent-incomplete': [{ why: 'a node without agent', scenario: 'agent-incomplete', looks: true }],
  'association-differs': [
    { why: 'an association with another role', scenario: 'association-other-role' },
    { why: 'an association without session tags', change: associated({ disableSessionTags: true }) },
    {
      why: 'an association with another session policy',
      change: associated({ disableSessionTags: true, policy: policy(granting('dynamodb:GetItem', '*')) }),
      input: { sessionTags: false, sessionPolicy: policy(granting('dynamodb:*', '*')) },
    },
    {
      why: 'an association without the session policy',
      change: associated({ disableSessionTags: true }),
      input: { sessionTags: false, sessionPolicy: policy(granting('dynamodb:*', '*')), replace: true },
    },
  ],
  'association-target-role-stays': [
    {
      why: 'an association with a target role',
      change: associated({ targetRoleArn: 'arn:aws:iam::999988887777:role/target' }),
      input: { replace: true },
    },
  ],
  'association-owned-by-addon': [{ why: 'an add-on’s association', scenario: 'association-of-addon' }],
  'agent-out-of-reach': [
    {
      why: 'pods on a node without an agent',
      looks: true,
      findings: proof((pods) =>
        pods.map((pod) => ({ pod, node: null, seen: 'out-of-reach', reason: 'no agent is on its node' })),
      ),
    },
  ],
  'credentials-not-observable': [
    {
      why: 'logs of the agent that podid may not read',
      findings: proof((pods, { cluster: { store } }) =>
        store.get(resources.roles, 'kube-system', 'podid-agent-log')
          ? []
          : pods.map((pod) => ({
              pod,
              node: null,
              seen: 'not-observable',
              reason: 'Forbidden',
              later: false,
            })),
      ),
    },
  ],
  'credentials-of-other-role': [
    {
      why: 'credentials that the agent has of another role',
      scenario: 'association-same-role',
      findings: proof((pods, world) =>
        pods.map((pod) => ({
          pod,
          node: null,
          seen: 'handed-out',
          agent: agentPod(world),
          session: 'arn:aws:sts::123456789012:assumed-role/other/eks-eks-worksh-carts-1',
          at: '2026-11-26T00:00:00Z',
        })),
      ),
    },
  ],
  'credentials-refused': [
    {
      why: 'nodes that may not ask EKS Auth',
      findings: (world) =>
        world.aws.state.roles.get(workshop.nodeRole)?.attached.has(nodePolicy)
          ? []
          : refused(
              `User: arn:aws:sts::123456789012:assumed-role/${workshop.nodeRole}/i-0123 is not authorized to perform: eks-auth:AssumeRoleForPodIdentity`,
            )(world),
    },
    {
      why: 'a trust that refuses EKS',
      looks: true,
      findings: refused(
        'Unauthorized Exception! EKS does not have permissions to assume the associated role.',
      ),
    },
    {
      why: 'tags that are too large',
      looks: true,
      findings: refused('PackedPolicyTooLarge: 104% of the packed size'),
    },
    {
      why: 'no association',
      looks: true,
      findings: refused('ResourceNotFoundException: No association found'),
    },
    {
      why: 'no way to EKS Auth',
      unserved: /ec2|DescribeVpcEndpoints/i,
      looks: true,
      findings: refused('StatusCode: 0, dial tcp: i/o timeout'),
    },
    { why: 'anything else', looks: true, findings: refused('InternalServerException') },
  ],
} satisfies Rows
