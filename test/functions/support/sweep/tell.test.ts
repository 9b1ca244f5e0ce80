import { describe, expect, it } from 'vitest'
import { AccessDenied, Transient } from '../../../../core/errors.ts'
import type { Drift, DriftDigest, PodidEvent } from '../../../../core/events.ts'
import type { Finding } from '../../../../core/findings.ts'
import { type Swept, tellerOf } from '../../../../functions/support/sweep/tell.ts'

const findingOf = (code: string): Finding => ({ code, severity: 'warning', subject: 's', found: 'f' })
const drift: Drift = {
  binding: 'carts',
  cluster: 'shop',
  region: 'us-west-2',
  findings: [findingOf('association-missing')],
  run: null,
  undoneBy: null,
  held: null,
}
const digest: DriftDigest = {
  day: '2026-11-26',
  drifted: [],
  notChecked: [],
  total: { drifted: 0, notChecked: 0 },
  stopped: null,
}
const arn = 'arn:aws:eks:us-west-2:123456789012:cluster/shop'

/** A teller, and what it counts, puts, notes and logs. */
const telling = (deaf?: Error) => {
  const swept = { drifted: [], notChecked: [], failed: 0 } as unknown as Swept
  const did: unknown[] = []
  const done = new Set<string>()
  const tell = tellerOf(
    {
      once: async (key, work) => {
        if (!done.has(key)) await work()
        done.add(key)
      },
      bus: {
        put: async (event: PodidEvent) => {
          if (deaf) throw deaf
          did.push(event)
        },
      },
      log: { warn: (...line) => void did.push(line) },
    },
    swept,
    {
      drift: (noted) => void did.push(['noted', noted]),
      notChecked: (noted) => void did.push(['noted', noted]),
    },
  )
  return { tell, swept, did, keys: done }
}

describe('what a sweep tells', () => {
  it('is a drift, with what was seen earlier beside it, once while it is the same', async () => {
    const { tell, swept, did, keys } = telling()
    const seen = findingOf('credentials-in-cloudtrail')
    await tell.drift(drift, arn, seen)
    await tell.drift(drift, arn, undefined)
    await tell.drift({ ...drift, run: 'run-1' }, arn, undefined)
    const event = (detail: Drift) => ({ type: 'Drift Found', resources: [arn], detail })
    expect(did).toEqual([
      ['noted', drift],
      event({ ...drift, findings: [...drift.findings, seen] }),
      ['noted', drift],
      ['noted', { ...drift, run: 'run-1' }],
      event({ ...drift, run: 'run-1' }),
    ])
    expect([...keys].map((key) => key.replace(/[0-9a-f]{32}$/, 'DIGEST'))).toEqual([
      `drift/${arn}/DIGEST`,
      `drift/${arn}/DIGEST`,
    ])
    expect(swept.drifted).toEqual([drift, drift, { ...drift, run: 'run-1' }])
  })

  it.each<[why: string, name: string | null, findings: object[], key: string]>([
    [
      'a cluster that was not looked at',
      'shop',
      [
        expect.objectContaining({
          code: 'cluster-not-checked',
          subject: 'cluster shop',
          found: 'it could not be checked: AccessDenied: no',
          remedy: expect.objectContaining({
            command: expect.stringContaining('--name shop --region us-west-2'),
          }),
        }),
      ],
      'not-checked/us-west-2/shop',
    ],
    [
      'a region that was not',
      null,
      [expect.objectContaining({ code: 'region-not-checked', subject: 'region us-west-2' })],
      'not-checked/us-west-2/',
    ],
  ])('is %s', async (_why, name, findings, key) => {
    const { tell, swept, did, keys } = telling()
    await tell.notChecked({ region: 'us-west-2', name }, new AccessDenied('no'))
    const detail = { cluster: name, region: 'us-west-2', findings }
    expect(did).toEqual([['noted', detail], { type: 'Cluster Not Checked', resources: [], detail }])
    expect([...keys]).toEqual([key])
    expect(swept.notChecked).toEqual([detail])
  })

  it('is the digest of a day, and whether it could be told', async () => {
    const { tell, did, keys } = telling()
    expect(await tell.digest(digest)).toBe(true)
    expect(did).toEqual([{ type: 'Drift Digest', resources: [], detail: digest }])
    expect([...keys]).toEqual(['digest/2026-11-26'])
    const deaf = telling(new Transient('throttled'))
    expect(await deaf.tell.digest(digest)).toBe(false)
    expect(deaf.did).toEqual([
      ['Drift Digest was not told', { cluster: undefined, region: undefined, why: 'throttled' }],
    ])
  })

  it('and cannot tell is counted, and in the log, without its secrets', async () => {
    const { tell, swept, did } = telling(new Transient('token=abcdefgh'))
    await tell.drift(drift, arn, undefined)
    await tell.notChecked({ region: 'us-west-2', name: 'shop' }, new AccessDenied('no'))
    tell.failed('a binding was not put right', { binding: 'carts' }, new Error('token=abcdefgh'))
    const why = 'token=(hidden)'
    expect(
      did.filter((one) => typeof (one as unknown[])[1] === 'object' && (one as unknown[])[0] !== 'noted'),
    ).toEqual([
      ['Drift Found was not told', { cluster: 'shop', region: 'us-west-2', why }],
      ['Cluster Not Checked was not told', { cluster: 'shop', region: 'us-west-2', why }],
      ['a binding was not put right', { binding: 'carts', why }],
    ])
    expect(swept).toMatchObject({ failed: 3, drifted: [drift] })
  })
})
