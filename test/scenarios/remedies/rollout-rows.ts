import type { ContainerState, Event, Pod } from '../../../core/kubernetes.ts'
import { diagnose } from '../../../core/workload/diagnosis/diagnosis.ts'
import type { BindingOfRun } from '../../../core/workload/diagnosis/facts.ts'
import { cartsPods, type Workshop } from '../../support/run.ts'
import {
  associated,
  granting,
  nameOf,
  namespace,
  policy,
  type Row,
  type Rows,
  ref,
  type WorldChange,
} from './row.ts'

interface Told {
  /** What the pod's container does. */
  state?: ContainerState
  lastState?: ContainerState
  log?: string
  status?: Pod['status']
  event?: { reason: string; message: string }
  unseen?: string[]
}

interface Around {
  binding?: BindingOfRun
  change?: WorldChange
  /** The command mends it: by this it is gone. */
  until?: (world: Workshop) => boolean
}

/** One look: at a pod of the world that is told to be in this state. */
const look = (
  why: string,
  { state, lastState = {}, log, status, event, unseen = [] }: Told,
  { binding: of, change, until }: Around = {},
): readonly Row[] => [
  {
    why,
    ...(until ? {} : { looks: true }),
    ...(change && { change }),
    findings: (world) => {
      if (until?.(world)) return []
      const pod = (cartsPods(world) as Pod[]).find(
        ({ status }) => status?.containerStatuses?.[0]?.restartCount,
      )
      if (!pod) throw new Error('no pod of carts has crashed')
      const name = nameOf(pod)
      const container = { name: 'carts', image: 'carts:1', imageID: '', ready: false, restartCount: 3 }
      return diagnose({
        ref,
        namespace,
        pods: [
          {
            ...pod,
            status: status ?? (state ? { containerStatuses: [{ ...container, state, lastState }] } : {}),
          },
        ],
        events: event ? [{ type: 'Warning', involvedObject: { name }, metadata: {}, ...event } as Event] : [],
        logs: log === undefined ? [] : [{ pod: name, container: 'carts', text: log }],
        unseen,
        ...(of && { binding: of, leaves: true }),
      })
    },
  },
]

const waiting = (reason: string) => ({ state: { waiting: { reason } } })
const crashed = (log: string) => ({
  ...waiting('CrashLoopBackOff'),
  lastState: { terminated: { exitCode: 1 } },
  log,
})

const denied = (by: string) =>
  crashed(
    `User: arn:aws:sts::123456789012:assumed-role/eks-workshop-carts-dynamo/eks-1 is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-west-2:123456789012:table/Items ${by}`,
  )
const narrow = policy(granting('s3:*', '*'))
const binding = {
  cluster: 'eks-workshop',
  region: 'us-west-2',
  namespace,
  serviceAccount: 'carts',
  sessionPolicy: narrow,
}

/** What the diagnosis of a rollout finds. */
export const rolloutRows = {
  'rollout-access-denied': [
    ...look(
      'AccessDenied',
      crashed(
        'User: arn:aws:sts::1:assumed-role/carts/eks-1 is not authorized to perform: dynamodb:Query on resource: x',
      ),
    ),
    ...look(
      'AccessDenied by an identity policy',
      denied('because no identity-based policy allows the action'),
    ),
    ...look('AccessDenied by a session policy', denied('with an explicit deny in a session policy'), {
      binding,
      change: associated({ policy: narrow, disableSessionTags: true }),
    }),
    // It is granted as the association is; the log that the finding is made of was written before.
    ...look(
      'AccessDenied by the request’s own session policy',
      denied('because no session policy allows the action'),
      {
        binding,
        change: associated({ policy: narrow, disableSessionTags: true }),
        until: ({ aws }) =>
          aws.associations.list('eks-workshop').some((one) => one.policy?.includes('dynamodb:Query')),
      },
    ),
  ],
  'rollout-sdk-too-old': look('an old SDK', crashed('only loopback hosts are allowed')),
  'rollout-credentials-refused': look(
    'an answer of EKS Auth',
    crashed('EKS does not have permissions to assume the associated role'),
  ),
  'rollout-agent-unreachable': look(
    'no agent on the node',
    crashed('dial tcp 169.254.170.23:80: connection refused'),
  ),
  'rollout-no-credentials': look('no credentials', crashed('Unable to locate credentials')),
  'rollout-crash-loop': [
    ...look('a crash', crashed('panic: no')),
    ...look('an end', { state: { terminated: { exitCode: 1 } }, log: 'panic: no' }),
  ],
  'rollout-out-of-memory': look('no memory left', {
    state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
  }),
  'rollout-image-pull': look('no image', waiting('ImagePullBackOff')),
  'rollout-container-config': look('no such ConfigMap', waiting('CreateContainerConfigError')),
  'rollout-not-ready': look('never ready', { state: { running: {} }, log: 'carts: starting' }),
  'rollout-unschedulable': look('no room', {
    status: { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  }),
  'rollout-pod-failed': look('an evicted pod', { status: { phase: 'Failed', reason: 'Evicted' } }),
  'rollout-create-failed': look('no pods', { event: { reason: 'FailedCreate', message: 'exceeded quota' } }),
  'rollout-warnings': look('a warning', { event: { reason: 'BackOff', message: 'Back-off restarting' } }),
  'diagnosis-incomplete': look('logs that were not read', { unseen: ['logs of carts: Forbidden'] }),
} satisfies Rows
