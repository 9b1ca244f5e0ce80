import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { forgetOutdated, outdated } from '../../cli/journal/outdated.ts'

const now = Date.UTC(2026, 10, 26)
const day = 86_400_000
const runs = (count: number, name: (index: number) => string, at = now) =>
  Array.from({ length: count }, (_, index) => ({ kind: 'run' as const, name: name(index), at: at - index }))
const rollout = 'rollout-20261126t120000-1a2b'
const wave = (index: number) => `${rollout}-w1-${index}`
const folder = (at: number) => ({ kind: 'rollout' as const, name: rollout, at })

it.each<[why: string, all: Parameters<typeof outdated>[0], coming: string, gone: string[]]>([
  ['a hundred with the one that comes', runs(99, (index) => `podid-${index}`), 'podid-new', []],
  [
    'the two that were written longest ago',
    runs(101, (index) => `podid-${index}`),
    'podid-new',
    ['podid-99', 'podid-100'],
  ],
  ['nothing of ninety days to the millisecond', runs(1, () => 'podid-1', now - 90 * day), 'podid-new', []],
  ['what is older', runs(1, () => 'podid-1', now - 90 * day - 1), 'podid-new', ['podid-1']],
  ['the runs of a rollout are one', runs(500, wave), 'podid-new', []],
  ['and so for the run of it that comes', runs(500, wave, now - 91 * day), wave(500), []],
  [
    'a rollout goes with its runs',
    [...runs(2, wave, now - 91 * day), folder(now - 92 * day)],
    'podid-new',
    [wave(0), wave(1), rollout],
  ],
  ['and stays with the latest of them', [...runs(1, wave), folder(now - 92 * day)], 'podid-new', []],
  [
    'what puts back a run that was stopped is of its rollout too',
    [...runs(1, () => `${wave(3)}-back`, now - 91 * day), folder(now)],
    'podid-new',
    [],
  ],
])('takes away %s', (_why, all, coming, gone) => {
  expect(outdated(all, coming, now).map(({ name }) => name)).toEqual(gone)
})

it('takes away journals with their logs, and the folders of rollouts', () => {
  const home = mkdtempSync(join(tmpdir(), 'podid-state-'))
  vi.stubEnv('XDG_STATE_HOME', home)
  try {
    const state = join(home, 'podid')
    const past = new Date(Date.now() - 91 * day)
    for (const file of ['runs/podid-1.jsonl', 'runs/podid-2.jsonl', 'logs/podid-1.log', 'logs/podid-2.log']) {
      mkdirSync(join(state, file, '..'), { recursive: true })
      writeFileSync(join(state, file), '')
      if (file.includes('-1')) utimesSync(join(state, file), past, past)
    }
    mkdirSync(join(state, 'rollouts', rollout, 'results'), { recursive: true })
    utimesSync(join(state, 'rollouts', rollout), past, past)
    forgetOutdated('podid-3')
    expect(readdirSync(join(state, 'runs'))).toEqual(['podid-2.jsonl'])
    expect(readdirSync(join(state, 'logs'))).toEqual(['podid-2.log'])
    expect(existsSync(join(state, 'rollouts', rollout))).toBe(false)
  } finally {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true, force: true })
  }
})
