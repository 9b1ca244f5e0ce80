import { PassThrough } from 'node:stream'
import { text as textOf } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { invokedAs } from '../../../cli/invoked.ts'
import { summary } from '../../../cli/render/report.ts'
import { notice, wrapped } from '../../../cli/render/screen.ts'
import { terminal } from '../../../cli/render/terminal.ts'
import type { Report } from '../../../core/report.ts'
import { unprintable } from '../../../core/text/unprintable.ts'
import { undoCommands } from '../../../core/undo.ts'
import { wordsInReport } from '../../../core/workload/diagnosis/diagnosis.ts'
import { foreign, foreignReport as report } from '../../support/foreign.ts'

const plain = { width: Number.POSITIVE_INFINITY, paint: (_look: unknown, text: string) => text }

it('nothing in a summary acts on the terminal or hides from the reader', () => {
  for (let round = 0; round < 100; round++) {
    expect(summary(report(), plain).match(unprintable)).toBeNull()
  }
})

it('text from outside starts no line of its own', () => {
  const findings = [{ code: 'c', severity: 'blocking' as const, subject: 's', found: 'a\n✔ all is well' }]
  expect(summary({ ...report(), findings }, plain)).toContain('s: a\n    ✔ all is well')
})

it('says once what a run that undoes an earlier one has put back, and what it could not', () => {
  const [done, left] = ['the association a-1 is deleted', 'deployment/carts runs its earlier revision again']
  const changes = [
    { kind: 'association' as const, subject: done, action: done, state: 'done' as const, undone: false },
    {
      kind: 'restart' as const,
      subject: left,
      action: `see to it that ${left}`,
      state: 'unknown' as const,
      undone: false,
    },
  ]
  const undo = {
    done: [done],
    kept: [],
    left: [{ what: left, error: '403', command: 'kubectl' }],
    workload: null,
  }
  const text = summary({ ...report(), summary: 's', changes, undo }, plain)
  expect(text).not.toContain('Changed')
  for (const what of [done, left]) expect(text.split(what)).toHaveLength(2)
})

it('has how a workload is after an undo beside what is put back, and not in the first line', () => {
  const [done, message] = [
    'the association a-1 is deleted',
    'the rollout of deployment/carts was not complete before, and one pod …',
  ]
  const workload = { asBefore: false, message }
  const binding = { ...report().binding, namespace: 'carts', workload: 'deployment/carts', cluster: 'shop' }
  const undo = { done: [done], kept: [], left: [], workload }
  const words = 'carts/carts on shop: what the run changed is put back'
  for (const [outcome, first] of [
    ['undone', `✔ ${words}`],
    ['failed', expect.stringMatching(/^✖ .*; its changes are put back$/)],
  ] as const) {
    const failure = outcome === 'failed' ? { error: 'Transient', message: 'm' } : null
    const changes = [
      { kind: 'association' as const, subject: done, action: done, state: 'done' as const, undone: true },
    ]
    const said = {
      ...report(),
      outcome,
      failure,
      findings: [],
      binding,
      changes,
      undo,
      summary: `${words}; ${message}`,
    }
    const lines = summary(said as unknown as Report, plain).split('\n')
    expect(lines[1]).toEqual(first)
    const at = lines.indexOf('Put back')
    expect(lines.slice(at + 1, at + 4)).toEqual([`  ${done}`, '', `  ${message}`])
  }
})

it('names for each pod who handed it which role and when, of a few pods', () => {
  const pods = Array.from({ length: 12 }, (_, index) => `carts-${index}`)
  const session = 'arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-1'
  const [agent, at] = ['kube-system/eks-pod-identity-agent-x7kzq', '2026-11-23T06:00:05Z']
  const evidence = pods.map((pod) => ({ seen: 'handed-out' as const, pod, node: 'n', agent, session, at }))
  const lines = summary(
    { ...report(), credentials: { before: null, after: {}, pods, evidence } },
    plain,
  ).split('\n')
  const start = lines.indexOf('Credentials handed out') + 1
  expect(lines.slice(start, start + 7)).toEqual([
    ...pods.slice(0, 5).map((pod) => `  ${pod}  by ${agent} at ${at}, session eks-eks-worksh-carts-1`),
    '  and 7 more in what --json prints',
    '',
  ])
})

it('nothing in the lines of the steps acts on the terminal or hides from the reader', async () => {
  const stream = new PassThrough()
  const display = terminal(stream as unknown as NodeJS.WriteStream, foreign())
  const at = { run: 'r', step: 'CheckAgent', time: '2026-11-23T06:00:00.000Z', duration: 1 }
  for (let round = 0; round < 50; round++) {
    const finding = { code: 'c', severity: 'blocking', subject: foreign(), found: foreign() }
    for (const event of [
      { ...at, type: 'step.started' },
      { ...at, type: 'step.retrying', error: foreign(), message: foreign(), attempt: 1, seconds: 1 },
      { ...at, type: 'finding', finding },
      { ...at, type: 'step.succeeded', message: foreign() },
      { ...at, type: 'step.failed', error: foreign(), message: foreign() },
    ])
      display.event(event as unknown as Parameters<typeof display.event>[0])
    display.progress({
      step: 'WatchRollout',
      message: foreign(),
      detail: { pods: [{ name: foreign(), state: foreign(), cause: foreign() }] },
    })
  }
  display.close()
  stream.end()
  expect((await textOf(stream)).match(unprintable)).toBeNull()
})

it('a command that undoes runs nothing else when it is pasted', () => {
  const place = { cluster: 'shop', region: 'us-west-2', namespace: 'a', serviceAccount: 'a' }
  const roleArn = 'arn:aws:iam::123456789012:role/$(touch${IFS}x)/reader'
  const to = {
    id: 'a-1',
    roleArn,
    targetRoleArn: roleArn,
    disableSessionTags: false,
    policy: null,
    run: null,
  }
  expect(undoCommands.repointAssociation(place, to)).toContain(
    `--role-arn '${roleArn}' --target-role-arn '${roleArn}'`,
  )
})

it('shows a step whole on a terminal that does not know its width', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0 })
  const display = terminal(stream as unknown as NodeJS.WriteStream, 'enable')
  const event = { type: 'step.started', run: 'r', step: 'AwaitCluster', at: '2026-11-26T03:00:00.000Z' }
  display.event(event as unknown as Parameters<typeof display.event>[0])
  display.close()
  stream.end()
  expect(await textOf(stream)).toMatch(/● Cluster\b/)
})

it('shows the command at the end of a failure last, as it is, and how the failure introduces it', () => {
  const message =
    'the run r has been at work on carts since noon; nothing was changed. Start this one again when it has ended, or stop it first:\nkill -INT 12'
  const failed: Report = {
    ...report(),
    summary: `carts/carts on shop: ${message}\nNothing had been changed`,
    findings: [],
    changes: [],
    undo: null,
    stays: [],
    credentials: null,
    binding: { ...report().binding, namespace: 'carts', workload: 'deployment/carts', cluster: 'shop' },
    failure: { error: 'Refused', message },
  }
  const shown = summary(failed, { ...plain, width: 60 })
  expect(shown).toBe(`
✖ carts/carts on shop: the run r has been at work on carts
  since noon; nothing was changed

To do
  Start this one again when it has ended, or stop it first:
    kill -INT 12
`)
})

it('says in the first line how many findings are in the way, and what they are beneath it alone', () => {
  const finding = {
    code: 'workload-missing' as const,
    severity: 'blocking' as const,
    subject: 'deployment/a',
  }
  const message = 'deployment/a: not in namespace b'
  const failed: Report = {
    ...report(),
    summary: message,
    // What may have been meant is asked after the run.
    findings: [{ ...finding, found: 'not in namespace b; did you mean c?' }],
    changes: [],
    undo: null,
    failure: { error: 'PreflightFailed', message },
  }
  const [, first] = summary(failed, plain).split('\n')
  expect(first).toMatch(/: 1 finding is in the way; nothing was changed$/)
})

it('wraps what is said beside a report, commands as they paste, and no row of a list', () => {
  const [command, row] = ['podid undo podid-20261127 --remote prod', 'podid-20261127  enable carts/carts']
  expect(notice(`podid: the run was undone by another one:\n  ${command}\n  ${row}`, 30)).toBe(
    `podid: the run was undone by\n  another one:\n  podid undo podid-20261127 \\\n    --remote prod\n  ${row}\n`,
  )
  expect(notice('needs:\n  # of a policy of the role\n  - actions:', 18)).toBe(
    'needs:\n  # of a policy of\n  # the role\n  - actions:\n',
  )
  expect(notice(foreign(), 60).match(unprintable)).toBeNull()
})

it('of a rollout that took too long says so first, then the end of what its pods wrote, which is nothing to do', () => {
  const state = 'pod a-1, container a: runs and is not ready'
  const subject = 'deployment/a'
  const failed: Report = {
    ...report(),
    findings: [
      {
        code: 'rollout-not-ready',
        severity: 'blocking',
        subject,
        found: state,
        remedy: { advice: wordsInReport },
      },
      {
        code: 'rollout-log',
        severity: 'info',
        subject,
        found: 'pod a-1, container a, wrote at its end:\nready',
      },
    ],
    changes: [],
    undo: null,
    stays: [],
    failure: { error: 'RolloutFailed', message: `${state}; Waiting for b (not done within 600 s)` },
    credentials: null,
    summary: '',
  }
  const shown = summary(failed, plain)
  expect(
    shown.slice(shown.indexOf(': the')),
  ).toBe(`: the rollout was not done within 600 s; nothing was changed

  ✖ deployment/a: ${state} (rollout-not-ready)

  pod a-1, container a, wrote at its end:
    ready
`)
})

it('leaves a word whole that has room on a line of its own, if with less before it', () => {
  const word = 'w'.repeat(18)
  expect(wrapped(`one two ${word}`, 20, ' ✔ ')).toEqual([' ✔ one two', `  ${word}`])
  expect(wrapped(word, 20, '      ')).toEqual([`  ${word}`])
  // One that has not is as it would be anyway.
  expect(wrapped(`one ${word}${word}`, 20, ' ✔ ')).toEqual([' ✔ one', `   ${word}${word}`])
})

it('names what is in the way first, its remedy last, and counts what is only worth knowing', () => {
  const findings = (['info', 'blocking', 'warning', 'blocking'] as const).map((severity, at) => ({
    code: 'role-missing' as const,
    severity,
    subject: `${severity}${at}`,
    found: `found-${severity}${at}`,
    remedy: { advice: `mend-${severity}${at}`, command: `run ${severity}${at}` },
  }))
  const failed: Report = { ...report(), findings, undo: null, stays: [], summary: '' }
  const shown = summary(failed, plain)
  expect(shown.match(/(?:found-|mend-|run )(?:info|blocking|warning)\d|1 note more/g)).toEqual([
    'found-blocking1',
    'found-blocking3',
    'found-warning2',
    '1 note more',
    ...['blocking1', 'blocking3', 'warning2'].flatMap((one) => [`mend-${one}`, `run ${one}`]),
  ])
})

it.each([
  ['a clone', { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'podid' enable --file x" }, 'npx podid'],
  [
    'something else that npx runs',
    { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'vitest' run podid" },
    'podid',
  ],
  ['a script', { npm_lifecycle_event: 'demo', npm_lifecycle_script: 'node cli/podid.js demo' }, 'podid'],
  ['an installed one', {}, 'podid'],
])('commands to paste call podid as it was called: %s', (_where, environment, called) => {
  expect(invokedAs(environment)).toBe(called)
})
