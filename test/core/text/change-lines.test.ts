import { expect, it } from 'vitest'
import type { Change } from '../../../core/changes.ts'
import { changeLine, changeLines, changesToTell } from '../../../core/text/change-lines.ts'

const change = (more: Partial<Change>): Change => ({
  kind: 'association',
  subject: 'a-1',
  action: 'create the association a-1',
  state: 'done',
  undone: false,
  ...more,
})

it.each<[why: string, more: Partial<Change>, line: string]>([
  ['planned', { state: 'planned' }, 'create the association a-1'],
  ['done', { action: 'created the association a-1' }, 'created the association a-1'],
  [
    'done and taken back',
    { action: 'created the association a-1', undone: true },
    'created the association a-1; put back since',
  ],
  [
    'seen not to have happened',
    { state: 'not-done' },
    'tried to create the association a-1, which did not happen',
  ],
  [
    'never seen',
    { state: 'unknown' },
    'tried to create the association a-1; whether that happened could not be seen',
  ],
  [
    'never seen, with the reason',
    { state: 'unknown', error: 'Throttled' },
    'tried to create the association a-1; whether that happened could not be seen: Throttled',
  ],
])('a change that is %s', (_why, more, line) => {
  expect(changeLine(change(more))).toBe(line)
})

const association = change({})
const restart = change({ kind: 'restart', subject: 'deployment/carts', action: 'restarted deployment/carts' })

it.each<[why: string, undo: Parameters<typeof changesToTell>[1], told: Change[]]>([
  ['nothing was undone', null, [association, restart]],
  ['what was put back, by its subject', { done: ['a-1'], left: [] }, [restart]],
  ['what was put back, by its words', { done: ['restarted deployment/carts'], left: [] }, [association]],
  ['what is left', { done: [], left: [{ what: 'a-1' }] }, [restart]],
  ['all of it', { done: ['a-1'], left: [{ what: 'deployment/carts' }] }, []],
])('changes that an undo does not tell of itself: %s', (_why, undo, told) => {
  expect(changesToTell([association, restart], undo)).toEqual(told)
  expect(changeLines([association, restart], undo)).toEqual(told.map(changeLine))
})
