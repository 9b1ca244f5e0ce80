import { describe, expect, it } from 'vitest'
import { Transient } from '../../../core/errors.ts'
import type { TrailLook } from '../../../core/workload/proof/trail.ts'
import { create, figuresOfSweep, lineOfSweep } from '../../../functions/integrations/sweep.ts'
import type { Swept } from '../../../functions/support/sweep/tell.ts'
import { absent, active, fields, missing, region, sweep } from '../../support/sweep.ts'
import { surroundings } from '../middleware/support.ts'

describe('the sweep', () => {
  it('mends every cluster that a binding is for, and no other', async () => {
    const { starts, events } = await sweep({}, { clusters: ['shop-1', 'shop-2', 'bank'] })
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-1', 'shop-2'])
    expect(events.map(({ cluster }) => cluster)).toEqual(['shop-1', 'shop-2'])
  })

  it('reports once what it may only report', async () => {
    const { starts, events } = await sweep({}, { mode: 'report', times: 3 })
    expect(starts).toEqual([])
    expect(events).toMatchObject([{ findings: [{ code: 'association-missing' }] }])
  })

  it('tells with it what CloudTrail showed earlier, which is no other drift when it changes', async () => {
    let minute = 0
    const look = (): TrailLook => ({
      at: `2026-11-25T10:0${minute++}:00Z`,
      role: fields.role,
      unseen: 'throttled',
    })
    const { events } = await sweep({}, { mode: 'report', look, times: 2 })
    expect(events).toHaveLength(1)
    expect(events[0]?.findings.map(({ code }) => code)).toEqual([
      'association-missing',
      'credentials-in-cloudtrail',
    ])
  })

  it('looks in CloudTrail for what is in force, and for nothing else', async () => {
    const asked: string[][] = []
    await sweep(
      {
        association: async ({ cluster }) =>
          cluster.name === 'shop-2' ? missing : { ...missing, action: 'keep' },
        workload: async ({ cluster }) => ({ ...absent, exists: true, injected: cluster.name !== 'shop-3' }),
        trail: async (bindings) => {
          asked.push(bindings.map(({ cluster }) => cluster.name))
          return bindings.length
        },
      },
      { clusters: ['shop-1', 'shop-2', 'shop-3'] },
    )
    expect(asked).toEqual([['shop-1']])
  })

  it('reports a cluster that cannot be looked at, and goes on to the next', async () => {
    const { starts, events } = await sweep(
      {
        workload: async ({ cluster }) => {
          if (cluster.name === 'shop-1') throw new Transient('no answer')
          return absent
        },
      },
      { clusters: ['shop-1', 'shop-2'] },
    )
    expect(events.map(({ findings }) => findings[0]?.code)).toEqual([
      'cluster-not-checked',
      'association-missing',
    ])
    expect(starts.map(({ input }) => input.cluster)).toEqual(['shop-2'])
  })

  it('leaves clusters alone that are being made or taken down', async () => {
    for (const status of ['CREATING', 'DELETING']) {
      const { starts, events } = await sweep({}, { status: async (name) => active(name, status) })
      expect([starts, events]).toEqual([[], []])
    }
  })
})

describe('what is said of a sweep', () => {
  const swept: Swept = {
    ...{ checked: 3, looked: 2, failed: 1, left: 4 },
    drifted: [{}, {}] as never,
    notChecked: [
      { region, cluster: 'shop-1', findings: [] },
      { region, cluster: null, findings: [] },
    ],
    openTooLong: ['run-1'],
  }
  const counted = { checked: 3, looked: 2, failed: 1, left: 4, drifted: 2 }
  it('in the log names what was not looked at, a hundred at most', () => {
    const line = { ...counted, openTooLong: ['run-1'] }
    expect(lineOfSweep(swept)).toEqual({
      ...{ ...line, notChecked: [`${region}/shop-1`, `${region}/*`], notCheckedCount: 2 },
    })
    const many = Array.from({ length: 101 }, (_, index) => ({ region, cluster: `c-${index}`, findings: [] }))
    const { notChecked, notCheckedCount } = lineOfSweep({ ...swept, notChecked: many })
    expect([notChecked.length, notChecked.at(-1), notCheckedCount]).toEqual([100, `${region}/c-99`, 101])
  })
  it('in figures counts it, and runs that are open for too long where they were looked at', () => {
    expect(figuresOfSweep(swept)).toEqual({ ...counted, notChecked: 2, openTooLong: 1 })
    expect(figuresOfSweep({ ...swept, openTooLong: null }).openTooLong).toBeNull()
  })
})

it('the handler of a sweep takes no event but its own', async () => {
  const runtime = surroundings()
  await expect(create(runtime)({ id: 7 })).rejects.toMatchObject({
    message: expect.stringMatching(/^Sweep was called with a faulty input: id: /),
  })
  expect(runtime.lines).toMatchObject([{ level: 'warn', message: 'Sweep' }])
})
