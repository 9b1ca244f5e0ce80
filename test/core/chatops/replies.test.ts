import { expect, it } from 'vitest'
import type { Requester } from '../../../core/chatops/access.ts'
import { helpText, startedText, statusText } from '../../../core/chatops/replies.ts'
import type { Config } from '../../../core/config.ts'

const grant = { users: [], groups: [], callers: [], clusters: ['*'], namespaces: ['*'] }
const config = {
  bindings: {
    carts: { cluster: 'shop-1', namespace: 'carts' },
    orders: { cluster: 'shop-*', namespace: 'orders' },
    secret: { cluster: 'bank-1', namespace: 'pay' },
  },
  access: [
    { ...grant, users: ['U0ADA'], may: ['enable', 'plan', 'approve'], clusters: ['dev', 'shop-1'] },
    { ...grant, users: ['U0BOB'], may: ['plan', 'status'], namespaces: ['orders'] },
    { ...grant, callers: ['ci'], may: ['enable'], clusters: ['*-1'], namespaces: ['pay'] },
  ],
} as unknown as Config

const help = (bindings: string): string => `*EKS Pod Identity for workloads*
\`/podid plan BINDING\` shows what a run would do, and changes nothing
\`/podid enable BINDING\` gives the workload its role's credentials, and proves that it has them
\`/podid finish BINDING\` takes away what IRSA needs, once all pods of a migration live by the association
\`/podid status\` or \`/podid status BINDING\` shows the latest runs
\`/podid undo BINDING\` puts back what its latest run changed
\`/podid rollout BINDING…\` or \`/podid rollout all\` enables many of them in waves, \`/podid undo ROLLOUT wave 2\` puts a wave back
A binding that is for several clusters needs one: \`/podid enable BINDING on CLUSTER\`
${bindings}`

const slack = (id: string): Requester => ({ kind: 'slack', id, groups: [] })

it.each<[why: string, requester: Requester, bindings: string]>([
  [
    'one cluster of a pattern is enough',
    slack('U0ADA'),
    'Your bindings:\n• `carts` on `shop-1`: enable, plan\n• `orders` on `shop-*`: enable, plan',
  ],
  ['a namespace', slack('U0BOB'), 'Your bindings:\n• `orders` on `shop-*`: plan'],
  [
    'a pattern of clusters that has the binding’s',
    { kind: 'caller', id: 'ci' },
    'Your bindings:\n• `secret` on `bank-1`: enable',
  ],
  ['somebody whom no grant names', slack('U0EVE'), 'No grant in podid.yaml lets you run a binding.'],
])('help names what the requester may do: %s', (_why, requester, bindings) => {
  expect(helpText('/podid', config, requester)).toBe(help(bindings))
})

it('says that a run has begun, or that another one is at work', () => {
  const run = 'slack-shop-1-carts-0'
  expect(startedText({ outcome: 'started', run }, 'enable carts_1')).toBe(
    'On it: enable carts\u2060_\u20601. The run is `slack-shop-1-carts-0`; its message shows how it goes.',
  )
  expect(startedText({ outcome: 'under-way', run }, 'enable carts')).toBe(
    'Another run is at work on that already: `slack-shop-1-carts-0`. Try again when it has ended.',
  )
})

it('shows the latest runs, each with when it began in the reader’s own time, and what was seen of its credentials', () => {
  const run = {
    run: 'run-1',
    status: 'SUCCEEDED',
    startedAt: '2026-11-23T07:00:00.900Z',
    what: 'enable *carts*',
    credentials: null,
  }
  expect(statusText([])).toBe('There are no runs that you may see.')
  expect(statusText([run, { ...run, status: 'RUNNING', credentials: '2 of 2 <pods>' }])).toBe(
    [
      '• enable \u2060*\u2060carts\u2060*\u2060: *succeeded*, `run-1`, <!date^1795417200^{date_short_pretty} {time}|2026-11-23T07:00:00.900Z>',
      '• enable \u2060*\u2060carts\u2060*\u2060: *running*, `run-1`, <!date^1795417200^{date_short_pretty} {time}|2026-11-23T07:00:00.900Z>',
      '   2 of 2 &lt;pods&gt;',
    ].join('\n'),
  )
})
