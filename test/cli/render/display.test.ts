import { PassThrough } from 'node:stream'
import { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { terminal } from '../../../cli/render/terminal.ts'
import type { RunEvent } from '../../../core/run-events/event.ts'

// That the report is the last thing on a terminal: test/cli/approval.test.ts.
it.each([true, false])('writes nothing after it was closed (on a terminal: %s)', (isTTY) => {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80 })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
  const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'WatchRollout', visit: 1 }
  display.event({ type: 'step.started', ...step })
  display.progress({ step: 'WatchRollout', message: 'one of two' })
  display.close()
  const written = String(stream.read())
  expect(written).toContain('one of two')
  display.progress({ step: 'WatchRollout', message: 'successfully rolled out' })
  display.event({ type: 'step.started', ...step })
  expect(stream.read()).toBeNull()
})

/** What a terminal shows of what was written to it, where blanks cover what was there. */
const onScreen = (written: string): string[] =>
  stripVTControlCharacters(written)
    .split('\n')
    .map((line) =>
      line
        .split('\r')
        .reduce((shown, part) => part + shown.slice(part.length), '')
        .trimEnd(),
    )

it('says what is no step of the run in a line of its own, and leaves none that is redrawn behind', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
  const step = { run: 'test', at: new Date().toISOString(), step: 'AwaitApproval', visit: 1 }
  display.event({ type: 'step.started', ...step })
  display.note('it waits for an approval')
  display.pause()
  // What the terminal echoes of Ctrl-C where nothing is drawn.
  stream.write('^C')
  display.pause()
  stream.write('it goes on\n')
  expect(onScreen(String(stream.read()))).toEqual([
    'enable carts/carts',
    'it waits for an approval',
    'it goes on',
    '',
  ])
})

it('shows a denial as it is heard of, and gives no tick to a visit that ends while the rollout goes on', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: false, columns: 80 })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
  const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'WatchRollout', visit: 1 }
  const pod = { name: 'carts-5c8-x', state: 'Error (new, injected)', cause: 'AccessDenied' }
  display.event({ type: 'step.started', ...step })
  display.progress({ step: 'WatchRollout', message: 'waiting', detail: { pods: [pod] } })
  expect(String(stream.read())).toContain('carts-5c8-x Error (new, injected): AccessDenied')
  display.event({ type: 'rollout.progress', ...step, state: 'progressing', message: 'AccessDenied; waiting' })
  display.event({ type: 'step.succeeded', ...step, duration: 3, message: 'AccessDenied; waiting' })
  display.event({ type: 'step.started', ...step, visit: 2 })
  // Its pods are shown one by one already.
  expect(stream.read()).toBeNull()
  display.event({ type: 'rollout.progress', ...step, visit: 2, state: 'complete', message: 'done' })
  display.event({ type: 'step.succeeded', ...step, visit: 2, duration: 3, message: 'done' })
  display.event({ type: 'run.succeeded', run: 'test', at: step.at, duration: 6, findings: [] })
  expect(String(stream.read())).toMatch(/✔ Rollout .*done/)
})

it.each<[why: string, end: object, row: RegExp]>([
  [
    'it was interrupted',
    { type: 'run.failed', status: 'ABORTED', error: 'ABORTED', message: 'the run was stopped' },
    /^ ■ Cluster +9\.0s {2}stopped$/,
  ],
  ['its time is over', { type: 'step.started', step: 'Report' }, /^ ✖ Cluster +9\.0s {2}CREATING$/],
])('gives no tick to what a run still waited for when %s', (_why, end, row) => {
  const stream = Object.assign(new PassThrough(), { isTTY: false })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
  const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'AwaitCluster', visit: 1 }
  for (const visit of [1, 2]) {
    display.event({ type: 'step.started', ...step, visit })
    display.event({ type: 'step.succeeded', ...step, visit, duration: 0.1, message: 'CREATING' })
    if (visit === 1) display.event({ type: 'step.waiting', ...step, step: 'ClusterSettling', for: 'time' })
  }
  display.event({ run: 'test', at: '2026-01-01T00:00:09Z', ...end } as RunEvent)
  expect(String(stream.read()).trimEnd().split('\n').at(-1)).toMatch(row)
})

it.each([40, 80])(
  'redraws a line of a terminal of %i columns, and wipes the ^C that it echoes',
  (columns) => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns })
    const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable')
    const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'AwaitInjection', visit: 1 }
    display.event({ type: 'step.started', ...step })
    display.progress({ step: 'AwaitInjection', message: 'one of the words '.repeat(9) })
    display.close()
    const drawn = stripVTControlCharacters(String(stream.read())).split('\r')
    const [line = '', wiped = ''] = drawn.slice(-3)
    expect(line).toContain('Propagation')
    expect(line.length).toBeLessThanOrEqual(columns - '^C'.length - 1)
    expect(wiped).toBe(' '.repeat(line.length + '^C'.length))
  },
)

it('says once why a step is tried again', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: false })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'plan carts/carts')
  const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'CheckAgent', visit: 1 }
  const failure = { error: 'AccessDenied', message: 'list daemonsets: 403 Forbidden' }
  display.event({ type: 'step.started', ...step })
  for (const attempt of [1, 2])
    display.event({ type: 'step.retrying', ...step, ...failure, attempt, of: 4, seconds: 2 * attempt })
  display.event({
    type: 'step.retrying',
    ...step,
    ...failure,
    message: 'reset',
    attempt: 3,
    of: 4,
    seconds: 8,
  })
  display.close()
  const [, ...lines] = String(stream.read()).trimEnd().split('\n')
  expect(lines.map((line) => line.replace(/^ ↻ Agent +/, ''))).toEqual([
    'AccessDenied, retry 1/4 within 2s: list daemonsets: 403 Forbidden',
    'AccessDenied, retry 2/4 within 4s',
    'AccessDenied, retry 3/4 within 8s: reset',
  ])
})

describe('a display', () => {
  afterEach(() => vi.unstubAllEnvs())

  it.each<[where: string, isTTY: boolean, env: Record<string, string>, redraws: boolean, colours: boolean]>([
    ['redraws in colours on a terminal', true, {}, true, true],
    ['redraws without them where NO_COLOR is set', true, { NO_COLOR: '1' }, true, false],
    ['adds plain lines on a dumb terminal', true, { TERM: 'dumb' }, false, false],
    ['adds plain lines in a pipe', false, {}, false, false],
  ])('%s', (_where, isTTY, env, redraws, colours) => {
    const unset = [
      'NO_COLOR',
      'FORCE_COLOR',
      'NODE_DISABLE_COLORS',
      'CI',
      'TMUX',
      'TF_BUILD',
      'TEAMCITY_VERSION',
    ]
    for (const name of unset) vi.stubEnv(name, undefined)
    for (const [name, value] of Object.entries({ TERM: 'xterm-256color', ...env })) vi.stubEnv(name, value)
    const { getColorDepth } = WriteStream.prototype
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, getColorDepth })
    const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable carts/carts')
    const step = { run: 'test', at: '2026-01-01T00:00:00Z', step: 'AwaitCluster', visit: 1 }
    display.event({ type: 'step.started', ...step })
    display.event({ type: 'step.succeeded', ...step, duration: 3, message: 'ACTIVE' })
    display.event({ type: 'step.started', ...step, step: 'EnsureAssociation' })
    display.close()
    const written = String(stream.read())
    expect([written.includes('\r'), written.includes('\u001b')]).toEqual([redraws, colours])
    expect(written).toMatch(/Cluster .*ACTIVE\n/)
  })
})
