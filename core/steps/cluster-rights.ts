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

/** A role of manifests/, where it counts, and what it grants. test/core/steps/cluster-rights.test.ts holds it to the files. */
export interface ClusterRight {
  role: string
  /** Whose access entries get it. */
  group: string
  file: string
  scope: 'workloads' | 'kube-system' | 'cluster'
  /** `apps/deployments get` */
  grants: readonly string[]
  /** The line of the file at which the rule of each of these begins. */
  lines: ReadonlyMap<string, number>
}

const kinds = ['deployments', 'daemonsets', 'statefulsets']
const each = (verb: string, resources: readonly string[], group = 'apps'): string[] =>
  resources.map((resource) => `${group}/${resource} ${verb}`)

/** @param rules what each grants, by the line at which it begins */
const right = (
  role: string,
  file: string,
  scope: ClusterRight['scope'],
  rules: Readonly<Record<number, readonly string[]>>,
  group = role.replace('-', ':'),
): ClusterRight => {
  const lines = Object.entries(rules).flatMap(([line, grants]) =>
    grants.map((grant) => [grant, Number(line)] as const),
  )
  return { role, group, file, scope, grants: lines.map(([grant]) => grant), lines: new Map(lines) }
}

const roles = 'manifests/base/roles.yaml'
const agent = 'manifests/base/agent.yaml'
const webhooks = 'admissionregistration.k8s.io/mutatingwebhookconfigurations'

export const clusterRights: readonly ClusterRight[] = [
  right('podid-workload', roles, 'workloads', {
    11: each('get', kinds),
    14: each('list', ['replicasets', 'controllerrevisions']),
    17: ['/pods list'],
  }),
  right('podid-environment', roles, 'workloads', {
    28: each('get', ['serviceaccounts', 'configmaps'], ''),
    31: each('list', kinds),
    34: each('list', ['jobs', 'cronjobs'], 'batch'),
  }),
  right('podid-rollout', roles, 'workloads', {
    44: [...each('list', kinds), ...each('watch', kinds)],
    47: ['/pods watch'],
  }),
  right('podid-diagnosis', roles, 'workloads', { 57: ['/events list'], 60: ['/pods/log get'] }),
  right('podid-probe', roles, 'workloads', { 71: ['/pods create'] }),
  right('podid-restart', roles, 'workloads', { 81: each('patch', kinds) }),
  right('podid-service-account', roles, 'workloads', { 93: ['/serviceaccounts patch'] }),
  right('podid-pod-deletion', 'manifests/pod-deletion/role.yaml', 'workloads', { 9: ['/pods delete'] }),
  right(
    'podid-nodes',
    agent,
    'cluster',
    { 8: ['/nodes list'], 12: ['/pods list'], 15: ['apps/daemonsets list'] },
    'podid:agent',
  ),
  right('podid-agent', agent, 'kube-system', { 38: ['apps/daemonsets list'], 41: ['/pods list'] }),
  right('podid-agent-log', 'manifests/base/agent-log.yaml', 'kube-system', { 9: ['/pods/log get'] }),
  right('podid-webhook', 'manifests/base/webhook.yaml', 'cluster', { 10: [`${webhooks} get`] }),
  right('podid-names', 'manifests/base/names.yaml', 'cluster', {
    8: ['/namespaces list'],
    11: ['/serviceaccounts list'],
  }),
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

/** A role that grants a rule, and where that rule begins: `manifests/base/roles.yaml:11`. */
export interface GrantedBy extends Pick<ClusterRight, 'role' | 'group'> {
  at: string
}

/** What of manifests/ grants a rule; undefined where nothing does, since podid needs it for nothing. */
export const grantedBy = ({
  verb,
  resource,
  apiGroup,
  namespace,
}: Omit<LackingRule, 'user'>): GrantedBy | undefined => {
  const grant = `${apiGroup}/${resource} ${verb}`
  const fitting = clusterRights.filter(({ grants }) => grants.includes(grant))
  const scope = namespace === undefined ? 'cluster' : namespace === 'kube-system' ? namespace : undefined
  // Those that count where workloads are come first.
  const found = fitting.find((one) => one.scope === scope) ?? fitting[0]
  return found && { role: found.role, group: found.group, at: `${found.file}:${found.lines.get(grant)}` }
}

/** A rule as a manifest has it: `{ apiGroups: [apps], resources: [deployments], verbs: [get] }`. */
export const ruleText = ({ verb, resource, apiGroup }: Omit<LackingRule, 'user'>): string =>
  `{ apiGroups: [${apiGroup || "''"}], resources: [${resource}], verbs: [${verb}] }`
