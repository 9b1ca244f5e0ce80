import { describe, expect, it } from 'vitest'
import { humanDuration } from '../../../../local/kubernetes/printing/age.ts'
import type { Column } from '../../../../local/kubernetes/printing/column.ts'
import { columnsOf } from '../../../../local/kubernetes/printing/columns.ts'
import { podCells } from '../../../../local/kubernetes/printing/pod-status.ts'
import { type ResourceKind, resources } from '../../../../local/kubernetes/store/resources.ts'

const now = Date.UTC(2026, 10, 23, 12)

it.each([
  [0, '0s'],
  [119, '119s'],
  [120, '2m'],
  [341, '5m41s'],
  [600, '10m'],
  [3 * 3600 - 1, '179m'],
  [3 * 3600, '3h'],
  [3 * 3600 + 120, '3h2m'],
  [47 * 3600, '47h'],
  [(3 * 24 + 21) * 3600, '3d21h'],
  [100 * 24 * 3600, '100d'],
  [(2 * 365 + 3) * 24 * 3600, '2y3d'],
])('%i seconds are %s', (seconds, printed) => {
  expect(humanDuration(seconds * 1000)).toBe(printed)
})

describe('columns', () => {
  const rows: [resource: ResourceKind, narrow: string, wide: string][] = [
    [resources.pods, 'Name Ready Status Restarts Age', 'IP Node Nominated-Node Readiness-Gates'],
    [resources.deployments, 'Name Ready Up-to-date Available Age', 'Containers Images Selector'],
    [resources.replicasets, 'Name Desired Current Ready Age', 'Containers Images Selector'],
    [
      resources.daemonsets,
      'Name Desired Current Ready Up-to-date Available Node-Selector Age',
      'Containers Images Selector',
    ],
    [resources.statefulsets, 'Name Ready Age', 'Containers Images'],
    [
      resources.nodes,
      'Name Status Roles Age Version',
      'Internal-IP External-IP OS-Image Kernel-Version Container-Runtime',
    ],
    [resources.namespaces, 'Name Status Age', ''],
    [resources.services, 'Name Type Cluster-IP External-IP Port(s) Age', 'Selector'],
    [resources.serviceaccounts, 'Name Age', ''],
    [resources.configmaps, 'Name Data Age', ''],
    [resources.secrets, 'Name Type Data Age', ''],
    [resources.events, 'Last-Seen Type Reason Object Message', 'Subobject Source First-Seen Count Name'],
    [resources.controllerrevisions, 'Name Controller Revision Age', ''],
    [resources.poddisruptionbudgets, 'Name Min-Available Max-Unavailable Allowed-Disruptions Age', ''],
    [resources.leases, 'Name Holder Age', ''],
    [resources.jobs, 'Name Status Completions Duration Age', 'Containers Images Selector'],
    [
      resources.cronjobs,
      'Name Schedule Timezone Suspend Active Last-Schedule Age',
      'Containers Images Selector',
    ],
    [resources.validatingadmissionpolicies, 'Name Validations ParamKind Age', ''],
    [resources.validatingadmissionpolicybindings, 'Name PolicyName ParamRef Age', ''],
    [resources.customresourcedefinitions, 'Name Created-At', ''],
    [resources.rolebindings, 'Name Role Age', 'Users Groups ServiceAccounts'],
    [resources.clusterroles, 'Name Created-At', ''],
  ]
  it.each(rows)('$plural', (resource, narrow, wide) => {
    const names = (shown: boolean) =>
      columnsOf(resource)
        .filter((column) => column.priority > 0 === shown)
        .map(({ name }) => name.replaceAll(' ', '-'))
        .join(' ')
    expect(names(false)).toBe(narrow)
    expect(names(true)).toBe(wide)
  })
})

describe('what is made and nobody has taken in', () => {
  const unseen: [resource: ResourceKind, spec: object, printed: string][] = [
    [resources.deployments, { replicas: 2 }, '0/2 0 0'],
    [resources.replicasets, { replicas: 2 }, '2 0 0'],
    [resources.statefulsets, { replicas: 2 }, '0/2'],
    [resources.daemonsets, { template: {} }, '0 0 0 0 0 <none>'],
  ]
  it.each(unseen)('$plural', (resource, spec, printed) => {
    const columns = columnsOf(resource) as Column<object>[]
    const shown = columns.filter(({ name, priority }) => priority === 0 && !['Name', 'Age'].includes(name))
    expect(shown.map(({ cell }) => cell({ metadata: { name: 'a' }, spec }, now)).join(' ')).toBe(printed)
  })
})

describe('a pod', () => {
  const spec = { containers: [{ name: 'carts', image: 'a' }], initContainers: [{ name: 'init', image: 'a' }] }
  const state = (state: object, more: object = {}) => ({
    name: 'carts',
    image: 'a',
    imageID: '',
    ready: false,
    restartCount: 0,
    state,
    ...more,
  })
  const running = state({ running: {} }, { ready: true })
  const done = state({ terminated: { exitCode: 0, reason: 'Completed' } }, { name: 'init' })
  const rows: [why: string, metadata: object, status: object, printed: string][] = [
    ['just made', {}, { phase: 'Pending' }, '0/1 Pending 0'],
    [
      'starting',
      {},
      { phase: 'Pending', containerStatuses: [state({ waiting: { reason: 'ContainerCreating' } })] },
      '0/1 ContainerCreating 0',
    ],
    [
      'initializing',
      {},
      { phase: 'Pending', initContainerStatuses: [state({ running: {} }, { name: 'init' })] },
      '0/1 Init:0/1 0',
    ],
    [
      'running',
      {},
      { phase: 'Running', initContainerStatuses: [done], containerStatuses: [running] },
      '1/1 Running 0',
    ],
    [
      'crashing',
      {},
      {
        phase: 'Running',
        containerStatuses: [
          state(
            { waiting: { reason: 'CrashLoopBackOff' } },
            {
              restartCount: 4,
              lastState: { terminated: { exitCode: 1, finishedAt: '2026-11-23T11:59:00Z' } },
            },
          ),
        ],
      },
      '0/1 CrashLoopBackOff 4 (60s ago)',
    ],
    [
      'ended by a signal',
      {},
      { phase: 'Failed', containerStatuses: [state({ terminated: { exitCode: 137, signal: 9 } })] },
      '0/1 Signal:9 0',
    ],
    [
      'ending',
      { deletionTimestamp: '2026-11-23T12:00:30Z' },
      { phase: 'Running', containerStatuses: [running] },
      '1/1 Terminating 0',
    ],
    ['evicted', {}, { phase: 'Failed', reason: 'Evicted' }, '0/1 Evicted 0'],
  ]
  it.each(rows)('%s', (_why, metadata, status, printed) => {
    const stored = { name: 'a', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-23T11:00:00Z' }
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...stored, ...metadata }, spec, status }
    const { ready, status: shown, restarts } = podCells(pod as Parameters<typeof podCells>[0], now)
    expect(`${ready} ${shown} ${restarts}`).toBe(printed)
  })
})
