import { eventSource, type PodidEvent } from '../events.ts'
import { runPrefix } from '../fleet/waves/request.ts'

/** The functions around the workflow that events are sent to, by their files' names. */
export type RuleTarget = 'start' | 'follow-run' | 'notify'

/** A rule of EventBridge, and which function its events go to. */
export interface EventRule {
  name: string
  description: string
  /** AWS services put their events on the account's default bus; ours have a bus of their own. */
  bus: 'default' | 'own'
  target: RuleTarget
  pattern: Record<string, unknown>
}

const ended = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']

const executionsOf = (stateMachineArn: string, status: string[], of: object = {}) => ({
  source: ['aws.states'],
  'detail-type': ['Step Functions Execution Status Change'],
  detail: { stateMachineArn: [stateMachineArn], status, ...of },
})

const ours = (...types: PodidEvent['type'][]) => ({ source: [eventSource], 'detail-type': types })

/** The rules for a new cluster and a new agent; podid.yaml can switch them off. */
export const clusterRules: readonly EventRule[] = [
  {
    name: 'ClusterCreated',
    description: 'A cluster was created, according to CloudTrail',
    bus: 'default',
    target: 'start',
    pattern: {
      source: ['aws.eks'],
      'detail-type': ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['eks.amazonaws.com'],
        eventName: ['CreateCluster'],
        errorCode: [{ exists: false }],
      },
    },
  },
  {
    name: 'AgentInstalled',
    // It is not documented where the event names its add-on, so the function searches it.
    description: 'An add-on was installed; it may be the Pod Identity agent',
    bus: 'default',
    target: 'start',
    pattern: {
      source: ['aws.eks'],
      'detail-type': ['EKS Addon Creation Succeeded'],
    },
  },
]

/** The rules for messages and notifications about runs. */
export const runRules = (stateMachineArn: string): EventRule[] => [
  {
    name: 'RunStarted',
    description: 'A run started: its message is posted and kept up to date',
    bus: 'default',
    target: 'follow-run',
    // The runs of a rollout are shown with it.
    pattern: executionsOf(stateMachineArn, ['RUNNING'], {
      name: [{ 'anything-but': { prefix: runPrefix } }],
    }),
  },
  {
    name: 'RunContinues',
    description: 'A run continues after an approval, or longer than one invocation can follow it',
    bus: 'own',
    target: 'follow-run',
    pattern: ours('Run Approval Answered', 'Run Still Under Way'),
  },
  {
    name: 'RunEnded',
    description: 'A run succeeded, failed, timed out or was stopped',
    bus: 'default',
    target: 'notify',
    pattern: executionsOf(stateMachineArn, ended),
  },
  {
    name: 'Notifications',
    description: 'Events of the project that are shown to people',
    bus: 'own',
    target: 'notify',
    pattern: ours(
      'Run Finished',
      'Run Approval Requested',
      'Rollout Wave Judged',
      'Rollout Finished',
      'Drift Digest',
    ),
  },
]

/** The rule for messages and notifications about rollouts. */
export const rolloutRules = (rolloutMachineArn: string): EventRule[] => [
  {
    name: 'RolloutChanged',
    description: 'A rollout started, succeeded, failed, timed out or was stopped',
    bus: 'default',
    target: 'notify',
    pattern: executionsOf(rolloutMachineArn, ['RUNNING', ...ended]),
  },
]
