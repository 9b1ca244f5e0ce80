import { eventSource, type PodidEvent } from '../events.ts'

/** The functions around the workflow that events are sent to, by their files' names. */
export type RuleTarget = 'start' | 'follow-run' | 'notify'

/** A rule of EventBridge, and which function its events go to. */
export interface Rule {
  name: string
  description: string
  /** AWS services put their events on the account's default bus; ours have a bus of their own. */
  bus: 'default' | 'own'
  target: RuleTarget
  pattern: Record<string, unknown>
}

const ended = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']

const executionsOf = (stateMachineArn: string, status: string[]) => ({
  source: ['aws.states'],
  'detail-type': ['Step Functions Execution Status Change'],
  detail: { stateMachineArn: [stateMachineArn], status },
})

const ours = (...types: PodidEvent['type'][]) => ({ source: [eventSource], 'detail-type': types })

/** The rules for a new cluster and a new agent; a stage may do without them. */
export const clusterRules: readonly Rule[] = [
  {
    name: 'ClusterCreated',
    description: 'A cluster was created, as CloudTrail saw it',
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
    // Where the event names its add-on is not documented: the function looks for it.
    description: 'An add-on was installed, which may be the Pod Identity agent',
    bus: 'default',
    target: 'start',
    pattern: {
      source: ['aws.eks'],
      'detail-type': ['EKS Addon Creation Succeeded'],
    },
  },
]

/** The rules by which runs are shown and told of. */
export const runRules = (stateMachineArn: string): Rule[] => [
  {
    name: 'RunStarted',
    description: 'A run began: its message follows it',
    bus: 'default',
    target: 'follow-run',
    pattern: executionsOf(stateMachineArn, ['RUNNING']),
  },
  {
    name: 'RunGoesOn',
    description: 'A run goes on after an approval, or longer than a follower may',
    bus: 'own',
    target: 'follow-run',
    pattern: ours('Run Approval Answered', 'Run Still Under Way'),
  },
  {
    name: 'RunEnded',
    description: 'A run ended, one way or another',
    bus: 'default',
    target: 'notify',
    pattern: executionsOf(stateMachineArn, ended),
  },
  {
    name: 'News',
    description: 'What people are told of',
    bus: 'own',
    target: 'notify',
    pattern: ours('Run Finished', 'Run Approval Requested', 'Drift Found'),
  },
]
