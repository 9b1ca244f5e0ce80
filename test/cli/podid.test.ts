import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type EKSClient, ListPodIdentityAssociationsCommand } from '@aws-sdk/client-eks'
import type { AppsV1Api } from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunEvent } from '../../core/run-events/event.ts'
import type { Ended, Pointed } from '../support/command-line.ts'
import { type LocalHere, podidHere } from '../support/commands/here.ts'
import { startFollowed } from './followed.ts'

const account = '123456789012'
const binding = {
  cluster: 'eks-workshop',
  namespace: 'carts',
  serviceAccount: 'carts',
  role: `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`,
  workload: 'deployment/carts',
  needs: [
    {
      actions: ['dynamodb:Query'],
      resources: [`arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts/index/*`],
    },
  ],
}
const flags = [
  ...[
    '--cluster',
    binding.cluster,
    '--namespace',
    binding.namespace,
    '--service-account',
    binding.serviceAccount,
  ],
  ...['--role', binding.role, '--workload', binding.workload],
  ...binding.needs.flatMap(({ actions, resources }) => ['--need', `${actions}@${resources}`]),
]

/** Each line on standard output as an event; throws where one is anything else. */
const eventsOf = (stdout: string): RunEvent[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)

// One sequence of commands, in order, against one world.
describe('the command line', () => {
  let local: LocalHere<Pointed>
  let apps: AppsV1Api
  let eks: EKSClient
  let here: (...args: string[]) => Promise<Ended>
  beforeAll(async () => {
    ;({ local, apps, eks, here } = await startFollowed())
  })
  afterAll(() => local[Symbol.asyncDispose]())

  /** What each journal is of, and its last line, of all that the earlier ones do not include. */
  const journals = (earlier: readonly string[] = []) => {
    const folder = join(local.folder, 'podid/runs')
    return readdirSync(folder)
      .filter((name) => !earlier.includes(name))
      .map((name) => {
        const lines = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
        const [first, last] = [lines[0], lines.at(-1)].map((line) => JSON.parse(line ?? ''))
        return { name, mode: first.mode, end: last.type }
      })
  }

  /** What a run may change. */
  const state = async () => {
    const { associations = [] } = await eks.send(
      new ListPodIdentityAssociationsCommand({ clusterName: binding.cluster }),
    )
    const { metadata, spec } = await apps.readNamespacedDeployment({ namespace: 'carts', name: 'carts' })
    return {
      associations: associations.map(({ associationId }) => associationId),
      generation: metadata?.generation,
      template: spec?.template.metadata,
    }
  }

  /** A run that is followed, until its rollout. */
  const interruptedHere = async (...args: string[]): Promise<Ended> => {
    let associated: number | undefined
    // What Ctrl-C does: the command line is in this process. With keys at a terminal: test/cli/approval.test.ts.
    const ended = await podidHere(['enable', ...args], local.env, ({ stdout }) => {
      if (associated !== undefined || !stdout.includes('"step":"WatchRollout"')) return
      associated = local.world.aws.associations.list(binding.cluster).length
      process.emit('SIGINT')
    })
    expect(associated).toBe(1)
    return ended
  }

  it('plan says what would change, ends with 3 and writes nothing', async () => {
    const before = await state()
    const { code, stdout, stderr } = await here('plan', ...flags)
    expect(code).toBe(3)
    expect(stderr).toContain('✔ Role')
    expect(stdout).toContain('✔ carts/carts on eks-workshop: 2 changes to make')
    expect(stdout).toContain(
      `  + association of carts/carts\n      role: ${binding.role}\n  ± restart 1 pod of deployment/carts\n`,
    )
    expect(await state()).toEqual(before)
    // Where there is no terminal, nothing is coloured and nothing redrawn.
    expect(stripVTControlCharacters(stdout + stderr).replaceAll('\r', '')).toBe(stdout + stderr)
  })

  it('takes a binding from the standard input; a reader that has gone is no failure', async () => {
    writeFileSync(join(local.folder, 'carts.json'), JSON.stringify(binding))
    const said = await local.bash(
      `set +o pipefail; { '${process.execPath}' '${local.program}' plan -f - --json <carts.json; echo "ended with $?" >&2; } 2>errors | head -1`,
    )
    expect(eventsOf(said)).toMatchObject([{ type: 'run.started' }])
    expect(readFileSync(join(local.folder, 'errors'), 'utf8')).toBe('ended with 3\n')
  })

  it('a run that fails ends with 1, and its last event says so', async () => {
    const { code, stdout, stderr } = await here('enable', ...flags, '--service-account', 'cart', '--json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'run.failed', error: 'PreflightFailed' })
  })

  it('Ctrl-C during the rollout puts everything back and ends with 130; both runs have whole journals', async () => {
    const before = await state()
    const earlier = journals().map(({ name }) => name)
    const { code, stdout, stderr } = await interruptedHere(...flags, '--json')
    expect(code).toBe(130)
    expect(stderr).toContain('interrupted: putting back what was changed')
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'run.succeeded', report: { outcome: 'undone' } })
    const after = await state()
    expect(after).toEqual({ ...before, generation: after.generation })
    expect(
      journals(earlier)
        .map(({ mode, end }) => `${mode}: ${end}`)
        .sort(),
    ).toEqual(['enable: run.failed', 'undo: run.succeeded'])
  })

  it('Ctrl-C with --keep leaves what was changed, and says its events, cut short, are enough to undo it', async () => {
    const before = await state()
    const { code, stdout, stderr } = await interruptedHere(...flags, '--keep', '--json')
    expect(code).toBe(130)
    expect(stderr).not.toContain('putting back')
    expect(eventsOf(stdout).at(-1)).toMatchObject({ type: 'run.failed' })
    expect((await state()).associations).toHaveLength(1)
    const cut = join(local.folder, 'cut.jsonl')
    writeFileSync(cut, `${stdout.slice(0, stdout.lastIndexOf('{"type":"run.failed"'))}{"type":"st`)
    expect(await here('undo', cut)).toMatchObject({ code: 0 })
    const after = await state()
    expect(after).toEqual({ ...before, generation: after.generation })
  })

  it('enable does it: JSON Lines and nothing else, success last', async () => {
    const { code, stdout, stderr } = await here('enable', ...flags, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const events = eventsOf(stdout)
    expect(events[0]).toMatchObject({ type: 'run.started' })
    expect(events.at(-1)).toMatchObject({ type: 'run.succeeded', report: { outcome: 'enabled' } })
    expect((await state()).associations).toHaveLength(1)
    writeFileSync(join(local.folder, 'run.jsonl'), stdout)
  })

  it('enable again, from a file, changes nothing', async () => {
    const before = await state()
    const file = join(local.folder, 'carts.yaml')
    writeFileSync(
      file,
      `cluster: ${binding.cluster}
namespace: carts
serviceAccount: carts
role: ${binding.role}
workload: ${binding.workload}
needs:
  - use: dynamodb-read-write
    table: arn:aws:dynamodb:us-west-2:${account}:table/eks-workshop-carts
`,
    )
    const enabled = await here('enable', '--file', file)
    const planned = await here('plan', '--file', file, '--quiet')
    expect(enabled.code).toBe(0)
    expect(enabled.stdout).toContain('already; nothing was changed')
    // A run that finds all in order is none that could be undone.
    expect(enabled.stdout).not.toContain('To undo this run')
    expect(planned).toMatchObject({ code: 0, stderr: '' })
    expect(await state()).toEqual(before)
    const [every, two] = [await here('runs', '-o', 'name'), await here('runs', '-o', 'name', '--limit', '2')]
    expect(every.stdout.trimEnd().split('\n').length).toBeGreaterThan(2)
    expect(two.stdout.trimEnd().split('\n')).toEqual(every.stdout.trimEnd().split('\n').slice(0, 2))
  })

  it('undo takes the events of a run and puts back what it changed', async () => {
    const { code, stdout } = await here('undo', join(local.folder, 'run.jsonl'))
    expect(code).toBe(0)
    expect(stdout).toContain('carts/carts on eks-workshop is as it was before')
    expect((await state()).associations).toEqual([])
  })
})
