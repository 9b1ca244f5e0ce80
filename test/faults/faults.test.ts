import { describe, expect, it } from 'vitest'
import { type Cell, describeCell } from './cells.ts'
import { flawsOf } from './judge.ts'
import { play, undisturbed } from './play.ts'

// A cut of what `npm run faults` plays: each kind of trouble once, where it hurts most.
const courses = {
  enable: await undisturbed('enable'),
  undo: await undisturbed('undo'),
  role: await undisturbed('role'),
  finish: await undisturbed('finish'),
}
/** The first call of an operation; of a run that is undone the last, which is the undo's. */
const callOf = (operation: string, situation: keyof typeof courses = 'enable'): number => {
  const those = courses[situation].calls.filter((call) => call.operation === operation)
  const found = situation === 'undo' ? those.at(-1) : those[0]
  if (!found) throw new Error(`a run does not call ${operation} any more`)
  return found.id
}
const fault = (
  kind: (Cell & { trial: 'fault' })['kind'],
  times: (Cell & { trial: 'fault' })['times'],
  operation: string,
  situation: keyof typeof courses = 'enable',
): Cell => ({ situation, trial: 'fault', kind, times, at: callOf(operation, situation), operation })

const create = 'CreatePodIdentityAssociation'
const cells: Cell[] = [
  fault('response lost', 'once', create),
  fault('response lost', 'always', create),
  fault('conflict', 'always', create),
  fault('reset before', 'thrice', 'patch deployments'),
  fault('denied', 'always', 'patch deployments'),
  fault('expired', 'always', 'DescribeCluster'),
  fault('malformed', 'always', 'ListPodIdentityAssociations'),
  fault('empty', 'always', 'list pods'),
  fault('throttled', 'always', 'GetRole'),
  // EKS denies that there is what it still lists.
  fault('not found', 'always', 'DeletePodIdentityAssociation', 'undo'),
  // The API server denies that there is what it still shows.
  fault('not found', 'always', 'patch deployments', 'undo'),
  fault('response lost', 'always', 'CreateRole', 'role'),
  fault('denied', 'always', 'PutRolePolicy', 'role'),
  // IAM shows nobody the role that it answers to have made.
  fault('not found', 'always', 'GetRole', 'role'),
  // Between the annotation and the OIDC statement: both are put back.
  fault('denied', 'always', 'UpdateAssumeRolePolicy', 'finish'),
  fault('response lost', 'always', 'patch serviceaccounts', 'finish'),
  { situation: 'enable', trial: 'killed', at: callOf('patch deployments') + 1, operation: 'the next call' },
  { situation: 'repoint', trial: 'person', does: 'repoint', at: callOf(create) },
  { situation: 'enable', trial: 'two runs' },
  { situation: 'approval', trial: 'person', does: 'repoint', at: 'question' },
  { situation: 'repoint', trial: 'clock', skewMs: -300_000, step: 'awaitInjection' },
  { situation: 'enable', trial: 'clock', skewMs: -300_000, step: 'report' },
]

describe('a run with one trouble in it', () => {
  it.each(cells.map((cell) => [describeCell(cell), cell] as const))('%s', async (_what, cell) => {
    expect(flawsOf(await play(cell))).toEqual([])
  })
})
