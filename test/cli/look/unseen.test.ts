import { expect, it } from 'vitest'
import { ApiFailure, restateKubernetesError } from '../../../adapters/kubernetes/errors.ts'
import { type Unseen, unseenBy } from '../../../adapters/kubernetes/explain.ts'
import { unseenLines } from '../../../cli/look/unseen.ts'

const me = 'arn:aws:sts::123456789012:assumed-role/viewer/me'

/** What comes of an answer of the API server, in the words of k8s.io/apiserver. */
const answered = (what: string, status: number, message: string): Unseen =>
  unseenBy(
    what,
    restateKubernetesError(
      { verb: 'list', subject: what, cluster: 'shop' },
      new ApiFailure(status, status === 403 ? 'Forbidden' : '', message),
    ),
  )
const refused = (
  what: string,
  {
    group = '',
    scope = 'at the cluster scope',
    user = me,
  }: { group?: string; scope?: string; user?: string } = {},
): Unseen =>
  answered(
    what,
    403,
    `${what} is forbidden: User "${user}" cannot list resource "${what}" in API group "${group}" ${scope}`,
  )
const nodes = refused('nodes')
const jobs = refused('jobs', { group: 'batch', scope: 'in the namespace "shop"' })
/** No role of manifests/ has it, since podid needs it for nothing. */
const widgets = refused('widgets', { group: 'example.com' })
const down = answered('pods', 503, 'the server is currently unable to handle the request')
const may = (user: string) => `on cluster shop: ${user} may not, by the cluster’s RBAC (403 Forbidden)`
const whole = ({ what, why }: Unseen) => `could not look at ${what} (${why})`

it.each<[why: string, unseen: Unseen[], lines: string[]]>([
  ['nothing', [], []],
  ['one refusal stays as it is, with its rule', [nodes], [whole(nodes)]],
  [
    'several of one caller are one line, with each role and scope once',
    [nodes, jobs, refused('daemonsets', { group: 'apps' }), widgets],
    [
      `could not look at nodes, jobs, daemonsets, widgets ${may(me)}. The rules are missing for the whole cluster, in namespace shop; these roles have them: podid-nodes (manifests/base/agent.yaml:8, manifests/base/agent.yaml:15), podid-environment (manifests/base/roles.yaml:34). Apply manifests/, and give the caller’s access entry the groups podid:agent, podid:environment`,
    ],
  ],
  [
    'where no role has the rules, none is named',
    [widgets, refused('gadgets')],
    [`could not look at widgets, gadgets ${may(me)}`],
  ],
  [
    'what fails otherwise is told by itself',
    [nodes, down, widgets],
    [
      whole(down),
      `could not look at nodes, widgets ${may(me)}. The rules are missing for the whole cluster; these roles have them: podid-nodes (manifests/base/agent.yaml:8). Apply manifests/, and give the caller’s access entry the group podid:agent`,
    ],
  ],
  [
    'one reason for all of it',
    [
      { what: 'pods', why: 'signing a token failed' },
      { what: 'jobs', why: 'signing a token failed' },
      { what: 'nodes', why: 'it took too long' },
    ],
    ['could not look at pods, jobs (signing a token failed)', 'could not look at nodes (it took too long)'],
  ],
  [
    'what is refused to another caller too',
    [nodes, refused('jobs', { user: 'other' })],
    [whole(nodes), whole(refused('jobs', { user: 'other' }))],
  ],
  [
    'a refusal that does not say who lacks what',
    [answered('pods', 403, 'denied by policy'), answered('jobs', 403, 'denied by policy')],
    [whole(answered('pods', 403, 'denied by policy')), whole(answered('jobs', 403, 'denied by policy'))],
  ],
])('%s', (_why, unseen, lines) => {
  expect(unseenLines('shop', unseen)).toEqual(lines)
})

it('says the whole of a long refusal, with what is to be done at its end', () => {
  const [line] = unseenLines('shop', [
    refused('nodes', { user: `arn:aws:sts::123456789012:assumed-role/${'r'.repeat(300)}/me` }),
  ])
  expect(line).toContain(
    'the role podid-nodes has it (manifests/base/agent.yaml:8). Apply manifests/ to the cluster and its namespace, and give the caller’s access entry the group podid:agent',
  )
})
