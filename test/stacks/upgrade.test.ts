import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Held, heldBy, lostBetween } from '../../stacks/synth/held.ts'
import { everything, root, synthesizeStage } from './support.ts'

const folder = join(root, 'test/recordings/upgrade')
const versions = globSync('*.json', { cwd: folder }).map((file) => basename(file, '.json'))

const heldIn = (version: string) =>
  JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')) as Record<'dev' | 'production', Held[]>

describe('an upgrade', () => {
  it.each(versions)('from %s replaces and removes nothing that holds data', async (version) => {
    const before = heldIn(version)
    const [dev, production] = await Promise.all([
      synthesizeStage('dev', everything),
      synthesizeStage('production'),
    ])
    expect(before.dev.length).toBeGreaterThan(50)
    expect(lostBetween(before.dev, heldBy(dev))).toEqual([])
    expect(lostBetween(before.production, heldBy(production))).toEqual([])
  })

  const table = (change: object = {}, name = 'Records') => ({
    type: 'aws:dynamodb/table:Table',
    name,
    inputs: { name: 'podid-dev-records', hashKey: 'id', billingMode: 'PAY_PER_REQUEST', ...change },
  })
  it.each<[why: string, now: ReturnType<typeof table>[], lost: string[]]>([
    ['the same', [table()], []],
    ['something beside it', [table(), table({ name: 'more' }, 'More')], []],
    ['what can be changed in place', [table({ billingMode: 'PROVISIONED' })], []],
    ['its key', [table({ hashKey: 'run' })], ['has another hashKey and would be replaced']],
    ['its name in the account', [table({ name: 'records' })], ['has another name and would be replaced']],
    ['its logical name', [table({}, 'Runs')], ['is gone']],
    ['a key that it had not', [table({ rangeKey: 'at' })], ['has another rangeKey and would be replaced']],
  ])('that changes %s', (_why, now, lost) => {
    const before = heldBy({ resources: [table()] })
    expect(lostBetween(before, heldBy({ resources: now }))).toEqual(
      lost.map((what) =>
        expect.stringContaining(`aws:dynamodb/table:Table Records ${what}: the records would be deleted`),
      ),
    )
  })
})
