import { describe, expect, it } from 'vitest'
import { openingsOf } from '../../../../core/fleet/waves/windows.ts'

describe('windows', () => {
  const at = (text: string) => Date.parse(text)
  const openings = (from: string, to: string, timeZone: string, now: string, days?: string[]) =>
    openingsOf(
      [{ from, to, days: days ?? ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] }],
      timeZone,
      at(now),
      2,
    )
      .slice(0, 2)
      .map((opening) => [new Date(opening.from).toISOString(), new Date(opening.to).toISOString()])

  it.each([
    [
      'of UTC',
      '09:00',
      '10:00',
      'UTC',
      '2026-11-26T08:00:00Z',
      ['2026-11-26T09:00:00.000Z', '2026-11-26T10:00:00.000Z'],
    ],
    [
      'that is open',
      '09:00',
      '10:00',
      'UTC',
      '2026-11-26T09:30:00Z',
      ['2026-11-26T09:00:00.000Z', '2026-11-26T10:00:00.000Z'],
    ],
    [
      'over midnight, of yesterday',
      '22:00',
      '02:00',
      'UTC',
      '2026-11-26T01:00:00Z',
      ['2026-11-25T22:00:00.000Z', '2026-11-26T02:00:00.000Z'],
    ],
    [
      'of another zone',
      '22:00',
      '23:00',
      'Europe/Berlin',
      '2026-11-26T12:00:00Z',
      ['2026-11-26T21:00:00.000Z', '2026-11-26T22:00:00.000Z'],
    ],
    // Clocks go from 02:00 to 03:00 on 29 March 2026, and from 03:00 back to 02:00 on 25 October 2026.
    [
      'at a time that the change to summer time skips',
      '02:30',
      '04:00',
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      ['2026-03-29T01:30:00.000Z', '2026-03-29T02:00:00.000Z'],
    ],
    [
      'at a time that there is twice',
      '02:30',
      '04:00',
      'Europe/Berlin',
      '2026-10-25T00:00:00Z',
      ['2026-10-25T00:30:00.000Z', '2026-10-25T03:00:00.000Z'],
    ],
  ])('%s', (_why, from, to, zone, now, expected) => {
    expect(openings(from, to, zone, now)[0]).toEqual(expected)
  })

  it.each<
    [
      why: string,
      windows: [from: string, to: string][],
      zone: string,
      now: string,
      days: number,
      expected: [string, string][],
    ]
  >([
    [
      'of a whole day',
      [['09:00', '09:00']],
      'UTC',
      '2026-11-26T09:00:00Z',
      0,
      [['2026-11-26T09', '2026-11-27T09']],
    ],
    [
      'that touch are one, and that are within another are that one',
      [
        ['12:00', '13:00'],
        ['09:00', '12:00'],
        ['10:00', '11:00'],
      ],
      'UTC',
      '2026-11-26T08:00:00Z',
      0,
      [['2026-11-26T09', '2026-11-26T13']],
    ],
    [
      'that do not touch come in their order, whatever the order of the windows',
      [
        ['15:00', '16:00'],
        ['12:00', '13:00'],
        ['09:00', '10:00'],
      ],
      'UTC',
      '2026-11-26T08:00:00Z',
      0,
      [
        ['2026-11-26T09', '2026-11-26T10'],
        ['2026-11-26T12', '2026-11-26T13'],
        ['2026-11-26T15', '2026-11-26T16'],
      ],
    ],
    ['that ends now is over', [['09:00', '10:00']], 'UTC', '2026-11-26T10:00:00Z', 0, []],
    // It is the 26th in Auckland, thirteen hours before UTC.
    [
      'of the day that it is there',
      [['13:00', '14:00']],
      'Pacific/Auckland',
      '2026-11-25T23:00:00Z',
      0,
      [['2026-11-26T00', '2026-11-26T01']],
    ],
    // 02:30 is 03:30 on that day: nothing is left until 03:00 or 03:30.
    [
      'that ends before it begins, as summer time comes',
      [['02:30', '03:00']],
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      0,
      [],
    ],
    [
      'that ends as it begins, as summer time comes',
      [['02:30', '03:30']],
      'Europe/Berlin',
      '2026-03-29T00:00:00Z',
      0,
      [],
    ],
  ])('%s', (_why, windows, zone, now, days, expected) => {
    const all = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
    const found = openingsOf(
      windows.map(([from, to]) => ({ from, to, days: all })),
      zone,
      at(now),
      days,
    )
    expect(
      found.map((one) => [
        new Date(one.from).toISOString().slice(0, 13),
        new Date(one.to).toISOString().slice(0, 13),
      ]),
    ).toEqual(expected)
  })

  it('are of the days that they name', () => {
    expect(openings('09:00', '10:00', 'UTC', '2026-11-26T12:00:00Z', ['sat'])).toEqual([
      ['2026-11-28T09:00:00.000Z', '2026-11-28T10:00:00.000Z'],
    ])
  })
})
