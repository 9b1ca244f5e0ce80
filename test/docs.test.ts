import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { resolveRequest } from '../core/request.ts'

const text = readFileSync(join(import.meta.dirname, '../docs/triggers.md'), 'utf8')
const inputs = [...text.matchAll(/```json input\n(.*?)```/gs)].map(([, json]) => json as string)

it('shows inputs that can be pasted as they stand', () => {
  const execution = {
    arn: 'arn:aws:states:us-west-2:111122223333:execution:podid:by-hand',
    startTime: '2026-11-23T07:00:00Z',
  }
  const modes = inputs.map((json) => resolveRequest(JSON.parse(json), execution).mode)
  expect(modes).toEqual(['plan', 'enable', 'undo'])
})
