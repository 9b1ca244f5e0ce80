import { describe, expect, it } from 'vitest'
import type { FleetPlan } from '../../../../core/fleet/waves/plan.ts'
import { create as createReport, reportRollout } from '../../../../functions/steps/report-rollout.ts'
import { surroundings } from '../../middleware/support.ts'
import { rolloutOfFour } from './bucket.ts'

const { startTime, services, ownItem, plan, at } = rolloutOfFour

describe('ReportRollout', () => {
  const row = (name: string, wave: number, result: string) => {
    const { input: _, ...own } = ownItem(name)
    return { ...own, item: own.run, wave, result, said: '', before: null }
  }
  const kept = {
    [`${at}/wave-1-round-1.rows.json`]: [row('a', 1, 'enabled')],
    [`${at}/wave-1-round-2.rows.json`]: [row('b', 1, 'failed')],
    [`${at}/undo-1-round-1.rows.json`]: [row('a', 1, 'undone')],
    [`${at}/wave-2-round-1.rows.json`]: [row('c', 2, 'enabled')],
    [`${at}/wave-1-round-1.json`]: [ownItem('a')],
    [`${at}/wave-1-round-2.json`]: [ownItem('b')],
    [`${at}/wave-2-round-1.json`]: [ownItem('c')],
  }
  const endedAt = '2026-11-23T07:00:00.000Z'
  const reported = async (change: Partial<FleetPlan>, rest: object) => {
    const asked: string[] = []
    const given = services({ ...kept })
    const get = async (key: string) => {
      asked.push(key.slice(at.length + 1))
      return (kept as Record<string, unknown>)[key]
    }
    const report = await reportRollout({ ...given, objects: { ...given.objects, get } } as never)({
      plan: plan(change),
      judged: [],
      failure: null,
      endedAt,
      ...rest,
    } as never)
    return { report, asked }
  }
  it('looks at the waves that were judged, and at what was undone of each', async () => {
    const { asked, report } = await reported({}, { judged: [{ ...judgedWave(1) }] })
    const { before: _, ...a } = row('a', 1, 'enabled')
    const { before: __, ...b } = row('b', 1, 'failed')
    expect(report.bindings).toEqual([a, b])
    expect(report).toMatchObject({ startedAt: startTime, finishedAt: endedAt })
    expect(report.waves.map(({ undone }) => undone?.undone ?? null)).toEqual([1, null])
    expect(asked).toEqual([
      'wave-1-round-1.rows.json',
      'wave-1-round-2.rows.json',
      'undo-1-round-1.rows.json',
    ])
  })
  it('looks at the one after them where something ended the rollout in it', async () => {
    const { asked } = await reported({}, { judged: [judgedWave(1)], failure: { Error: 'E' } })
    expect(asked).toContain('wave-2-round-1.rows.json')
  })
  it('lists what a plan would do', async () => {
    const { report, asked } = await reported({ mode: 'plan' }, {})
    expect(asked).toEqual(['wave-1-round-1.json', 'wave-1-round-2.json', 'wave-2-round-1.json'])
    expect(report).toMatchObject({ outcome: 'planned' })
    expect(report.bindings).toEqual(
      [
        ['a', 1],
        ['b', 1],
        ['c', 2],
      ].map(([name, wave]) => {
        const { before: _, ...planned } = row(name as string, wave as number, 'not begun')
        return planned
      }),
    )
  })
  it('looks at nothing else of a plan that something ended', async () => {
    const { asked } = await reported({ mode: 'plan' }, { failure: { Error: 'E' } })
    expect(asked).toEqual(['wave-1-round-1.json', 'wave-1-round-2.json', 'wave-2-round-1.json'])
  })
  it('takes no input that does not say when it ended', async () => {
    const input = { plan: plan({}), judged: [], failure: null }
    await expect(createReport(surroundings())(input)).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: expect.stringContaining('endedAt'),
    })
  })
  const judgedWave = (wave: number) => ({
    wave,
    round: 2,
    undoing: false,
    next: 'report',
    beyond: null,
    counts: {},
    failures: 0,
    digest: [],
    toUndo: 0,
    message: '',
  })
})
