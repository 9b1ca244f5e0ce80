import { describe, expect, it } from 'vitest'
import { type Association, runTag } from '../../core/association.ts'
import { type Finding, mendWith } from '../../core/findings.ts'
import { buildReport, fitReport, type Outcome } from '../../core/report.ts'
import type { RunState } from '../../core/steps/answers.ts'
import { changeLine } from '../../core/text/change-lines.ts'
import { bytesOf } from '../../core/text/fit.ts'
import { reportState, stockStep as stock, undoStep as undo } from './report-state.ts'

const startedAt = '2026-11-23T06:00:00.000Z'
const restartedAt = '2026-11-23T06:00:00Z'
const role = 'arn:aws:iam::123456789012:role/reader'
const former = {
  id: 'a-1',
  roleArn: 'arn:aws:iam::123456789012:role/former',
  targetRoleArn: null,
  disableSessionTags: false,
  policy: null,
  run: null,
}
const made: Association = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role,
  sessionTags: true,
  createdAt: startedAt,
  modifiedAt: startedAt,
  tags: { [runTag]: 'run-1' },
}
const before = {
  run: 'run-1',
  restartedAt,
  association: null,
  workload: { restartedAt: null, healthy: true },
}
const check = {
  exists: true,
  summary: '2 of 2 pods ready',
  before: before.workload,
  uid: 'u',
  revisions: [],
  injected: false,
  carried: false,
  credentials: null,
  diagnosis: [],
  findings: [],
}
const agent = { management: 'addon', version: 'v1', ready: 2, nodes: 2, repelled: 0, findings: [] }
const toInstall = { ...agent, action: 'install', management: 'none', version: null, ready: 0 }
const found = (action: string, was: typeof former | null = null) => ({
  action,
  message: 'looked at',
  before: was,
  findings: [],
})
const association = { action: 'created', message: 'created', association: made }
const restart = {
  restarted: true,
  reason: 'pods without credentials',
  message: 'restarted',
  generation: 2,
  missedBefore: null,
  at: startedAt,
  writtenAt: startedAt,
}
const failure = { Error: 'RolloutFailed', Cause: '{"errorMessage":"pod api-1 cannot start"}' }
const deleted = { kind: 'association', what: 'the association a-1 is deleted' }
const restored = { kind: 'restart', what: 'deployment/api has its former pod template' }
const noMark = { kind: 'association', what: 'the association a-1 was changed since by somebody else' }
const stuck = { ...deleted, error: 'AccessDenied', command: 'aws eks delete-pod-identity-association' }
const back = {
  state: 'as-before',
  message: 'it runs as before',
  deleted: [],
  left: [],
  position: null,
}
const noAnswer = { error: { Error: 'Lambda.Unknown', Cause: 'it ended' } }
/** A role that was to be made; a look afterwards finds none. */
const making = {
  role: { action: 'create', summary: 'is to be made', table: [], findings: [] },
  associationCheck: null,
  tried: 'ensureRole',
  stock: { ...stock, role: { seen: null } },
  undo,
}
const theRole = `the role ${role} for carts/carts of shop alone`
const unseen = 'whether that happened could not be seen: it was answered to be there, and is not shown'
const notShown = { Error: 'NotShown', Cause: 'it is not shown' }
const lost = { Error: 'States.Timeout', Cause: 'no answer' }

/** What a run knows at its end that has come no farther than to ask; the change is what it knows besides. */
const stateOf = ({ request: asked, ...change }: Record<string, unknown>): RunState =>
  reportState({
    agent: { ...agent, action: 'none' },
    workload: check,
    associationCheck: found('create'),
    before,
    ...change,
    request: { serviceAccount: 'carts', ...(asked as object) },
  })

const planning = { request: { mode: 'plan' } }
const undoing = { request: { mode: 'undo' } }
const acted = { association, restart }
const failed = { ...acted, failure }
const pods = { missed: 0, pods: ['api-1', 'api-2'], message: 'seen', findings: [], credentials: {} }
const handedOut = (pod: string) => ({
  pod,
  node: 'ip-10-0-0-1',
  seen: 'handed-out',
  agent: 'kube-system/agent-1',
  session: 'arn:aws:sts::123456789012:assumed-role/reader/s',
  at: startedAt,
})
const proof = { ...pods, proven: true, waiting: false, evidence: [handedOut('api-1'), handedOut('api-2')] }
const half = {
  ...proof,
  evidence: [handedOut('api-1'), { pod: 'api-2', node: 'n', seen: 'not-asked', agent: 'a' }],
}

interface Said {
  outcome: Outcome
  changes?: string[]
  stays?: string[]
  /** What undo could not put back. */
  left?: string[]
  words: string
}

const create = `create an association of carts/carts with ${role}`
const created = `created the association a-1 of carts/carts with ${role}`
const point = `the association a-1 of carts/carts from ${former.roleArn} to ${role}`
const addon = 'the add-on eks-pod-identity-agent'
const byHand =
  'aws eks delete-pod-identity-association --cluster-name shop --region us-west-2 --association-id a-1'
const byHandToo = `kubectl -n carts patch deployment/api --type merge -p '{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":null}}}}}'`

const rows: [why: string, state: Record<string, unknown>, said: Said][] = [
  [
    'a plan names the restart that follows from the association',
    planning,
    {
      outcome: 'planned',
      changes: [create, 'restart deployment/api and follow its rollout'],
      words: 'carts/api on shop: 2 changes to make',
    },
  ],
  [
    'a plan for pods that have the credentials by an association of the same role: nothing',
    { ...planning, associationCheck: found('keep'), workload: { ...check, injected: true } },
    { outcome: 'planned', words: 'carts/api on shop: nothing to change' },
  ],
  [
    'a plan for pods that came before the association that is there: a restart alone',
    { ...planning, associationCheck: found('keep') },
    {
      outcome: 'planned',
      changes: ['restart deployment/api and follow its rollout'],
      words: 'carts/api on shop: 1 change to make',
    },
  ],
  [
    'a plan for a workload that is not there yet restarts nothing',
    { ...planning, workload: { ...check, exists: false } },
    { outcome: 'planned', changes: [create], words: 'carts/api on shop: 1 change to make' },
  ],
  [
    'what a plan would install is not installed',
    {
      ...planning,
      agent: toInstall,
      associationCheck: found('keep'),
      workload: { ...check, injected: true },
    },
    {
      outcome: 'planned',
      changes: ['install the add-on eks-pod-identity-agent'],
      words: 'carts/api on shop: 1 change to make',
    },
  ],
  [
    'a plan that failed has no changes to show',
    { ...planning, failure },
    { outcome: 'failed', words: 'carts/api on shop: pod api-1 cannot start' },
  ],
  [
    'credentials handed out to every pod',
    { ...acted, proof },
    {
      outcome: 'enabled',
      changes: [created, 'restarted deployment/api'],
      words: 'carts/api on shop runs with the credentials of reader',
    },
  ],
  [
    'credentials handed out to one of two pods are no proof of the other',
    { ...acted, proof: half },
    {
      outcome: 'enabled',
      changes: [created, 'restarted deployment/api'],
      words: 'carts/api on shop is set up for the credentials of reader',
    },
  ],
  [
    'the agent that a run has installed',
    { ...acted, proof, agent: toInstall, agentInstalled: true },
    {
      outcome: 'enabled',
      changes: [`installed ${addon}`, created, 'restarted deployment/api'],
      words: 'carts/api on shop runs with the credentials of reader',
    },
  ],
  [
    'an association that was kept, and pods that were not restarted, are no changes',
    {
      proof,
      association: { ...association, action: 'kept' },
      restart: { ...restart, restarted: false },
      associationCheck: found('keep'),
    },
    {
      outcome: 'unchanged',
      words: 'carts/api on shop runs with the credentials of reader already; nothing was changed',
    },
  ],
  [
    'without a workload the association is all',
    { request: { workload: undefined }, workload: null, association },
    {
      outcome: 'associated',
      changes: [created],
      words: 'carts/carts on shop is associated with reader; pods created from now on get its credentials',
    },
  ],
  [
    'without a workload, and the association is there already',
    {
      request: { workload: undefined },
      workload: null,
      association: { ...association, action: 'kept' },
      associationCheck: found('keep'),
    },
    {
      outcome: 'associated',
      words:
        'carts/carts on shop is associated with reader already; nothing was changed; pods created from now on get its credentials',
    },
  ],
  [
    'failed before anything was tried, and so nothing to undo; the agent was to be installed',
    { failure, agent: toInstall },
    { outcome: 'failed', words: 'carts/api on shop: pod api-1 cannot start. Nothing had been changed' },
  ],
  [
    'failed, and everything seen to be put back',
    { ...failed, undo: { ...undo, done: [deleted, restored] }, rolloutBack: back },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`, 'restarted deployment/api; put back since'],
      words: `carts/api on shop: pod api-1 cannot start. Put back: ${deleted.what}; ${restored.what}. Everything is as it was before`,
    },
  ],
  [
    'failed, put back, and the workload was not seen to run as before',
    {
      ...failed,
      undo: { ...undo, done: [deleted, restored] },
      rolloutBack: { ...back, state: 'differs', message: 'deployment/api was not healthy before' },
    },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`, 'restarted deployment/api; put back since'],
      words: `carts/api on shop: pod api-1 cannot start. Put back: ${deleted.what}; ${restored.what}; deployment/api was not healthy before`,
    },
  ],
  [
    'failed, and the agent that was installed stays for others',
    {
      ...failed,
      agent: toInstall,
      agentInstalled: true,
      undo: { ...undo, done: [deleted, restored] },
      rolloutBack: back,
    },
    {
      outcome: 'failed',
      changes: [
        `installed ${addon}`,
        `${created}; put back since`,
        'restarted deployment/api; put back since',
      ],
      stays: [addon],
      words: `carts/api on shop: pod api-1 cannot start. ${addon} will stay. Put back: ${deleted.what}; ${restored.what}. All else is as it was before`,
    },
  ],
  [
    'failed, and one thing could not be put back: the command that does it',
    { ...failed, undo: { ...undo, done: [restored], left: [stuck] }, rolloutBack: back },
    {
      outcome: 'failed',
      changes: [created, 'restarted deployment/api; put back since'],
      left: [`${stuck.what}: AccessDenied: ${stuck.command}`],
      words: `carts/api on shop: pod api-1 cannot start. Not everything could be put back; finish by hand:\n${stuck.command}`,
    },
  ],
  [
    'failed, and the rollout back did not end: what to do about that too',
    {
      ...failed,
      undo: { ...undo, done: [deleted, restored] },
      rolloutBack: {
        ...back,
        state: 'left',
        left: [{ what: 'pods', error: 'Pending', command: 'kubectl get pods' }],
      },
    },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`, 'restarted deployment/api; put back since'],
      left: ['pods: Pending: kubectl get pods'],
      words: `carts/api on shop: pod api-1 cannot start. Not everything could be put back; finish by hand:\nkubectl get pods`,
    },
  ],
  [
    'failed, and nobody could look whether the workload runs as before',
    {
      ...failed,
      undo: { ...undo, done: [deleted, restored] },
      rolloutBack: { state: 'unknown', message: 'no answer' },
    },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`, 'restarted deployment/api; put back since'],
      left: [
        'whether deployment/api runs as it did before is not known: no answer: kubectl rollout status deployment/api -n carts',
      ],
      words:
        'carts/api on shop: pod api-1 cannot start. Not everything could be put back; finish by hand:\nkubectl rollout status deployment/api -n carts',
    },
  ],
  [
    'failed, and the undo itself ended without an answer: all by hand',
    { ...failed, undo: noAnswer },
    {
      outcome: 'failed',
      changes: [created, 'restarted deployment/api'],
      left: [`${created}: it ended: ${byHand}`, `restarted deployment/api: it ended: ${byHandToo}`],
      words: `carts/api on shop: pod api-1 cannot start. Not everything could be put back; finish by hand:\n${byHand}\n${byHandToo}`,
    },
  ],
  [
    'the undo ended without an answer, and a look shows that the association is gone and the annotation as before',
    {
      ...failed,
      undo: noAnswer,
      stockAfterUndo: { ...stock, association: { seen: null }, restartedAt: { seen: null } },
    },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`, 'restarted deployment/api; put back since'],
      left: [
        'whether deployment/api runs as it did before is not known: it ended: kubectl rollout status deployment/api -n carts',
      ],
      words:
        'carts/api on shop: pod api-1 cannot start. Not everything could be put back; finish by hand:\nkubectl rollout status deployment/api -n carts',
    },
  ],
  [
    'the undo ended without an answer, and a look shows that all it had to put back is put back',
    { ...failed, restart: null, undo: noAnswer, stockAfterUndo: { ...stock, association: { seen: null } } },
    {
      outcome: 'failed',
      changes: [`${created}; put back since`],
      words: `carts/api on shop: pod api-1 cannot start. The undo ended without an answer, and a look shows that this is put back: ${created}`,
    },
  ],
  [
    'failed, and what somebody has changed since was left alone',
    {
      ...failed,
      undo: { ...undo, done: [restored], kept: [noMark] },
      rolloutBack: back,
    },
    {
      outcome: 'failed',
      changes: [created, 'restarted deployment/api; put back since'],
      words: `carts/api on shop: pod api-1 cannot start. Put back: ${restored.what}. Left as it is: ${noMark.what}`,
    },
  ],
  [
    'failed with onFailure keep: nothing is said of an undo',
    failed,
    {
      outcome: 'failed',
      changes: [created, 'restarted deployment/api'],
      words: 'carts/api on shop: pod api-1 cannot start',
    },
  ],
  [
    'a write without an answer that nobody could look at',
    { failure: lost, tried: 'ensureAssociation' },
    {
      outcome: 'failed',
      changes: [`tried to ${create}; whether that happened could not be seen`],
      words: `carts/api on shop: no answer. It could not be seen whether this happened: ${create}`,
    },
  ],
  [
    'a write without an answer that was seen not to have happened',
    { failure: lost, tried: 'ensureAssociation', stock: { ...stock, association: { seen: null } } },
    {
      outcome: 'failed',
      changes: [`tried to ${create}, which did not happen`],
      words: 'carts/api on shop: no answer. Nothing had been changed',
    },
  ],
  [
    'an association of another run is not the one that was tried',
    {
      failure: lost,
      tried: 'ensureAssociation',
      stock: { ...stock, association: { seen: { ...made, tags: { [runTag]: 'run-2' } } } },
    },
    {
      outcome: 'failed',
      changes: [`tried to ${create}, which did not happen`],
      words: 'carts/api on shop: no answer. Nothing had been changed',
    },
  ],
  [
    'a role that nobody was let make is not there',
    { ...making, failure: { Error: 'Transient', Cause: 'no answer' } },
    {
      outcome: 'failed',
      changes: [`tried to create ${theRole}, which did not happen`],
      words: 'carts/api on shop: no answer. Nothing had been changed',
    },
  ],
  [
    'a role that IAM answers to be there, and shows to nobody, may be this run’s',
    { ...making, failure: notShown },
    {
      outcome: 'failed',
      changes: [`tried to create ${theRole}; ${unseen}`],
      words: `carts/api on shop: it is not shown. It could not be seen whether this happened: create ${theRole}`,
    },
  ],
  [
    'the same, and the undo finds it and takes it away',
    {
      ...making,
      failure: notShown,
      undo: { ...undo, done: [{ kind: 'role', what: 'the role reader is deleted' }] },
    },
    {
      outcome: 'failed',
      changes: [`created ${theRole}; put back since`],
      words: 'carts/api on shop: it is not shown. Put back: the role reader is deleted',
    },
  ],
  [
    'the same, and the undo ends without an answer: a look that shows none proves nothing',
    { ...making, failure: notShown, undo: noAnswer, stockAfterUndo: { ...stock, role: { seen: null } } },
    {
      outcome: 'failed',
      changes: [`tried to create ${theRole}; ${unseen}`],
      left: [
        `it was tried to create ${theRole}, and may have happened: it ended: aws iam get-role --role-name reader`,
      ],
      words:
        'carts/api on shop: it is not shown. Not everything could be put back; finish by hand:\naws iam get-role --role-name reader',
    },
  ],
  [
    'the same, and a later look shows that it is somebody else’s',
    { ...making, failure: notShown, stock: { ...stock, role: { seen: { ours: false, policies: [] } } } },
    {
      outcome: 'failed',
      changes: [`tried to create ${theRole}, which did not happen`],
      words: 'carts/api on shop: it is not shown. Nothing had been changed',
    },
  ],
  [
    'a role that is shown without its policy may have it',
    {
      ...making,
      failure: notShown,
      request: { needs: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/*'] }] },
      stock: { ...stock, role: { seen: { ours: true, policies: [] } } },
      undo: { ...undo, done: [{ kind: 'role', what: 'the role reader is deleted' }] },
    },
    {
      outcome: 'failed',
      changes: [
        `created ${theRole}; put back since`,
        expect.stringMatching(/^tried to write the policy podid-needs of role reader, .*could not be seen/),
      ],
      words: 'carts/api on shop: it is not shown. Put back: the role reader is deleted',
    },
  ],
  [
    'an add-on that EKS has installed and does not show may be there',
    {
      failure: notShown,
      tried: 'ensureAgent',
      agent: toInstall,
      stock: { ...stock, addon: { seen: false } },
    },
    {
      outcome: 'failed',
      changes: [`tried to install ${addon}; ${unseen}`],
      stays: [`${addon}, if it was made`],
      words: `carts/api on shop: it is not shown. ${addon}, if it was made will stay. It could not be seen whether this happened: install ${addon}`,
    },
  ],
  [
    'an add-on that nobody was let install is not there',
    { failure: lost, tried: 'ensureAgent', agent: toInstall, stock: { ...stock, addon: { seen: false } } },
    {
      outcome: 'failed',
      changes: [`tried to install ${addon}, which did not happen`],
      words: 'carts/api on shop: no answer. Nothing had been changed',
    },
  ],
  [
    'an access entry that EKS answers to be there, and does not show, may be this run’s',
    { failure: notShown, tried: 'ensureAccess', stock: { ...stock, accessEntries: { seen: [role] } } },
    {
      outcome: 'failed',
      changes: [`let ${role} into the cluster`, `tried to let podid's roles into the cluster; ${unseen}`],
      stays: [`the access entry of ${role}`, "the access entry of podid's roles, if it was made"],
      words: `carts/api on shop: it is not shown. the access entry of ${role}, the access entry of podid's roles, if it was made will stay. It could not be seen whether this happened: let podid's roles into the cluster`,
    },
  ],
  [
    'an add-on without an answer may be there, and would stay',
    { failure: lost, tried: 'ensureAgent', agent: toInstall },
    {
      outcome: 'failed',
      changes: [`tried to install ${addon}; whether that happened could not be seen`],
      stays: [`${addon}, if it was made`],
      words: `carts/api on shop: no answer. ${addon}, if it was made will stay. It could not be seen whether this happened: install ${addon}`,
    },
  ],
  [
    'a role that was let into the cluster stays',
    { failure, accessEntries: [role] },
    {
      outcome: 'failed',
      changes: [`let ${role} into the cluster`],
      stays: [`the access entry of ${role}`],
      words: `carts/api on shop: pod api-1 cannot start. the access entry of ${role} will stay`,
    },
  ],
  [
    'an association that was pointed elsewhere, and bears the run’s mark',
    {
      ...acted,
      proof,
      association: { ...association, action: 'repointed' },
      associationCheck: found('repoint', former),
    },
    {
      outcome: 'enabled',
      changes: ["marked the association a-1 as this run's", `pointed ${point}`, 'restarted deployment/api'],
      words: 'carts/api on shop runs with the credentials of reader',
    },
  ],
  [
    'an undo that put everything back',
    { ...undoing, undo: { ...undo, done: [deleted, restored] }, rolloutBack: back },
    {
      outcome: 'undone',
      changes: [deleted.what, restored.what],
      words: 'carts/api on shop is as it was before',
    },
  ],
  [
    'an undo that had nothing to put back',
    { ...undoing, undo },
    { outcome: 'undone', words: 'carts/api on shop is as it was before; there was nothing to undo' },
  ],
  [
    'an undo that could not put something back is not undone',
    { ...undoing, undo: { ...undo, done: [restored], left: [stuck] }, rolloutBack: back },
    {
      outcome: 'failed',
      changes: [
        restored.what,
        `tried to see to it that ${stuck.what}; whether that happened could not be seen: AccessDenied`,
      ],
      left: [`${stuck.what}: AccessDenied: ${stuck.command}`],
      words: `carts/api on shop: something could not be put back. Not everything could be put back; finish by hand:\n${stuck.command}`,
    },
  ],
  [
    'an undo after which the workload was not seen to run as before is not undone either',
    {
      ...undoing,
      undo: { ...undo, done: [restored] },
      rolloutBack: { state: 'unknown', message: 'no answer' },
    },
    {
      outcome: 'failed',
      changes: [restored.what],
      left: [
        'whether deployment/api runs as it did before is not known: no answer: kubectl rollout status deployment/api -n carts',
      ],
      words:
        'carts/api on shop: something could not be put back. Not everything could be put back; finish by hand:\nkubectl rollout status deployment/api -n carts',
    },
  ],
  [
    'an undo says what the run that it undid leaves',
    {
      ...undoing,
      undo: { ...undo, done: [deleted], leftByRun: { addon: null, accessEntries: [role] } },
      rolloutBack: back,
    },
    {
      outcome: 'undone',
      changes: [deleted.what],
      stays: [`the access entry of ${role}`, `${addon}, if it was made`],
      words: `carts/api on shop is as it was before; the access entry of ${role} will stay; ${addon}, if it was made will stay`,
    },
  ],
  [
    'an undo of a workload that was broken before says no more than that it is put back',
    {
      ...undoing,
      undo: { ...undo, done: [restored] },
      rolloutBack: { ...back, state: 'differs', message: 'deployment/api was not healthy before' },
    },
    {
      outcome: 'undone',
      changes: [restored.what],
      words: 'carts/api on shop: what the run changed is put back; deployment/api was not healthy before',
    },
  ],
]

describe('the report of a run', () => {
  it.each(rows)('%s', (_why, state, said) => {
    const report = buildReport(stateOf(state), Date.parse(startedAt) + 1500)
    expect({
      outcome: report.outcome,
      changes: report.changes.map(changeLine),
      stays: report.stays.map(({ what }) => what),
      left: (report.undo?.left ?? []).map(({ what, error, command }) => `${what}: ${error}: ${command}`),
      words: report.summary,
    }).toEqual({ changes: [], stays: [], left: [], ...said })
    expect(report.durationMs).toBe(1500)
  })

  it.each([
    [
      'the add-on',
      { agentInstalled: true },
      /^aws eks delete-addon --cluster-name shop .* eks-pod-identity-agent$/,
    ],
    [
      'an access entry',
      { accessEntries: [role] },
      /^aws eks delete-access-entry --cluster-name shop .*reader$/,
    ],
  ])('names the command that takes away what stays: %s', (_what, change, command) => {
    const { stays } = buildReport(stateOf({ failure, ...change }), 0)
    expect(stays.map((one) => one.command)).toEqual([expect.stringMatching(command)])
  })

  it('has a finding once that two looks have found, and others that only resemble it', () => {
    const finding = (text: string): Finding => ({
      code: 'agent-missing',
      severity: 'warning',
      subject: 'shop',
      found: text,
      remedy: mendWith('Install it.', 'aws eks create-addon'),
    })
    const findings = [finding('none'), finding('one'), finding('none')]
    expect(buildReport(stateOf({ findings }), 0).findings.map(({ found: text }) => text)).toEqual([
      'none',
      'one',
    ])
  })

  it('says how a failure without a message is called', () => {
    const { failure: told } = buildReport(stateOf({ failure: { Error: 'States.Runtime' } }), 0)
    expect(told).toEqual({ error: 'States.Runtime', message: 'States.Runtime, without a word on why' })
  })

  it('lists what was looked at in the order of the workflow', () => {
    const state = stateOf({
      turn: { message: 'nobody else' },
      role: { action: 'none', summary: 'trusts EKS', table: ['Query  granted'], findings: [] },
      proof,
    })
    const report = buildReport(state, 0)
    expect(report.checked).toEqual([
      { what: 'turn', found: 'nobody else' },
      { what: 'agent', found: 'v1 on 2/2 nodes' },
      { what: 'role', found: 'trusts EKS' },
      { what: 'workload', found: '2 of 2 pods ready' },
      { what: 'association', found: 'looked at' },
      { what: 'credentials', found: 'seen' },
    ])
    expect(report.permissions).toEqual(['Query  granted'])
  })

  it('stays within its bytes, and says how much is not shown', () => {
    const table = Array.from({ length: 5000 }, (_, line) => `${line} ${'x'.repeat(100)}`)
    const report = buildReport(
      stateOf({ failure, role: { action: 'none', summary: 's', table, findings: [] } }),
      0,
    )
    const fitted = fitReport(report)
    expect(bytesOf(fitted)).toBeLessThan(180_000)
    expect(fitted).toMatchObject({ outcome: 'failed', summary: report.summary, failure: report.failure })
    expect(fitted.permissions.at(-1)).toBe('and 4950 more')
    expect(fitReport(fitted)).toBe(fitted)
  })
})
