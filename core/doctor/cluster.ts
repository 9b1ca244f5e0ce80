import type { AccessEntry } from '../cluster.ts'
import { mendWith } from '../findings.ts'
import { type ClusterRight, clusterRights } from '../steps/cluster-rights.ts'
import { firstOf } from '../text/list.ts'
import { command } from '../text/shell.ts'
import { webhookRegistration } from '../workload/not-injected.ts'
import { type Check, right, wrong } from './check.ts'

/** A cluster, and how EKS lets principals in. */
export interface ClusterAccessMode {
  cluster: string
  region: string
  /** CONFIG_MAP, API_AND_CONFIG_MAP or API. */
  mode: string
}

const aboutCluster = (cluster: string, what: string): string => `cluster ${cluster}: ${what}`

export const checkMode = ({ cluster, region, mode }: ClusterAccessMode): Check => {
  const about = aboutCluster(cluster, 'authentication mode')
  if (mode !== 'CONFIG_MAP') return right(about, mode)
  return wrong(
    about,
    'CONFIG_MAP, where there are no access entries',
    mendWith(
      'Allow access entries; this cannot be taken back, and takes nothing from those of the config map.',
      command`aws eks update-cluster-config --name ${cluster} --region ${region} --access-config authenticationMode=API_AND_CONFIG_MAP`,
    ),
  )
}

/** Whether each function that calls clusters is let in, as a member of its groups. */
export const checkEntries = (
  { cluster, region }: ClusterAccessMode,
  wanted: readonly AccessEntry[],
  found: ReadonlyMap<string, AccessEntry | undefined>,
  { createAccessEntries, mode }: { createAccessEntries: boolean; mode: string },
): Check => {
  const about = aboutCluster(cluster, 'access entries')
  const lacking = wanted.flatMap((entry) => {
    const there = found.get(entry.principalArn)
    const groups = entry.kubernetesGroups.filter((group) => !there?.kubernetesGroups.includes(group))
    return groups.length === 0 ? [] : [{ entry, there, groups }]
  })
  if (lacking.length === 0)
    return right(about, `all ${wanted.length}, with their groups (DescribeAccessEntry for each function)`)
  if (createAccessEntries && mode !== 'CONFIG_MAP' && lacking.every(({ there }) => !there))
    return right(
      about,
      `${lacking.length} of ${wanted.length} are not there; runs make them (clusters.createAccessEntries)`,
    )
  const nameOf = ({ principalArn }: AccessEntry): string => principalArn.split('/').at(-1) ?? principalArn
  return wrong(
    about,
    `${lacking.length} of ${wanted.length} are not as they should be: ${firstOf(
      lacking.map(({ entry, there, groups }) =>
        there ? `${nameOf(entry)} lacks ${groups.join(', ')}` : `${nameOf(entry)} has none`,
      ),
      5,
    )}`,
    mendWith(
      'Make or change them. A role has to be there before its entry: the stage is deployed first.',
      ...lacking.map(({ entry, there }) => {
        const verb = there ? 'update-access-entry' : 'create-access-entry'
        const groups = [...new Set([...(there?.kubernetesGroups ?? []), ...entry.kubernetesGroups])]
        return command`aws eks ${verb} --cluster-name ${cluster} --region ${region} --principal-arn ${entry.principalArn} --kubernetes-groups ${groups}`
      }),
    ),
  )
}

/** A question for the API server: may members of a group do this? */
export interface AccessQuestion {
  group: string
  right: ClusterRight
  verb: string
  apiGroup: string
  resource: string
  subresource?: string
  /** Where the rule is about one object alone. */
  name?: string
  namespace?: string
}

/** The group that a role of manifests/ is bound to. */
const groupOf = ({ role }: ClusterRight): string =>
  role === 'podid-nodes' ? 'podid:agent' : role.replace('podid-', 'podid:')

/** What is bound only where somebody chose a component. */
const optional = new Set(['podid-pod-deletion'])

/** Every rule of manifests/ for its group, in each namespace with workloads, in the agent's, and for the cluster. */
export const accessQuestions = (namespaces: readonly string[]): AccessQuestion[] =>
  clusterRights
    .filter(({ role }) => !optional.has(role))
    .flatMap((one) => {
      const places =
        one.scope === 'workloads' ? namespaces : one.scope === 'kube-system' ? ['kube-system'] : [undefined]
      return places.flatMap((namespace) =>
        one.grants.map((grant): AccessQuestion => {
          const [path = '', verb = ''] = grant.split(' ')
          const [apiGroup = '', resource = '', subresource] = path.split('/')
          return {
            group: groupOf(one),
            right: one,
            verb,
            apiGroup,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(namespace === undefined ? {} : { namespace }),
            ...(one.role === 'podid-webhook' ? { name: webhookRegistration } : {}),
          }
        }),
      )
    })

/** What a run does without a group, where it can do without it. */
const without: Readonly<Record<string, string>> = {
  'podid:probe': 'runs wait a fixed time in place of probing the webhook',
  'podid:agent-log': 'runs do not see to whom the agent handed out credentials',
  'podid:webhook': 'runs do not see how the webhook is registered',
}

/**
 * Whether RBAC lets podid's groups do what the functions ask. `denied`: the questions that were answered with no. `byPattern`: how many
 * bindings name their namespaces by pattern, which are not asked for.
 */
export const checkRbac = (
  { cluster }: Pick<ClusterAccessMode, 'cluster'>,
  asked: readonly AccessQuestion[],
  denied: readonly AccessQuestion[],
  byPattern: number,
): Check => {
  const about = aboutCluster(cluster, 'RBAC')
  const namespaces = [
    ...new Set(
      asked.flatMap(({ right: { scope }, namespace }) =>
        scope === 'workloads' && namespace ? [namespace] : [],
      ),
    ),
  ]
  const where =
    namespaces.length > 0
      ? `in ${firstOf(namespaces, 5)}, kube-system and the cluster`
      : 'in kube-system and the cluster'
  const left = byPattern > 0 ? `; namespaces of ${byPattern} bindings by pattern not looked at` : ''
  const looked = `${asked.length} rules of podid's groups asked for ${where} (SubjectAccessReview)${left}`
  if (denied.length === 0) return right(about, `${looked}, all allowed`)
  const groups = [...Map.groupBy(denied, ({ group, namespace }) => `${group} ${namespace}`)].flatMap(
    ([, rules]) =>
      rules.slice(0, 1).map(({ group, namespace }) => {
        const note = without[group] ? ` (${without[group]})` : ''
        return `${group} lacks ${rules.length} ${namespace ? `in ${namespace}` : 'for the cluster'}${note}`
      }),
  )
  const inNamespaces = [
    ...new Set(
      denied.flatMap(({ right: { scope }, namespace }) =>
        scope === 'workloads' && namespace ? [namespace] : [],
      ),
    ),
  ]
  return wrong(
    about,
    `${looked}, ${denied.length} of them denied: ${firstOf(groups, 8)}`,
    mendWith(
      `In a clone of podid, with kubectl's context on ${cluster}: apply the roles, and bind them where the workloads are.`,
      'kubectl apply -k manifests/base',
      ...inNamespaces.map((namespace) => command`kubectl apply -k manifests/namespace -n ${namespace}`),
    ),
  )
}
