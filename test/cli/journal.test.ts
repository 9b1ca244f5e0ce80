import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EKSClient, ListPodIdentityAssociationsCommand } from '@aws-sdk/client-eks'
import type { AppsV1Api } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseJournal, recordedRun } from '../../cli/journal/read.ts'
import { createJournal } from '../../cli/journal/write.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import type { Ended, Local, Podid, Pointed } from '../support/command-line.ts'
import { startWorkshop } from '../support/run.ts'
import { startFollowed } from './followed.ts'

const account = '123456789012'
const binding = `cluster: eks-workshop
namespace: carts
serviceAccount: carts
role: arn:aws:iam::${account}:role/eks-workshop-carts-dynamo
workload: deployment/carts
`

/** Where a run is killed: at an event, or some milliseconds after it. */
interface Moment {
  step: string
  type: RunEvent['type']
  afterMs?: number
}

const exhaustive = process.env.PODID_EXHAUSTIVE === '1'

// An undo here waits in real time until the pods move no more, so that the moment at which a second run is refused
// stands for these.
const moments: Moment[] = exhaustive
  ? [
      { step: 'RestartWorkload', type: 'step.started', afterMs: 10 },
      { step: 'EnsureAssociation', type: 'step.started', afterMs: 15 },
      { step: 'WatchRollout', type: 'rollout.progress' },
      { step: 'EnsureAssociation', type: 'step.started' },
      { step: 'EnsureAssociation', type: 'step.started', afterMs: 5 },
      { step: 'EnsureAssociation', type: 'step.started', afterMs: 40 },
      { step: 'EnsureAssociation', type: 'step.succeeded' },
      { step: 'AwaitInjection', type: 'step.started', afterMs: 50 },
      { step: 'AwaitInjection', type: 'step.succeeded' },
      { step: 'RestartWorkload', type: 'step.started' },
      { step: 'RestartWorkload', type: 'step.started', afterMs: 30 },
      { step: 'RestartWorkload', type: 'step.succeeded' },
      { step: 'WatchRollout', type: 'step.started', afterMs: 100 },
      { step: 'WatchRollout', type: 'step.succeeded' },
      { step: 'VerifyCredentials', type: 'step.started' },
    ]
  : []

describe('the journal of a run', () => {
  let local: Local<Pointed>
  let apps: AppsV1Api
  let eks: EKSClient
  let here: (...args: string[]) => Promise<Ended>
  let file: string
  beforeAll(async () => {
    ;({ local, apps, eks, here } = await startFollowed())
    file = join(local.folder, 'carts.yaml')
    writeFileSync(file, binding)
  })
  afterAll(() => local[Symbol.asyncDispose]())

  /** What a run changes. */
  const state = async () => {
    const { associations = [] } = await eks.send(
      new ListPodIdentityAssociationsCommand({ clusterName: 'eks-workshop', namespace: 'carts' }),
    )
    const { spec } = await apps.readNamespacedDeployment({ name: 'carts', namespace: 'carts' })
    const restartedAt = spec?.template.metadata?.annotations?.['kubectl.kubernetes.io/restartedAt']
    return { associations: associations.map(({ serviceAccount }) => serviceAccount), restartedAt }
  }

  const folder = () => join(local.folder, 'podid', 'runs')
  const journals = () => (existsSync(folder()) ? readdirSync(folder()).sort() : [])
  /** Of a binding without a workload, whose run waits for no pod. */
  const association = [
    ...['--cluster', 'eks-workshop', '--namespace', 'carts', '--service-account', 'default'],
    ...['--role', `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`, '--quiet'],
  ]
  const enable = () => local.podid('enable', '--file', file, '--json')

  /** Resolves as soon as the run has come to the moment. */
  const reaches = async ({ process: child }: Podid, { step, type, afterMs = 0 }: Moment): Promise<void> => {
    let said = ''
    const { stdout } = child
    if (!stdout) throw new Error('the command has no output')
    for (;;) {
      if (
        said
          .split('\n')
          .some((line) => line.includes(`"type":"${type}"`) && line.includes(`"step":"${step}"`))
      )
        break
      const [text] = await once(stdout, 'data')
      said += text
    }
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs))
  }

  it.each(moments)('undoes a run killed at $step $type $afterMs', async (moment) => {
    const before = await state()
    const run = enable()
    await reaches(run, moment)
    run.process.kill('SIGKILL')
    await run.ended
    const { code, stdout } = await here('undo')
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/is as it was before|what the run changed is put back/),
    ])
    expect(await state()).toEqual(before)
  })

  it('gives one run at a time its turn; a second one names the first and touches nothing', async () => {
    const before = await state()
    const first = enable()
    await reaches(first, { step: 'WatchRollout', type: 'step.started' })
    // Held where it is: on a loaded machine it would be through before the second one has begun.
    first.process.kill('SIGSTOP')
    const changed = await state()
    const second = await here('enable', '--file', file)
    expect(second.code).toBe(1)
    expect(second.stdout).toMatch(
      /the run podid-\S+ of process \d+ on this machine is at work on carts\/carts/,
    )
    expect(second.stdout).toMatch(/or stop it first:\n {4}kill -INT \d+\n/)
    expect(second.stdout).not.toContain('To undo this run')
    expect(await state()).toEqual(changed)
    first.process.kill('SIGKILL')
    await first.ended
    // The file of a binding stands for its latest run that changed something, which the refused one is not.
    expect(await here('undo', file, '--quiet')).toMatchObject({ code: 0 })
    expect(await state()).toEqual(before)
  })

  it('is about the latest run: what was undone is not undone again, and no earlier one in its place', async () => {
    const { code, stderr } = await here('undo')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /the latest run that changed something, (podid-\S+), was undone by podid-\S+; an earlier one is undone by its name.*\n {2}\1 .* on eks-workshop, undone\n/,
    )
  })

  it('names the command that undoes it as the run’s last line, and serves it', async () => {
    const before = await state()
    const { code, stdout } = await here('enable', '--file', file)
    expect(code).toBe(0)
    const [, run = ''] = /\nTo undo this run: podid undo (\S+)\n$/.exec(stdout) ?? []
    expect(journals()).toContain(`${run}.jsonl`)
    // What its handlers wrote is beside it, for the same user alone.
    const log = join(local.folder, 'podid', 'logs', `${run}.log`)
    expect(statSync(log).mode & 0o777).toBe(0o600)
    const wrote = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string })
    expect(wrote.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['ResolveRequest', 'VerifyRole', 'EnsureAssociation', 'Report']),
    )
    expect(await here('undo', run, '--quiet')).toMatchObject({ code: 0 })
    expect(await state()).toEqual(before)
  })

  it('says where a run is undone that only a stage knows', async () => {
    const { code, stderr } = await here('undo', 'slack-shop-1-carts-0')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /there is no run slack-shop-1-carts-0 .* of a deployed stage is undone there.*\/pod-identity undo slack-shop-1-carts-0/,
    )
  })

  it('is nobody else’s to read, and holds no secret', () => {
    expect(statSync(folder()).mode & 0o777).toBe(0o700)
    for (const name of journals()) {
      expect(statSync(join(folder(), name)).mode & 0o777).toBe(0o600)
      const text = readFileSync(join(folder(), name), 'utf8')
      expect(text).not.toContain(local.ready.secretAccessKey)
      expect(text).not.toContain('k8s-aws-v1.')
    }
  })

  it('is not kept for ever, and a plan has none', async () => {
    for (let number = 0; number < 120; number++)
      writeFileSync(join(folder(), `podid-old-${number}.jsonl`), '')
    const old = new Date(Date.now() - 91 * 86_400_000)
    for (const name of journals()) utimesSync(join(folder(), name), old, old)
    expect((await here('plan', ...association)).code).toBe(3)
    expect(journals().length).toBeGreaterThan(120)
    await here('enable', ...association)
    expect(journals()).toHaveLength(1)
    expect(await here('undo')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('is as it was before'),
    })
  })

  it('that cannot be written stops no run', async () => {
    const blocked = join(local.folder, 'blocked')
    writeFileSync(blocked, '')
    local.env.XDG_STATE_HOME = blocked
    const { code, stderr } = await here('enable', ...association)
    expect(code).toBe(0)
    expect(stderr).toMatch(/^podid: the journal \S+ cannot be written: /)
  })
})

it('has all that undoing needs on the disk before each write, wherever the process may be killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-state-'))
  vi.stubEnv('XDG_STATE_HOME', folder)
  try {
    await using world = await startWorkshop({ scenario: 'association-other-role' })
    const [former] = world.aws.associations.list(workshop.cluster)
    const {
      takeTurn,
      before: onBefore,
      event: onEvent,
    } = createJournal({
      run: 'test-1',
      input: {},
      warn: (message) => expect.fail(message),
    })
    const writes: unknown[] = []
    world.calls.onCall(({ write, operation }) => {
      if (!write) return
      // What a process leaves that is killed now.
      const run = recordedRun('test-1')
      writes.push([operation, run?.acted, run?.before?.association?.roleArn])
    })
    const { report } = await world.enable({ replace: true }, { takeTurn, onBefore, onEvent })
    expect(writes).toEqual(
      ['TagResource', 'UpdatePodIdentityAssociation', 'patch deployments'].map((operation) => [
        operation,
        true,
        former?.roleArn,
      ]),
    )
    expect(recordedRun('test-1')).toMatchObject({ before: report?.before, end: { type: 'run.succeeded' } })
  } finally {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  }
})

it.each<[why: string, outcome: string, states: string[], acted: boolean]>([
  ['has made the association', 'associated', ['done'], true],
  ['may have made it, its answer lost', 'failed', ['unknown'], true],
  ['was denied to make it', 'failed', ['not-done'], false],
  ['found it as it should be, and no workload to restart', 'associated', [], false],
])('is of a run to be undone, or not, by what the run has done: it %s', (_why, outcome, states, acted) => {
  const lines = [
    { type: 'run', run: 'test-1' },
    { type: 'before', before: {} },
    { type: 'step.started', step: 'EnsureAssociation' },
    { type: 'run.succeeded', report: { outcome, changes: states.map((state) => ({ state })) } },
  ]
  expect(parseJournal(lines.map((line) => JSON.stringify(line)).join('\n'))?.acted).toBe(acted)
})
