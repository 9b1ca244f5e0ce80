import { expect, it } from 'vitest'
import { unseenLines } from '../../../cli/look/unseen.ts'

const user = 'arn:aws:sts::123456789012:assumed-role/viewer/me'
const refused = (what: string, role: string, file: string, cluster = 'shop') =>
  `${what} (list ${what} on cluster ${cluster}: 403 Forbidden: ${what}.apps is forbidden: User "${user}" cannot list resource "${what}" in API group "apps" at the cluster scope. The rule { apiGroups: [apps], resources: [${what}], verbs: [list] } is missing for the whole cluster: the role ${role} in manifests/base/${file} has it. Apply manifests/ …`
const pods = refused('pods', 'podid-nodes', 'agent.yaml')
const jobs = refused('jobs', 'podid-environment', 'roles.yaml')
/** As a long message loses its end. */
const cut = refused('deployments', 'podid-workload', 'roles.yaml').replace(/\.yaml has.*/, '…')
const down = 'pods (list pods on cluster data: connect ECONNREFUSED)'

it.each<[why: string, unseen: string[], lines: string[]]>([
  ['nothing', [], []],
  ['one refusal stays as it is, with its rule', [pods], [`could not look at ${pods}`]],
  [
    'several of one cluster are one line',
    [pods, jobs, cut],
    [
      `could not look at pods, jobs, deployments on cluster shop: ${user} may not, by the cluster’s RBAC (403 Forbidden). The rules are missing for the whole cluster; these roles have them: podid-nodes (manifests/base/agent.yaml), podid-environment (manifests/base/roles.yaml). Apply manifests/, and give the caller’s access entry their groups`,
    ],
  ],
  [
    'where no message has its role, none is named',
    [cut, cut.replaceAll('deployments', 'jobs')],
    [
      `could not look at deployments, jobs on cluster shop: ${user} may not, by the cluster’s RBAC (403 Forbidden)`,
    ],
  ],
  [
    'what fails otherwise, and another cluster, are told by themselves',
    [pods, down, refused('pods', 'podid-nodes', 'agent.yaml', 'data')],
    [pods, refused('pods', 'podid-nodes', 'agent.yaml', 'data'), down].map(
      (line) => `could not look at ${line}`,
    ),
  ],
])('%s', (_why, unseen, lines) => {
  expect(unseenLines(unseen).toSorted()).toEqual(lines.toSorted())
})
