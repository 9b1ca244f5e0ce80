import { expect, it } from 'vitest'
import { clusterRules, rolloutRules, runRules } from '../../../core/triggers/rules.ts'
import { compilePattern } from '../../../local/aws/events/pattern.ts'

const machine = (name: string) => `arn:aws:states:us-west-2:123456789012:stateMachine:${name}`
const rules = [...clusterRules, ...runRules(machine('enable')), ...rolloutRules(machine('rollout'))]
const execution = (of: string, status: string, name = 'run-1') => ({
  source: 'aws.states',
  'detail-type': 'Step Functions Execution Status Change',
  detail: { stateMachineArn: machine(of), status, name },
})
const own = (type: string, source = 'podid') => ({ source, 'detail-type': type, detail: {} })
const trail = (detail: object = {}, change: object = {}) => ({
  source: 'aws.eks',
  'detail-type': 'AWS API Call via CloudTrail',
  detail: { eventSource: 'eks.amazonaws.com', eventName: 'CreateCluster', ...detail },
  ...change,
})

it.each<[why: string, event: object, taken: string[]]>([
  ['a cluster was created', trail(), ['ClusterCreated → start']],
  ['a cluster could not be created', trail({ errorCode: 'AccessDenied' }), []],
  ['a cluster was deleted', trail({ eventName: 'DeleteCluster' }), []],
  ['a cluster of another service', trail({ eventSource: 'dax.amazonaws.com' }), []],
  ['somebody says that a cluster was created', trail({}, { source: 'mine' }), []],
  ['an event of EKS that is no call', trail({}, { 'detail-type': 'EKS Cluster Updated' }), []],
  [
    'an add-on was installed',
    { source: 'aws.eks', 'detail-type': 'EKS Addon Creation Succeeded', detail: {} },
    ['AgentInstalled → start'],
  ],
  [
    'an add-on was not installed',
    { source: 'aws.eks', 'detail-type': 'EKS Addon Creation Failed', detail: {} },
    [],
  ],
  [
    'somebody says that an add-on was installed',
    { source: 'mine', 'detail-type': 'EKS Addon Creation Succeeded', detail: {} },
    [],
  ],
  ['a run started', execution('enable', 'RUNNING'), ['RunStarted → follow-run']],
  ['a run of a rollout started, which is shown with it', execution('enable', 'RUNNING', 'rollout-1'), []],
  ...['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'].map((status): [string, object, string[]] => [
    `a run ended: ${status}`,
    execution('enable', status),
    ['RunEnded → notify'],
  ]),
  ['a run waits for a redrive', execution('enable', 'PENDING_REDRIVE'), []],
  ...['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'].map((status): [string, object, string[]] => [
    `a rollout: ${status}`,
    execution('rollout', status),
    ['RolloutChanged → notify'],
  ]),
  ['an execution of somebody else', execution('other', 'RUNNING'), []],
  ['an answer to an approval', own('Run Approval Answered'), ['RunContinues → follow-run']],
  ['a run that takes longer than one call', own('Run Still Under Way'), ['RunContinues → follow-run']],
  ...[
    'Run Finished',
    'Run Approval Requested',
    'Rollout Wave Judged',
    'Rollout Finished',
    'Drift Digest',
  ].map((type): [string, object, string[]] => [type, own(type), ['Notifications → notify']]),
  ['an event of ours that nobody is to see', own('Anything'), []],
  ['an event that others call so', own('Run Finished', 'mine'), []],
  ['an answer that others call so', own('Run Approval Answered', 'mine'), []],
])('which function an event goes to: %s', (_why, event, taken) => {
  const found = rules
    .filter(({ pattern }) => compilePattern(pattern)(event))
    .map(({ name, target }) => `${name} → ${target}`)
  expect(found).toEqual(taken)
})

it('the project’s own events have a bus of their own, those of AWS are on the account’s', () => {
  for (const { pattern, bus } of rules)
    expect(bus).toBe((pattern.source as string[])[0] === 'podid' ? 'own' : 'default')
})

it('every rule says what it is for, by a name of its own', () => {
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length)
  for (const { description } of rules) expect(description).toMatch(/^(?:An?|Events) [\w ,;:-]+$/)
})
