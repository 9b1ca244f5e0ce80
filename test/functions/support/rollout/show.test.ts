import { expect, it } from 'vitest'
import { rolloutMessage } from '../../../../core/chatops/rollout-message.ts'
import { viewFleet } from '../../../../core/fleet/waves/history-view.ts'
import type { RunRecord } from '../../../../core/triggers/origin.ts'
import { showRollout } from '../../../../functions/support/rollout/show.ts'

const history = [
  {
    id: 1,
    previousEventId: 0,
    timestamp: Date.UTC(2026, 10, 23),
    type: 'ExecutionStarted',
    executionStartedEventDetails: { input: '{}', roleArn: '' },
  },
  {
    id: 2,
    previousEventId: 1,
    timestamp: Date.UTC(2026, 10, 23),
    type: 'ExecutionAborted',
    executionAbortedEventDetails: { error: 'Stopped', cause: 'by hand' },
  },
]
const question = {
  approval: 'a-1',
  run: 'rollout-1',
  cluster: '',
  region: '',
  namespace: '',
  workload: null,
  changes: [],
  plan: 'p',
  findings: [],
  expiresAt: '2026-11-23T06:00:00.000Z',
}
const shownAt = { channel: 'C1', ts: '1', at: 0 }
const record: RunRecord = { origin: { trigger: 'slack', by: 'slack:U1' }, message: shownAt, approval: null }

const shown = async (
  known: RunRecord | undefined,
  { approval, seen = history }: { approval?: object; seen?: typeof history } = {},
) => {
  const did: unknown[] = []
  await showRollout(
    {
      config: { channels: {} },
      rollouts: {
        history: async (run: string) => {
          did.push(['history', run])
          return seen
        },
      },
      approvals: {
        find: async (id: string) => {
          did.push(['approval', id])
          return approval && { value: approval, version: 1 }
        },
      },
      runs: {
        find: async () => known,
        change: async () => ({ record: known ?? { ...record, message: shownAt }, changed: false }),
      },
      slack: { update: async (...given: unknown[]) => void did.push(['update', ...given]) },
      now: () => 0,
    } as never,
    'rollout-1',
  )
  return did
}
const made = (facts: object, seen = history) =>
  rolloutMessage({
    rollout: 'rollout-1',
    view: viewFleet(seen),
    record: undefined,
    approval: undefined,
    ...facts,
  })
const place = { channel: 'C1', ts: '1' }

it('shows a rollout by its history, and by who requested it', async () => {
  const did = await shown(record)
  expect(did).toEqual([
    ['history', 'rollout-1'],
    ['update', place, made({ record })],
  ])
  expect(JSON.stringify(made({ record }))).toContain('by hand')
})
it('shows one of which nothing is noted', async () => {
  expect((await shown(undefined)).at(-1)).toEqual(['update', place, made({})])
})
it('shows its question with the buttons, for as long as that is stored', async () => {
  const asked = { ...record, approval: 'a-1' }
  const approval = { question, answer: null }
  const seen = history.slice(0, 1)
  const withButtons = made({ record: asked, approval }, seen)
  const without = made({ record: asked }, seen)
  expect(withButtons).not.toEqual(without)
  expect(await shown(asked, { approval, seen })).toEqual([
    ['history', 'rollout-1'],
    ['approval', 'a-1'],
    ['update', place, withButtons],
  ])
  expect((await shown(asked, { seen })).at(-1)).toEqual(['update', place, without])
})
