import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cell, describeCell, type SituationName } from './cells.ts'
import { flawsOf } from './judge.ts'
import { type Played, play, staged } from './play.ts'

// A cut of what `npm run faults` plays: each kind of trouble once, where it hurts most.
type Fault = Cell & { trial: 'fault' }
const fault = (
  kind: Fault['kind'],
  times: Fault['times'],
  operation: string,
  { situation = 'enable', at = 'first' }: Partial<Pick<Fault, 'situation' | 'at'>> = {},
): Fault => ({ situation, trial: 'fault', kind, times, at, operation })

const create = 'CreatePodIdentityAssociation'
const [role, finish, undo] = (['role', 'finish', 'undo'] as const).map((situation) => ({ situation }))

/** The cells of a situation are played in one world, as each but the last one leaves what it found. */
const together: Cell[] = [
  fault('expired', 'always', 'DescribeCluster'),
  fault('malformed', 'always', 'ListPodIdentityAssociations'),
  fault('empty', 'always', 'list pods'),
  fault('throttled', 'always', 'GetRole'),
  fault('conflict', 'always', create),
  fault('denied', 'always', 'patch deployments'),
  fault('response lost', 'always', create),
  fault('denied', 'always', 'PutRolePolicy', role),
  // IAM shows nobody the role that it answers to have made.
  fault('not found', 'always', 'GetRole', role),
  // Between the annotation and the OIDC statement: both are put back.
  fault('denied', 'always', 'UpdateAssumeRolePolicy', finish),
  fault('response lost', 'always', 'patch serviceaccounts', finish),
]

const others: Cell[] = [
  fault('response lost', 'always', 'CreateRole', role),
  fault('reset before', 'thrice', 'patch deployments'),
  // EKS denies that there is what it still lists.
  fault('not found', 'always', 'DeletePodIdentityAssociation', undo),
  // The API server denies that there is what it still shows: at the second, which is the undo's.
  fault('not found', 'always', 'patch deployments', { ...undo, at: 'second' }),
  { situation: 'enable', trial: 'killed', at: 'first', operation: 'patch deployments' },
  { situation: 'repoint', trial: 'person', does: 'repoint', at: 'first', operation: 'TagResource' },
  { situation: 'enable', trial: 'two runs' },
  { situation: 'approval', trial: 'person', does: 'repoint', at: 'question' },
  { situation: 'repoint', trial: 'clock', skewMs: -300_000, step: 'awaitInjection' },
  { situation: 'enable', trial: 'clock', skewMs: -300_000, step: 'report' },
]

/** Nothing is wrong with it, and the trouble has come about. */
const holds = (played: Played): void => {
  const { cell, calls, person } = played
  expect(flawsOf(played)).toEqual([])
  if ('operation' in cell) expect(calls.map(({ operation }) => operation)).toContain(cell.operation)
  if (cell.trial === 'person') expect(person).toBeDefined()
}

const named = (cells: Cell[]) => cells.map((cell) => [describeCell(cell), cell] as const)

describe('a run with one trouble in it', () => {
  it.each(named(others))('%s', async (_what, cell) => holds(await play(cell)))
})

const situationsOf = (cells: Cell[]): SituationName[] => [...new Set(cells.map(({ situation }) => situation))]

describe.each(situationsOf(together))('runs in one world with one trouble in each, of %s', (situation) => {
  const cells = together.filter((cell) => cell.situation === situation)
  let world: Awaited<ReturnType<typeof staged>>
  beforeAll(async () => {
    world = await staged(situation)
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it.each(named(cells))('%s', async (_what, cell) => {
    const played = await world.play(cell)
    holds(played)
    const { readyPods: _before, ...before } = played.before
    if (cell !== cells.at(-1)) expect(played.after).toMatchObject(before)
  })
})
