import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needing } from '../../support/command-line.ts'
import { type LocalHere, podidHere, startLocalHere } from '../../support/commands/here.ts'

/** Runs a program on a terminal of its own, and answers each of its questions with a yes. */
const agreeing = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
said, typed = b'', 0
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    said += part
    sys.stdout.buffer.write(part)
    while typed < said.count(b'[y/N]'):
        typed += 1
        os.write(terminal, b'y\\n')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

const python = needing('python3')

const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const binding = (cluster: string, name: string) => ({
  cluster,
  namespace: 'shop',
  serviceAccount: name,
  workload: `deployment/${name}`,
  role: role(`${cluster}-${name}`),
  needs: [
    {
      actions: ['dynamodb:Query'],
      resources: ['arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'],
    },
  ],
})

/**
 * The draft of test/cli/inventory.test.ts with what a person decides: two of the roles may be changed, and somebody is
 * asked before each next wave.
 */
const settings = {
  account: '123456789012',
  region: 'us-west-2',
  bindings: {
    'shop-etl': binding('data', 'etl'),
    'shop-orders-shop-blue': { ...binding('shop-blue', 'orders'), migrate: 'irsa', manageTrust: true },
    'shop-payments': { ...binding('shop-blue', 'payments'), migrate: 'irsa' },
    'shop-orders-shop-green': { ...binding('shop-green', 'orders'), migrate: 'irsa', manageTrust: true },
  },
  rollout: { approval: 'required', maxConcurrency: 1 },
}

// Four clusters, in waves and back, as a person types it.
describe('the fleet from the command line', () => {
  let local: LocalHere
  let file: string
  /** Where the stage is: what of the stand-ins stands for a deployed one is named by its ARN. */
  let place: string[]
  beforeAll(async () => {
    local = await startLocalHere({ propagationMs: [200], startMs: 0, readyAfterMs: 200, stopMs: 0 }, 'fleet')
    file = join(local.folder, 'podid.yaml')
    writeFileSync(file, JSON.stringify(settings))
    place = ['--remote', local.ready.stateMachineArn]
  })
  afterAll(() => local[Symbol.asyncDispose]())
  const podid = (...args: string[]) => podidHere(args, local.env)
  /** The rows of a table that begin so, without its spaces. */
  const rows = (text: string, begin: RegExp) =>
    text
      .split('\n')
      .filter((line) => begin.test(line))
      .map((line) => line.trimEnd().replaceAll(/ {2,}/g, ' | '))
  const bound = async () => {
    const { stdout } = await podid(
      'status',
      '--cluster',
      'shop-blue',
      '--cluster',
      'shop-green',
      '-o',
      'json',
    )
    const { items } = JSON.parse(stdout) as {
      items: { cluster: string; serviceAccount: string; association: unknown }[]
    }
    return items
      .filter(({ association }) => association)
      .map(({ cluster, serviceAccount }) => `${serviceAccount} on ${cluster}`)
  }

  it('says that nobody can be asked, before anything is begun', async () => {
    const { code, stderr } = await podid('rollout', '-f', file)
    expect([code, stderr]).toEqual([2, expect.stringContaining('no terminal to ask at: add --yes')])
    expect(readdirSync(local.folder)).not.toContain('podid')
  })

  it('puts back what a run under way changed when it is interrupted, and says what became of each', async () => {
    const one = ['--binding', 'shop-orders-shop-blue', '--json']
    // What Ctrl-C does: the command line is in this process.
    const forget = local.world.aws.associations.changes.subscribe(() => {
      forget()
      process.emit('SIGINT')
    })
    const { code, stdout, stderr } = await podid('rollout', '-f', file, ...one)
    expect([code, stderr]).toEqual([
      130,
      'interrupted: the run under way stops and puts back what was changed; interrupt again to leave it as it is\n',
    ])
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
      type: 'rollout.ended',
      report: {
        summary: 'ended by Interrupted: it was interrupted at the terminal; 1 stopped',
        bindings: [{ result: 'stopped', said: 'its run was stopped; nothing of it is left to put back' }],
      },
    })
    expect(await bound()).toEqual([])
  })

  let rollout = ''
  it.skipIf(python.skipped)(`is rolled out wave by wave, each after a question${python.note}`, async () => {
    const program = [process.execPath, local.program, 'rollout', '-f', file, '--tolerate', '50']
    const child = spawn('python3', ['-c', agreeing, ...program], {
      env: { ...local.env, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said, [code]] = await Promise.all([textOf(child.stdout), once(child, 'close')])
    const text = stripVTControlCharacters(said).replaceAll('\r', '')
    expect(text).toMatch(
      /would begin wave 2 of 3: 2 bindings\s+on 1 cluster\n {2}before it: wave 1 of 3: 1 binding on 1 cluster: 1 skipped \(in force already\)\nGo ahead\? \[y\/N\] y\n/,
    )
    expect([code, rows(text, /^\d .*(?:done|stopped|begun)/)]).toEqual([
      0,
      [
        '1 | 1 | 1 | done | 1 skipped (in force already)',
        '2 | 1 | 2 | done | 1 enabled, 1 failed',
        '3 | 1 | 1 | done | 1 enabled',
      ],
    ])
    expect(text).toMatch(/Why\n {2}1 failed \(shop-payments on shop-blue\): role shop-blue-payments/)
    ;[, rollout = ''] = /rollout --undo\s+(\S+)/.exec(text) ?? []
    expect(await bound()).toEqual(['orders on shop-blue', 'orders on shop-green'])
  })

  it.skipIf(python.skipped)(`is listed with its runs, and a wave of it is undone${python.note}`, async () => {
    const listed = await podid('runs', '-o', 'name')
    expect(listed.stdout.split('\n')[0]).toBe(rollout)
    const shown = await podid('runs', 'show', rollout)
    expect(rows(shown.stdout, /^shop-\S+ {2}/)).toContainEqual(
      expect.stringContaining(`shop-orders-shop-green | shop-green | 3 | enabled | ${rollout}-w3-1`),
    )
    for (const args of [['undo'], ['undo', rollout]])
      expect(await podid(...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(`podid rollout --undo ${rollout}`),
      })
    const [one, none] = [
      await podid('status', 'etl', '--cluster', 'data', '--cluster', 'shop-blue', '-o', 'name'),
      await podid('undo', 'shop-etl', '-f', file),
    ]
    expect([one.stdout, none.code, none.stderr]).toEqual([
      'shop/etl\n',
      2,
      expect.stringContaining('has changed anything for shop-etl on data: there is nothing to undo'),
    ])
    const undone = await podid('rollout', '--undo', rollout, '--wave', '3')
    expect([undone.code, undone.stdout]).toEqual([0, expect.stringContaining('in 1 wave undone: 1 undone')])
    expect(await bound()).toEqual(['orders on shop-blue'])
  })

  it('goes on in a stage when its terminal is left, is approved from another one, and watched', async () => {
    const two = ['--binding', 'shop-etl', '--binding', 'shop-orders-shop-green']
    let interrupted = false
    // What Ctrl-C does, as soon as somebody is asked.
    const left = await podidHere(['rollout', '-f', file, ...two, ...place], local.env, ({ stderr }) => {
      if (interrupted || !stderr.includes('it waits for an approval')) return
      interrupted = true
      process.emit('SIGINT')
    })
    const [, name = ''] = /the rollout (\S+) goes on/.exec(left.stderr) ?? []
    expect([left.code, left.stderr]).toEqual([
      130,
      expect.stringMatching(
        /podid runs watch rollout-\S+ --remote \S+[\s\S]*aws stepfunctions stop-execution --execution-arn \S+:podid-local-rollout:rollout-[\s\S]*podid rollout --undo rollout-\S+ --remote/,
      ),
    ])
    const approved = await podid('approve', name, ...place, '--yes')
    expect([approved.code, approved.stdout]).toEqual([0, expect.stringContaining('would begin wave 2 of 2')])
    const watched = await podid('runs', 'watch', name, ...place)
    expect([watched.code, rows(watched.stdout, /^\d .*(?:done|stopped|begun)/)]).toEqual([
      0,
      ['1 | 1 | 1 | done | 1 skipped (in force already)', '2 | 1 | 1 | done | 1 enabled'],
    ])
    const [listed, shown, late] = await Promise.all([
      podid('runs', ...place, '-o', 'json', '--limit', '1'),
      podid('runs', 'show', name, ...place, '--json'),
      podid('decline', name, ...place),
    ])
    expect(JSON.parse(listed.stdout).items).toEqual([
      expect.objectContaining({ run: name, where: 'podid-local-enable', status: 'SUCCEEDED' }),
    ])
    expect(
      shown.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual([...Array(2).fill('rollout.judged'), 'rollout.ended'])
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('its status is SUCCEEDED')])
  })
})
