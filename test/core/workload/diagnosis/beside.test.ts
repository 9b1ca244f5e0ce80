import { describe, expect, it } from 'vitest'
import type { Event } from '../../../../core/kubernetes.ts'
import { diagnose } from '../../../../core/workload/diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from '../../../../core/workload/diagnosis/facts.ts'

const facts = (changes: Partial<DiagnosisFacts>): DiagnosisFacts => ({
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'shop',
  pods: [],
  events: [],
  logs: [],
  ...changes,
})
const log = (text: string, name = 'a', of = 'app') => ({ pod: name, container: of, text })
const event = (changes: Partial<Event>): Event => ({
  metadata: { name: 'e', namespace: 'shop' },
  involvedObject: { kind: 'Pod', name: 'a' },
  type: 'Normal',
  lastTimestamp: '2026-01-01T00:00:00Z',
  ...changes,
})

describe('beside it', () => {
  it('are the newest warnings, each once and three at most', () => {
    const warning = (message: string, second: number) =>
      event({ type: 'Warning', reason: 'BackOff', message, lastTimestamp: `2026-01-01T00:00:0${second}Z` })
    expect(diagnose(facts({ events: [1, 2, 2, 3, 4].map((one, at) => warning(`m${one}`, at)) }))).toEqual([
      {
        code: 'rollout-warnings',
        severity: 'info',
        subject: 'deployment/carts',
        found: 'a: BackOff, m4\na: BackOff, m3\na: BackOff, m2',
        remedy: {
          advice: 'See all of them.',
          command: 'kubectl get events -n shop --field-selector type=Warning --sort-by .lastTimestamp',
          looks: true,
        },
      },
    ])
  })

  it('come events in the order of when they were last seen, however that is said', () => {
    const warning = (message: string, change: object) =>
      event({ type: 'Warning', reason: 'R', message, lastTimestamp: undefined as never, ...change })
    const events = [
      warning('never', {}),
      warning('made', {
        metadata: { name: 'e', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:01Z' },
      }),
      warning('series', {
        series: { count: 2, lastObservedTime: '2026-01-01T00:00:04Z' },
        lastTimestamp: '2025-01-01T00:00:00Z',
      }),
      warning('event', {
        eventTime: '2026-01-01T00:00:02Z',
        metadata: { name: 'e', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:09Z' },
      }),
      warning('last', { lastTimestamp: '2026-01-01T00:00:03Z', eventTime: '2026-01-01T00:00:09Z' }),
    ]
    const messages = (of: Event[]) => diagnose(facts({ events: of }))[0]?.found
    expect(messages(events)).toBe('a: R, series\na: R, last\na: R, event')
    expect(messages(events.slice(0, 2))).toBe('a: R, made\na: R, never')
  })

  const unseen = (all: string[]) => diagnose(facts({ unseen: all }))
  it.each([
    [['one'], 'one'],
    [['one', 'two', 'three'], 'one; two; three'],
    [['one', 'two', 'three', 'four', 'five'], 'one; two; three; and 2 more'],
  ])('stands what could not be looked at: %j', (all, said) => {
    expect(unseen(all)).toEqual([
      {
        code: 'diagnosis-incomplete',
        severity: 'warning',
        subject: 'deployment/carts',
        found: `not all that could explain its state could be looked at: ${said}`,
        remedy: { advice: 'See its pods.', command: 'kubectl describe pods -n shop', looks: true },
      },
    ])
  })
  it('stands nothing where all was looked at', () => {
    expect(unseen([])).toEqual([])
  })

  it('stand the last five lines of pods that are taken away, and none where nothing was written', () => {
    const leaves = { leaves: true, logs: [log('1\n\n2\n3\n  \n4\n  5\n6\n'), log(' \n\n', 'b')] }
    expect(diagnose(facts(leaves))).toEqual([
      {
        code: 'rollout-log',
        severity: 'info',
        subject: 'deployment/carts',
        found: 'pod a, container app, wrote at its end:\n2\n3\n4\n  5\n6',
      },
    ])
    expect(diagnose(facts({ ...leaves, leaves: false }))).toEqual([])
  })
})
