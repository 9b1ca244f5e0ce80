import { expect, it } from 'vitest'
import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from '../../../core/kubernetes.ts'
import {
  fargateProfileLabel,
  mayRunOn,
  onFargateProfile,
  onlyOn,
  otherCompute,
  repelling,
} from '../../../core/workload/placement.ts'

const node = (change: { labels?: Record<string, string>; taints?: Taint[] } = {}): Node =>
  ({
    metadata: { name: 'n-1', ...(change.labels && { labels: change.labels }) },
    ...(change.taints && { spec: { taints: change.taints } }),
  }) as Node
const spec = (change: object = {}): PodSpec => ({ containers: [], ...change }) as PodSpec
const required = (nodeSelectorTerms: NodeSelectorTerm[] | undefined) =>
  spec({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  })
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 && { values }) }],
})
const size = node({ labels: { size: '5', disk: 'ssd' } })

it.each<[why: string, template: PodSpec, on: Node, may: boolean]>([
  ['nothing is asked of the node', spec(), node(), true],
  ['the node that is named', spec({ nodeName: 'n-1' }), node(), true],
  ['another than the one that is named', spec({ nodeName: 'n-2' }), node(), false],
  ['it has both labels', spec({ nodeSelector: { size: '5', disk: 'ssd' } }), size, true],
  ['it has one of two labels', spec({ nodeSelector: { size: '5', disk: 'hdd' } }), size, false],
  ['it has no labels', spec({ nodeSelector: { size: '5' } }), node(), false],
  ['no preference is a requirement', spec({ affinity: { nodeAffinity: {} } }), node(), true],
  ['affinity to pods says nothing of nodes', spec({ affinity: {} }), node(), true],
  ['a requirement without terms', required(undefined), node(), true],
  ['none of no terms holds', required([]), size, false],
  ['an empty term matches nothing', required([{}]), size, false],
  [
    'one of two terms',
    required([expression('size', 'In', '4'), expression('disk', 'In', 'ssd')]),
    size,
    true,
  ],
  [
    'neither of two terms',
    required([expression('size', 'In', '4'), expression('disk', 'In', 'hdd')]),
    size,
    false,
  ],
  [
    'one of two expressions of a term',
    required([
      {
        matchExpressions: [
          ...expression('size', 'In', '5').matchExpressions,
          ...expression('disk', 'In', 'hdd').matchExpressions,
        ],
      },
    ]),
    size,
    false,
  ],
  ['In, one of its values', required([expression('size', 'In', '4', '5')]), size, true],
  ['In, where the label is not there', required([expression('zone', 'In', 'undefined')]), size, false],
  ['In, on a node without labels', required([expression('size', 'In', '5')]), node(), false],
  ['NotIn, one of its values', required([expression('size', 'NotIn', '4', '5')]), size, false],
  ['NotIn, none of its values', required([expression('size', 'NotIn', '4')]), size, true],
  ['NotIn, where the label is not there', required([expression('zone', 'NotIn', 'a')]), size, true],
  ['NotIn without values', required([expression('size', 'NotIn')]), size, true],
  ['Exists', required([expression('size', 'Exists')]), size, true],
  ['Exists, and it does not', required([expression('zone', 'Exists')]), size, false],
  ['DoesNotExist', required([expression('zone', 'DoesNotExist')]), size, true],
  ['DoesNotExist, and it does', required([expression('size', 'DoesNotExist')]), size, false],
  ['Gt', required([expression('size', 'Gt', '4')]), size, true],
  ['Gt, of the same number', required([expression('size', 'Gt', '5')]), size, false],
  ['Gt, by number and not by letters', required([expression('size', 'Gt', '10')]), size, false],
  ['Lt', required([expression('size', 'Lt', '6')]), size, true],
  ['Lt, of the same number', required([expression('size', 'Lt', '5')]), size, false],
  ['Lt, where the label is not there', required([expression('zone', 'Lt', '5')]), size, false],
  ['an operator that there is not', required([expression('size', 'Near', '5')]), size, false],
  [
    'the name of the node as a field',
    required([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n-1'] }] }]),
    size,
    true,
  ],
  [
    'another name as a field',
    required([{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n-2'] }] }]),
    size,
    false,
  ],
  [
    'a field that there is not',
    required([{ matchFields: [{ key: 'metadata.uid', operator: 'In', values: ['n-1'] }] }]),
    size,
    false,
  ],
  [
    'a field and an expression, of which one holds',
    required([
      {
        ...expression('size', 'In', '4'),
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n-1'] }],
      },
    ]),
    size,
    false,
  ],
])('whether a pod may run on a node: %s', (_why, template, on, may) => {
  expect(mayRunOn(template, on, 'scheduler')).toBe(may)
})

const gpu: Taint = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }
const drained: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }
const soft: Taint = { key: 'spot', effect: 'PreferNoSchedule' }
type By = 'scheduler' | 'daemon-set'
it.each<[why: string, tolerations: Toleration[] | undefined, taints: Taint[], by: By, left: string[]]>([
  ['no taint', undefined, [], 'scheduler', []],
  ['nothing tolerates it', undefined, [gpu], 'scheduler', ['dedicated=gpu:NoSchedule']],
  ['a taint without a value', [], [{ key: 'spot', effect: 'NoExecute' }], 'scheduler', ['spot:NoExecute']],
  ['a preference keeps nothing off', [], [soft], 'scheduler', []],
  [
    'a drained node keeps pods off',
    [],
    [drained],
    'scheduler',
    ['node.kubernetes.io/unschedulable:NoSchedule'],
  ],
  ['a drained node keeps no DaemonSet off', [], [drained], 'daemon-set', []],
  ['another taint keeps a DaemonSet off', [], [gpu], 'daemon-set', ['dedicated=gpu:NoSchedule']],
  ['a preference keeps no DaemonSet off', [], [soft], 'daemon-set', []],
  ...['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure'].map(
    (name): [string, Toleration[], Taint[], By, string[]] => [
      `a DaemonSet tolerates ${name} by itself`,
      [],
      [{ key: `node.kubernetes.io/${name}`, effect: 'NoExecute' }],
      'daemon-set',
      [],
    ],
  ),
  ['the same key and value', [{ key: 'dedicated', value: 'gpu' }], [gpu], 'scheduler', []],
  [
    'the same with its effect',
    [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }],
    [gpu],
    'scheduler',
    [],
  ],
  [
    'another effect',
    [{ key: 'dedicated', value: 'gpu', effect: 'NoExecute' }],
    [gpu],
    'scheduler',
    ['dedicated=gpu:NoSchedule'],
  ],
  ['another value', [{ key: 'dedicated', value: 'cpu' }], [gpu], 'scheduler', ['dedicated=gpu:NoSchedule']],
  [
    'no value, where the taint has one',
    [{ key: 'dedicated' }],
    [gpu],
    'scheduler',
    ['dedicated=gpu:NoSchedule'],
  ],
  [
    'no value, where the taint has none',
    [{ key: 'spot' }],
    [{ key: 'spot', effect: 'NoSchedule' }],
    'scheduler',
    [],
  ],
  ['another key', [{ key: 'spot', operator: 'Exists' }], [gpu], 'scheduler', ['dedicated=gpu:NoSchedule']],
  ['the key, whatever its value', [{ key: 'dedicated', operator: 'Exists' }], [gpu], 'scheduler', []],
  ['everything', [{ operator: 'Exists' }], [gpu, drained], 'scheduler', []],
  [
    'no key and no operator tolerates nothing',
    [{ value: 'gpu' }],
    [gpu],
    'scheduler',
    ['dedicated=gpu:NoSchedule'],
  ],
  [
    'one of two tolerations',
    [{ key: 'spot' }, { key: 'dedicated', operator: 'Exists' }],
    [gpu],
    'scheduler',
    [],
  ],
  [
    'one of two taints',
    [{ key: 'dedicated', operator: 'Exists' }],
    [gpu, drained],
    'scheduler',
    ['node.kubernetes.io/unschedulable:NoSchedule'],
  ],
])('the taints that keep a pod off: %s', (_why, tolerations, taints, by, left) => {
  const template = spec(tolerations && { tolerations })
  expect(repelling(template, node({ taints }), by)).toEqual(left)
  expect(mayRunOn(template, node({ taints }), by)).toBe(left.length === 0)
})

const windows = (values?: string[]) => ({
  matchExpressions: [{ key: 'os', operator: 'In', ...(values && { values }) }],
})
it.each<[why: string, template: PodSpec, only: boolean]>([
  ['nothing is asked', spec(), false],
  ['by its selector', spec({ nodeSelector: { os: 'windows' } }), true],
  ['another value', spec({ nodeSelector: { os: 'linux' } }), false],
  ['by its only term', required([windows(['windows'])]), true],
  ['no term', required([]), false],
  ['no terms', required(undefined), false],
  ['affinity to pods', spec({ affinity: {} }), false],
  ['no preference is a requirement', spec({ affinity: { nodeAffinity: {} } }), false],
  ['one of two terms lets it elsewhere', required([windows(['windows']), windows(['linux'])]), false],
  ['two values', required([windows(['windows', 'linux'])]), false],
  ['no value', required([windows([])]), false],
  ['no values', required([windows()]), false],
  [
    'another label',
    required([{ matchExpressions: [{ key: 'arch', operator: 'In', values: ['windows'] }] }]),
    false,
  ],
  [
    'another operator',
    required([{ matchExpressions: [{ key: 'os', operator: 'NotIn', values: ['windows'] }] }]),
    false,
  ],
  ['a term by fields', required([{}]), false],
  [
    'one of two expressions, which both have to hold',
    required([
      {
        matchExpressions: [
          ...expression('arch', 'Exists').matchExpressions,
          ...windows(['windows']).matchExpressions,
        ],
      },
    ]),
    true,
  ],
])('whether a template goes only where a label has a value: %s', (_why, template, only) => {
  expect(onlyOn(template, 'os', 'windows')).toBe(only)
})

it('pods that a Fargate profile selects cannot have a role by Pod Identity', () => {
  expect(onFargateProfile('deployment/carts', 'all')).toEqual({
    code: 'compute-unsupported',
    severity: 'blocking',
    subject: 'deployment/carts',
    found:
      'its pods go to Fargate, where EKS Pod Identity does not work: a dry-run pod of it was given to the Fargate profile all',
    remedy: otherCompute,
  })
  expect(otherCompute.advice).toMatch(
    /^Run it on Linux nodes backed by EC2, or give it its role by IRSA: https/,
  )
})

it('knows what EKS labels a pod of a Fargate profile with', () => {
  expect(fargateProfileLabel).toBe('eks.amazonaws.com/fargate-profile')
})
