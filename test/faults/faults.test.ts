import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cell, describeCell, type SituationName, type Strike } from './cells.ts'
import { flawsOf } from './judge.ts'
import { type Played, play, staged } from './play.ts'

// A cut of what `npm run faults` plays: each kind of trouble once, where it hurts most.
const fault = (
  kind: Strike['kind'],
  times: Strike['times'],
  operation: string,
  at: Strike['at'] = 'first',
): { trial: 'fault' } & Strike => ({ trial: 'fault', kind, times, at, operation })

const create = 'CreatePodIdentityAssociation'
const enable = { situation: 'enable' } as const
const role = { situation: 'role' } as const

/** The cells of a situation are played in one world, as each but the last one leaves what it found. */
const together: Cell[] = [
  { ...enable, ...fault('expired', 'always', 'DescribeCluster') },
  { ...enable, ...fault('malformed', 'always', 'ListPodIdentityAssociations') },
  { ...enable, ...fault('conflict', 'always', create) },
  {
    ...enable,
    ...fault('response lost', 'always', create),
    beside: [fault('denied', 'always', 'patch deployments')],
  },
  { ...enable, trial: 'killed', at: 'first', operation: 'patch deployments' },
  // EKS denies that there is what it still lists.
  {
    ...enable,
    ...fault('not found', 'always', 'DeletePodIdentityAssociation'),
    beside: [fault('denied', 'always', 'patch deployments')],
  },
  {
    ...role,
    ...fault('response lost', 'always', 'CreateRole'),
    beside: [fault('denied', 'always', 'PutRolePolicy')],
  },
  // IAM shows nobody the role that it answers to have made.
  { ...role, ...fault('not found', 'always', 'GetRole') },
]

const others: Cell[] = [
  // Between the annotation and the OIDC statement: both are put back.
  {
    situation: 'finish',
    ...fault('response lost', 'always', 'patch serviceaccounts'),
    beside: [fault('denied', 'always', 'UpdateAssumeRolePolicy')],
  },
  // The API server denies that there is what it still shows: at the second, which is the undo's.
  { situation: 'undo', ...fault('not found', 'always', 'patch deployments', 'second') },
  { situation: 'repoint', trial: 'person', does: 'repoint', at: 'first', operation: 'TagResource' },
  {
    situation: 'repoint',
    ...fault('reset before', 'thrice', 'patch deployments'),
    clock: { skewMs: -300_000, steps: ['awaitInjection', 'report'] },
  },
]

/** Nothing is wrong with it, and the trouble has come about. */
const holds = (played: Played): void => {
  const { cell, calls, person } = played
  expect(flawsOf(played)).toEqual([])
  const struck = [
    ...('operation' in cell ? [cell] : []),
    ...(cell.trial === 'fault' ? (cell.beside ?? []) : []),
  ]
  for (const { operation, at } of struck)
    expect(calls.filter((call) => call.operation === operation).length).toBeGreaterThanOrEqual(
      at === 'second' ? 2 : 1,
    )
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
