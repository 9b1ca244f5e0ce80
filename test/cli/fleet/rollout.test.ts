import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Here, startHere } from '../../support/commands/here.ts'

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`

/** Three clusters of the fleet; the role of search trusts no pods, and may not be changed. */
const settings = `account: '123456789012'
region: us-west-2
bindings:
  etl: { cluster: data, namespace: shop, serviceAccount: etl, workload: deployment/etl, role: ${role('data-etl')}, needs: [] }
  orders-green: { cluster: shop-green, namespace: shop, serviceAccount: orders, role: ${role('shop-green-orders')}, manageTrust: true, needs: [] }
  search: { cluster: shop-green, namespace: shop, serviceAccount: search, role: ${role('shop-blue-payments')}, needs: [] }
  orders-blue: { cluster: shop-blue, namespace: shop, serviceAccount: orders, role: ${role('shop-blue-orders')}, manageTrust: true, needs: [] }
rollout: { maxConcurrency: 1 }
`

describe('a rollout from the command line', () => {
  let here: Here
  let file: string
  beforeAll(async () => {
    here = await startHere('fleet')
    file = join(here.folder, 'podid.yaml')
    writeFileSync(file, settings)
  })
  afterAll(() => here[Symbol.asyncDispose]())

  const rollout = (...args: string[]) => here.podid('rollout', ...args)
  const associated = () =>
    ['shop-green', 'shop-blue'].map((cluster) => here.world.aws.associations.list(cluster).length)
  /** The table of waves, without its spaces. */
  const waves = (text: string) =>
    text
      .split('\n\n')[0]
      ?.split('\n')
      .filter((line) => /^\d +\d/.test(line))
      .map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' '))

  it('stops at a wave beyond its tolerance, and undoes it where that is wanted', async () => {
    const stopped = await rollout('-f', file, '--undo-on-failure')
    expect([stopped.code, waves(stopped.stdout)]).toEqual([
      1,
      [
        '1 1 1 done 1 skipped (in force already)',
        '2 1 2 stopped 1 associated, 1 failed; undone: 1 undone',
        '3 1 1 not begun',
      ],
    ])
    expect(associated()).toEqual([0, 0])
  })

  it('says in a sentence what is wrong with its flags', async () => {
    const { code, stderr } = await rollout('-f', file, '--tolerate', '101')
    expect([code, stderr]).toEqual([2, expect.stringContaining('Give a number from 0 to 100.')])
  })
})
