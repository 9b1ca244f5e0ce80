/** A rule of RBAC that somebody lacks, as the API server names it. */
export interface LackingRule {
  /** Who lacks it, as the cluster knows the caller. */
  user: string
  verb: string
  /** `deployments`, `pods/log` */
  resource: string
  /** Empty for the core group. */
  apiGroup: string
  /** Undefined at the scope of the cluster. */
  namespace: string | undefined
}

/** A role of manifests/, where it counts, and what it grants: `apps/deployments get`. test/core/steps/cluster-rights.test.ts holds it to the files. */
export interface ClusterRight {
  role: string
  file: string
  scope: 'workloads' | 'kube-system' | 'cluster'
  grants: readonly string[]
}

const kinds = ['deployments', 'daemonsets', 'statefulsets']
const each = (verb: string, resources: readonly string[], group = 'apps'): string[] =>
  resources.map((resource) => `${group}/${resource} ${verb}`)

export const clusterRights: readonly ClusterRight[] = [
  {
    role: 'podid-workload',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: [...each('get', kinds), ...each('list', ['replicasets', 'controllerrevisions']), '/pods list'],
  },
  {
    role: 'podid-environment',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: [
      ...each('get', ['serviceaccounts', 'configmaps'], ''),
      ...each('list', kinds),
      ...each('list', ['jobs', 'cronjobs'], 'batch'),
    ],
  },
  {
    role: 'podid-rollout',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: [...each('list', kinds), ...each('watch', kinds), '/pods watch'],
  },
  {
    role: 'podid-diagnosis',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: ['/events list', '/pods/log get'],
  },
  {
    role: 'podid-probe',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: ['/pods create'],
  },
  {
    role: 'podid-restart',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: each('patch', kinds),
  },
  {
    role: 'podid-service-account',
    file: 'manifests/base/roles.yaml',
    scope: 'workloads',
    grants: ['/serviceaccounts patch'],
  },
  {
    role: 'podid-pod-deletion',
    file: 'manifests/pod-deletion/role.yaml',
    scope: 'workloads',
    grants: ['/pods delete'],
  },
  {
    role: 'podid-nodes',
    file: 'manifests/base/agent.yaml',
    scope: 'cluster',
    grants: ['/nodes list', '/pods list', 'apps/daemonsets list'],
  },
  {
    role: 'podid-agent',
    file: 'manifests/base/agent.yaml',
    scope: 'kube-system',
    grants: ['apps/daemonsets list', '/pods list'],
  },
  {
    role: 'podid-agent-log',
    file: 'manifests/base/agent-log.yaml',
    scope: 'kube-system',
    grants: ['/pods/log get'],
  },
  {
    role: 'podid-webhook',
    file: 'manifests/base/webhook.yaml',
    scope: 'cluster',
    grants: ['admissionregistration.k8s.io/mutatingwebhookconfigurations get'],
  },
  {
    role: 'podid-names',
    file: 'manifests/base/names.yaml',
    scope: 'cluster',
    grants: ['/namespaces list', '/serviceaccounts list'],
  },
]

/**
 * The rule that a refusal of the API server is about; undefined where it is about something else.
 * @param message as k8s.io/apiserver words it: `User "u" cannot get resource "pods" in API group "" in the namespace "n"`
 */
export const lackingRule = (message: string): LackingRule | undefined => {
  const found =
    /User "(?<user>(?:[^"\\]|\\.)*)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)" in API group "(?<apiGroup>[^"]*)" (?:in the namespace "(?<namespace>[^"]+)"|at the cluster scope)/.exec(
      message,
    )
  return found ? ({ ...found.groups } as unknown as LackingRule) : undefined
}

/** The role of manifests/ that grants a rule; undefined where none does, since podid needs it for nothing. */
export const grantedBy = ({
  verb,
  resource,
  apiGroup,
  namespace,
}: Omit<LackingRule, 'user'>): ClusterRight | undefined => {
  const fitting = clusterRights.filter(({ grants }) => grants.includes(`${apiGroup}/${resource} ${verb}`))
  const scope = namespace === undefined ? 'cluster' : namespace === 'kube-system' ? namespace : undefined
  // Those that count where workloads are come first.
  return fitting.find((right) => right.scope === scope) ?? fitting[0]
}

/** A rule as a manifest has it: `{ apiGroups: [apps], resources: [deployments], verbs: [get] }`. */
export const ruleText = ({ verb, resource, apiGroup }: Omit<LackingRule, 'user'>): string =>
  `{ apiGroups: [${apiGroup || "''"}], resources: [${resource}], verbs: [${verb}] }`
