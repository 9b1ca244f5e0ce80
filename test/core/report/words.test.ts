import { expect, it } from 'vitest'
import { runTag } from '../../../core/association.ts'
import { buildReport } from '../../../core/report.ts'
import {
  failedRollout as failure,
  restartStep as restart,
  reportStart as start,
  reportState as stateOf,
  stockStep as stock,
  undoStep,
} from '../report-state.ts'

const undo = { ...undoStep, done: [{ kind: 'restart', what: 'deployment/api has its former pod template' }] }
const kept = [
  { kind: 'association', what: 'the association a-1 stays' },
  { kind: 'trust', what: "the role's trust stays" },
]
const differs = { state: 'differs', message: 'api has 3 replicas now', deleted: [], left: [], position: null }
const asBefore = { ...differs, state: 'as-before', message: 'it runs as before' }
const role = 'arn:aws:iam::123456789012:role'
const command = {
  Error: 'RolloutFailed',
  Cause: JSON.stringify({ errorMessage: 'run this:\naws sts get-caller-identity' }),
}
const pointing = {
  action: 'repoint',
  message: 'm',
  before: {
    id: 'a-1',
    roleArn: `${role}/former`,
    targetRoleArn: null,
    disableSessionTags: false,
    policy: null,
    run: null,
  },
  findings: [],
}
const found = {
  id: 'a-1',
  arn: 'arn:aws:eks:us-west-2:123456789012:podidentityassociation/shop/a-1',
  role: `${role}/reader`,
  sessionTags: true,
  createdAt: 't',
  modifiedAt: 't',
  tags: { [runTag]: 'run-1' },
}
const failing = { failure, restart, association: null }
const refusal = 'carts/api on shop: pod api-1 cannot start'
it.each<[why: string, change: Record<string, unknown>, words: string]>([
  [
    'an undo that has put back one thing and left two',
    { request: { mode: 'undo' }, undo: { ...undo, kept }, rolloutBack: differs },
    "carts/api on shop: deployment/api has its former pod template; the association a-1 stays; the role's trust stays; api has 3 replicas now",
  ],
  [
    'an undo that has left two, and says nothing of a workload that runs as before',
    { request: { mode: 'undo' }, undo: { ...undo, done: [], kept }, rolloutBack: asBefore },
    "carts/api on shop: the association a-1 stays; the role's trust stays",
  ],
  [
    'an undo with nothing to put back, after which the workload runs otherwise',
    { request: { mode: 'undo' }, undo: { ...undo, done: [] }, rolloutBack: differs },
    'carts/api on shop: there was nothing to undo; api has 3 replicas now',
  ],
  [
    'an undo that put back nothing, and says of no workload how it runs',
    { request: { mode: 'undo' }, undo: { ...undo, done: [] } },
    'carts/api on shop is as it was before; there was nothing to undo',
  ],
  [
    'an undo that did not come to that',
    { request: { mode: 'undo' } },
    'carts/api on shop is as it was before; there was nothing to undo',
  ],
  [
    'an undo that put back one thing, after which the workload runs otherwise',
    { request: { mode: 'undo' }, undo, rolloutBack: differs },
    'carts/api on shop: what the run changed is put back; api has 3 replicas now',
  ],
  [
    'a failure whose message ends with a command, which has to stay as it is, after which the workload runs otherwise',
    {
      ...failing,
      failure: command,
      undo: { ...undo, done: [] },
      rolloutBack: { ...differs, message: 'api has 3 replicas now. It had 2' },
    },
    'carts/api on shop: run this:\naws sts get-caller-identity\napi has 3 replicas now. It had 2',
  ],
  [
    'a failure of which nobody saw whether two things happened',
    { failure, tried: 'ensureAssociation', associationCheck: pointing },
    `${refusal}. It could not be seen whether this happened: mark the association a-1 as this run's; point the association a-1 of carts/reader from ${role}/former to ${role}/reader`,
  ],
  [
    'a failure after which one thing is seen to have happened, and one not to have',
    {
      failure,
      tried: 'ensureAssociation',
      associationCheck: pointing,
      stock: { ...stock, association: { seen: { ...found, role: `${role}/former` } } },
    },
    refusal,
  ],
  [
    'the same, and its undo found nothing to put back',
    {
      failure,
      tried: 'ensureAssociation',
      associationCheck: pointing,
      stock: { ...stock, association: { seen: { ...found, role: `${role}/former` } } },
      undo: { ...undo, done: [] },
    },
    refusal,
  ],
  [
    'a failure whose undo gave no answer, after which two things are seen to be put back',
    {
      failure,
      roleMade: { action: 'created', message: 'm' },
      associationCheck: { ...pointing, action: 'create', before: null },
      association: { action: 'created', message: 'm', association: found },
      undo: { error: { Error: 'States.Timeout', Cause: 'no answer' } },
      stockAfterUndo: { ...stock, role: { seen: null }, association: { seen: null } },
    },
    `${refusal}. The undo ended without an answer, and a look shows that this is put back: created the role ${role}/reader for carts/reader of shop alone; created the association a-1 of carts/reader with ${role}/reader`,
  ],
  [
    'a failure after which two things were left, each told',
    { ...failing, undo: { ...undo, kept }, rolloutBack: asBefore },
    `${refusal}. Put back: deployment/api has its former pod template. Left as it is: the association a-1 stays; the role's trust stays`,
  ],
  [
    'a failure after which the workload runs otherwise',
    { ...failing, undo, rolloutBack: differs },
    `${refusal}. Put back: deployment/api has its former pod template; api has 3 replicas now`,
  ],
  [
    'a failure after which two things were put back',
    {
      ...failing,
      undo: { ...undo, done: [...undo.done, { kind: 'trust', what: "the role's trust is as it was" }] },
      rolloutBack: asBefore,
    },
    `${refusal}. Put back: deployment/api has its former pod template; the role's trust is as it was. Everything is as it was before`,
  ],
  [
    'a failure after which nothing had to be put back',
    { ...failing, undo: { ...undo, done: [] }, rolloutBack: asBefore },
    `${refusal}. Everything is as it was before`,
  ],
  [
    'a role is named without its path',
    { restart, request: { role: 'arn:aws:iam::123456789012:role/team/blue/reader' } },
    'carts/api on shop is set up for the credentials of reader',
  ],
])('in words: %s', (_why, change, words) => {
  expect(buildReport(stateOf(change), start).summary).toBe(words)
})
