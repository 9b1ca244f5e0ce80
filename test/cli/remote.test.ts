import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waysOn } from '../../cli/remote/enable.ts'
import type { RemoteStage } from '../../cli/remote/stage.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { type LocalHere, podidHere, startLocalHere } from '../support/commands/here.ts'
import { healCarts } from '../support/workloads.ts'

const eventsIn = (stdout: string): RunEvent[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RunEvent)

// One run of a stage, from its start by one terminal to its undo by another one.
it.each([
  ['enable', true],
  ['plan', false],
  ['undo', false],
  [undefined, true],
])('says how a run of mode %s is undone that goes on: %s', (mode, undone) => {
  const arnOf = (run: string) => `arn:aws:states:us-west-2:123456789012:execution:podid-dev-enable:${run}`
  const stage = { name: 'dev', region: 'us-west-2', executions: { arnOf } } as unknown as RemoteStage
  expect(waysOn(stage, 'podid-1', mode).slice(2)).toEqual(
    undone ? ['to undo it:    podid undo podid-1 --remote dev --region us-west-2'] : [],
  )
})

describe('a run of a deployed stage', () => {
  let local: LocalHere
  let file: string
  let run: string
  /** The stage, by the name that the stand-ins' has. */
  const place = ['--remote', 'local']
  beforeAll(async () => {
    local = await startLocalHere({ propagationMs: [200], startMs: 0, readyAfterMs: 300, stopMs: 0 })
    await healCarts(local.world)
    file = join(local.folder, 'podid.yaml')
    const asking = {
      cluster: 'eks-workshop',
      namespace: 'carts',
      role: `arn:aws:iam::${local.ready.account}:role/eks-workshop-carts-dynamo`,
      approval: 'required',
    }
    writeFileSync(
      file,
      JSON.stringify({
        account: local.ready.account,
        region: local.ready.region,
        remote: 'local',
        bindings: {
          carts: { ...asking, serviceAccount: 'carts', workload: 'deployment/carts' },
          other: { ...asking, serviceAccount: 'other', needs: [] },
        },
      }),
    )
  })
  afterAll(() => local[Symbol.asyncDispose]())
  const podid = (...args: string[]) => podidHere(args, local.env)

  it('is started as podid.yaml says; Ctrl-C leaves it going, and says how to go on', async () => {
    let interrupted = false
    // What Ctrl-C does: the command line is in this process.
    const args = ['enable', '-f', file, '--binding', 'carts', '--json']
    expect(await podid('runs', ...place)).toMatchObject({
      code: 0,
      stdout: 'no runs of this machine or of the stage local\n',
    })
    const { code, stdout, stderr } = await podidHere(args, local.env, (said) => {
      if (interrupted || !said.stdout.includes('"for":"answer"')) return
      interrupted = true
      process.emit('SIGINT')
    })
    expect(code).toBe(130)
    ;[{ run }] = eventsIn(stdout) as [RunEvent]
    expect(stderr).toContain(`the run ${run} goes on\n`)
    expect(stderr).toContain(`podid runs watch ${run} --remote ${place[1]}`)
    expect(stderr).toMatch(
      /aws stepfunctions stop-execution --execution-arn arn:aws:states:\S+ --region us-west-2/,
    )
    expect(stderr).toContain(`podid undo ${run} --remote ${place[1]}`)
  })

  it('is listed, waits, is approved from another terminal, and watched to its end', async () => {
    const [unanswered, listed, shown] = await Promise.all([
      podid('approve', run, ...place),
      podid('runs', ...place, '-o', 'json'),
      podid('runs', 'show', run, ...place),
    ])
    expect([unanswered.code, unanswered.stderr]).toEqual([2, expect.stringContaining('add --yes')])
    expect(unanswered.stdout).toContain('would change\n  + association of carts/carts\n      role: arn:')
    expect(JSON.parse(listed.stdout).items).toEqual([
      expect.objectContaining({
        run,
        where: 'local',
        status: 'RUNNING',
        about: 'enable carts/carts on eks-workshop',
      }),
    ])
    expect(shown).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        `it has not ended, and waits for an approval\nto approve it: podid approve ${run} --remote local --region us-west-2\nto follow it:  podid runs watch ${run}`,
      ),
    })
    const approved = await podid('approve', run, ...place, '--yes')
    expect(approved).toMatchObject({ code: 0, stdout: expect.stringMatching(/approved as arn:aws:\S+\n$/) })
    const { code, stdout, stderr } = await podid('runs', 'watch', run, ...place, '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(eventsIn(stdout).at(-1)).toMatchObject({
      type: 'run.succeeded',
      run,
      report: { outcome: 'enabled' },
    })
  })

  it('of a rollout is shown to wait for its own approval, with the command that gives it', async () => {
    const fleet = join(local.folder, 'fleet.yaml')
    const settings = JSON.parse(readFileSync(file, 'utf8')) as { bindings: Record<string, object> }
    const fourth = { ...settings.bindings.other, serviceAccount: 'fourth' }
    writeFileSync(fleet, JSON.stringify({ ...settings, bindings: { fourth } }))
    let left = false
    const { stderr } = await podidHere(['rollout', '-f', fleet, ...place], local.env, (said) => {
      if (left || !said.stderr.includes('is under way')) return
      left = true
      process.emit('SIGINT')
    })
    const [, rollout = ''] = /the rollout (\S+) goes on/.exec(stderr) ?? []
    let shown = await podid('runs', 'show', rollout, ...place)
    while (shown.stdout.includes('it has not ended') && !shown.stdout.includes('waits for an approval'))
      shown = await podid('runs', 'show', rollout, ...place)
    const [, approve = ''] =
      /this run waits for an approval:\n {2}podid (approve .*)\n/.exec(shown.stdout) ?? []
    expect(approve).toMatch(/^approve rollout-\S+-w1-1 --remote local --region us-west-2$/)
    expect((await podid(...approve.split(' '), '--yes')).code).toBe(0)
    const watched = await podid('runs', 'watch', rollout, ...place)
    expect([watched.code, watched.stdout]).toEqual([0, expect.stringContaining('1 associated')])
  })

  it('is undone by its stage; what is not there, or waits no more, is said', async () => {
    const [undone, late, unknown, stageless, ...nowhere] = await Promise.all([
      podid('undo', run, ...place, '--json'),
      podid('decline', run, ...place),
      podid('runs', 'show', 'nope', ...place),
      podid('runs', 'watch', 'nope', '--no-remote'),
      podid('plan', '-f', file, '--binding', 'carts', '--remote', 'moon', '--quiet'),
      podid('runs', '--remote', 'moon', '--region', 'us-west-2'),
    ])
    const two = join(local.folder, 'two.json')
    const where = { cluster: 'eks-workshop', namespace: 'carts', needs: [], region: local.ready.region }
    const role = `arn:aws:iam::${local.ready.account}:role/eks-workshop-carts-dynamo`
    writeFileSync(
      two,
      JSON.stringify(['one', 'two'].map((serviceAccount) => ({ ...where, role, serviceAccount }))),
    )
    const [again, several] = await Promise.all([
      podid('enable', '-f', file, '--binding', 'other', '--yes', '--quiet'),
      podid('enable', '-f', two, '--all', ...place),
    ])
    expect(several.code).toBe(0)
    expect(several.stdout).toMatch(
      /^BINDING +CLUSTER +RESULT +TOOK +RUN +SUMMARY\ncarts\/one +eks-workshop +associated .*\ncarts\/two +eks-workshop +associated .*\n$/,
    )
    expect(several.stderr.match(/^ ✔ carts\/(?:one|two) on eks-workshop {2}associated/gm)).toHaveLength(2)
    const waiting = { ...where, role, serviceAccount: 'three', approval: 'required' }
    writeFileSync(two, JSON.stringify([{ ...where, role, serviceAccount: 'one' }, waiting]))
    let left = false
    const partly = await podidHere(
      ['enable', '-f', two, '--all', ...place, '--json'],
      local.env,
      ({ stdout }) => {
        if (left || !stdout.includes('"for":"answer"') || !stdout.includes('"run.succeeded"')) return
        left = true
        process.emit('SIGINT')
      },
    )
    const ended = eventsIn(partly.stdout).filter(({ type }) => type === 'run.succeeded')
    const [one = '', three = ''] = [
      ended[0]?.run,
      eventsIn(partly.stdout).find((event) => event.type === 'step.waiting' && event.for === 'answer')?.run,
    ]
    expect([partly.code, ended.length]).toEqual([130, 1])
    expect(partly.stderr).toContain(`the run ${three} goes on\n`)
    expect(partly.stderr).not.toContain(one)
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('is associated with') })
    expect(again?.stdout).toMatch(
      /\nTo undo this run: podid undo podid-\S+ --remote \S+ --region us-west-2\n$/,
    )
    expect([undone.code, undone.stderr]).toEqual([0, ''])
    expect(eventsIn(undone.stdout).at(-1)).toMatchObject({
      type: 'run.succeeded',
      report: { outcome: 'undone' },
    })
    expect(late).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('does not wait for an approval: its status is SUCCEEDED'),
    })
    expect(unknown).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^podid: there is no run nope in local; there are \S+-\S+, /),
    })
    expect(stageless).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is named with it: --remote STAGE'),
    })
    for (const one of nowhere)
      expect(one).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('podid-moon-enable:live in us-west-2: the stage there is local.'),
      })
  })

  it.each<[why: string, status: number, code: string, times: number, said: RegExp]>([
    [
      'says that rollouts could not be asked for the name, and not that there is none of it',
      503,
      'ServiceUnavailableException',
      3,
      /^podid: describing the run nope: ServiceUnavailableException/,
    ],
    [
      'looks for runs alone where nobody may ask for rollouts',
      400,
      'AccessDeniedException',
      1,
      /^podid: there is no run nope in local/,
    ],
  ])('%s', async (_why, status, code, times, said) => {
    // Only the question for a rollout, in all its attempts.
    const withdraw = local.world.aws.calls.inject({
      operation: 'DescribeExecution',
      skip: 1,
      times,
      action: { kind: 'error', status, code },
    })
    const ended = await podid('runs', 'show', 'nope', ...place)
    withdraw()
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(said) })
  })
})
