import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { RolloutSettings } from '../../../../core/fleet/waves/settings.ts'
import { windowFaults } from '../../../../core/fleet/waves/windows.ts'

const published = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../podid.schema.json'), 'utf8'))
  .properties.rollout
const { properties } = z.toJSONSchema(RolloutSettings, { io: 'input' })

/** What is wrong with settings, by field. */
const faults = (settings: object): string[] =>
  (RolloutSettings.safeParse(settings).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  )
const night = { from: '22:00', to: '02:00' }

describe('settings of a rollout', () => {
  it.each(Object.entries(published.properties))('have %s as the published schema has it', (name, field) => {
    expect(properties?.[name]).toEqual(field)
  })

  it('are these where nothing is said', () => {
    expect(RolloutSettings.parse({})).toEqual({
      waves: [1, '10%'],
      perCluster: 4,
      toleratedFailurePercentage: 0,
      undoOnFailure: false,
      approval: 'none',
      approvalTimeoutSeconds: 86_400,
      pauseSeconds: 0,
      windows: [],
      timeZone: 'UTC',
    })
    expect(RolloutSettings.parse({ windows: [night] }).windows).toEqual([
      { ...night, days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
    ])
  })

  const size = 'is neither a number of clusters nor a part of all, such as 10%'
  const time = 'is not a time of day, such as 22:00'
  const zone = 'is not the IANA name of a time zone, such as UTC or Europe/Berlin'
  it.each<[why: string, settings: object, faults: string[]]>([
    [
      'a wave of one cluster, of a thousand, of one percent and of all',
      { waves: [1, 1000, '1%', '100%'] },
      [],
    ],
    ['a part of nothing', { waves: ['0%'] }, [`waves.0: ${size}`]],
    ['a part of more than all', { waves: ['1100%'] }, [`waves.0: ${size}`]],
    ['a part with something behind it', { waves: ['10% '] }, [`waves.0: ${size}`]],
    ['a part with something before it', { waves: ['a10%'] }, [`waves.0: ${size}`]],
    ['a part whose second sign is no digit', { waves: ['1x%'] }, [`waves.0: ${size}`]],
    ['every hour that a day has', { windows: [{ from: '00:00', to: '23:59' }] }, []],
    ['an hour that no day has', { windows: [{ ...night, to: '24:00' }] }, [`windows.0.to: ${time}`]],
    ['a minute that no hour has', { windows: [{ ...night, from: '22:60' }] }, [`windows.0.from: ${time}`]],
    [
      'a time with something before it',
      { windows: [{ ...night, from: 'at 22:00' }] },
      [`windows.0.from: ${time}`],
    ],
    [
      'a time with something behind it',
      { windows: [{ ...night, from: '22:00:00' }] },
      [`windows.0.from: ${time}`],
    ],
    [
      'the second window, each of whose times is none, in a zone that there is not',
      { windows: [night, { from: '9', to: 'ten' }], timeZone: 'Berlin' },
      [`timeZone: ${zone}`, `windows.1.from: ${time}`, `windows.1.to: ${time}`],
    ],
    ['a zone by its IANA name', { windows: [night], timeZone: 'Europe/Berlin' }, []],
  ])('take or refuse %s', (_why, settings, expected) => {
    expect(faults(settings)).toEqual(expected)
  })

  it('says of windows where the fault is, with numbers for places in lists', () => {
    expect(windowFaults([{ from: '22:00', to: '25:00' }], 'x')).toEqual([
      { path: ['timeZone'], said: zone },
      { path: ['windows', 0, 'to'], said: time },
    ])
  })
})
