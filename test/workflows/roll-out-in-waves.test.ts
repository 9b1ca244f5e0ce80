import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import { rolloutSteps } from '../../core/steps/rollout-table.ts'
import { TaskFailure, validateDefinition } from '../../local/engine/index.ts'
import { localDefinition } from '../../stage/execution.ts'
import { placeholders, rollOutInWaves } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'
import { memoryObjects, plainItem, playRollout } from '../support/rollout.ts'

const rendered = localDefinition('111122223333', 'us-west-2', 'rollout')

describe('the definition of rollouts', () => {
  it('is what the engine implements, down to its expressions', () => {
    expect(validateDefinition(JSON.parse(rendered))).toEqual([])
  })

  it('has a function for each of its steps, and asks and enables as one binding does', () => {
    expect(placeholders(template(rollOutInWaves)).sort()).toEqual(
      [...Object.keys(rolloutSteps), 'enablePodIdentity', 'requestApproval'].sort(),
    )
  })
})

const six = ['blue', 'green', 'red'].flatMap((cluster) =>
  ['carts', 'orders'].map((name) => plainItem(name, cluster)),
)
const items = (change: object = {}) => ({ items: six, waves: [1, 1], ...change })

/** Fails the runs of a binding on a cluster. */
const failing =
  (binding: string, cluster: string, why = 'its role trusts no pods') =>
  (_run: string, { mode, serviceAccount, cluster: on }: Record<string, unknown>) => {
    if (mode === 'undo') return 'undone'
    return serviceAccount === binding && on === cluster
      ? Object.assign(new Error(why), { name: 'PreflightFailed' })
      : 'enabled'
  }

const statesOf = (report: FleetReport | undefined) => report?.waves.map(({ state }) => state)
const resultsOf = (report: FleetReport | undefined) =>
  report?.bindings.map(({ binding, cluster, result }) => `${binding} on ${cluster}: ${result}`)

describe('a rollout', () => {
  it('goes wave by wave, first one cluster, and stops at the first one beyond its tolerance', async () => {
    const { status, error, cause, report, started } = await playRollout(items(), failing('orders', 'red'))
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'RolloutFailed' })
    expect(cause).toBe(
      'stopped at wave 3 of 3: 2 bindings on 1 cluster, beyond its tolerance of 0 %: 5 enabled, 1 failed',
    )
    expect(statesOf(report)).toEqual(['passed', 'passed', 'beyond'])
    expect(report?.digest).toEqual([
      { result: 'failed', said: 'its role trusts no pods', count: 1, bindings: ['orders on red'] },
    ])
    expect(started).toEqual([
      'rollout-test-w1-1',
      'rollout-test-w1-2',
      'rollout-test-w2-1',
      'rollout-test-w2-2',
      'rollout-test-w3-1',
      'rollout-test-w3-2',
    ])
  })

  it('goes on where no more fail than are tolerated, of the wave as a whole', async () => {
    const lenient = items({ toleratedFailurePercentage: 50, perCluster: 1 })
    const { status, report } = await playRollout(lenient, failing('carts', 'blue'))
    expect(status).toBe('SUCCEEDED')
    expect(report?.summary).toBe('6 bindings on 3 clusters in 3 waves: 5 enabled, 1 failed')
  })

  it.each([
    [0, 'stopped', ['beyond', 'not begun', 'not begun']],
    [49, 'stopped', ['beyond', 'not begun', 'not begun']],
    [50, 'done', ['passed', 'passed', 'passed']],
    [100, 'done', ['passed', 'passed', 'passed']],
  ])(
    'that tolerates %i %% of failures, of which a wave of two has one, is %s',
    async (percentage, outcome, states) => {
      const request = items({ toleratedFailurePercentage: percentage })
      const { report } = await playRollout(request, failing('carts', 'blue'))
      expect([report?.outcome, statesOf(report)]).toEqual([outcome, states])
    },
  )

  it('undoes the wave beyond its tolerance where that is asked, and no other', async () => {
    const { report, started } = await playRollout(items({ undoOnFailure: true }), failing('orders', 'green'))
    expect(started.slice(-1)).toEqual(['rollout-test-u2-1'])
    expect(report?.waves[1]).toMatchObject({ state: 'beyond', undone: { undone: 1 } })
    expect(statesOf(report)).toEqual(['passed', 'beyond', 'not begun'])
    expect(report?.summary).toContain('3 enabled, 1 failed; undone: 1 undone; 1 of 3 waves not begun')
  })

  it('stops those that are under way beside what is beyond the tolerance, and undoes them in any case', async () => {
    const three = ['a', 'b', 'c'].map((name) => plainItem(name, 'blue'))
    const { report, started } = await playRollout({ items: three, maxConcurrency: 2 }, failing('a', 'blue'), {
      runMs: (run) => (run === 'rollout-test-w1-1' ? 1000 : 60_000),
    })
    expect(resultsOf(report)).toEqual(['a on blue: failed', 'b on blue: stopped', 'c on blue: not begun'])
    expect(started).toEqual(['rollout-test-w1-1', 'rollout-test-w1-2', 'rollout-test-u1-1'])
    expect(report?.waves[0]?.undone).toMatchObject({ undone: 1 })
  })

  it('never has more of one cluster under way than its share, and takes turns among clusters', async () => {
    const many = ['blue', 'green', 'red', 'data'].flatMap((cluster) =>
      Array.from({ length: 7 }, (_, at) => plainItem(`s${at}`, cluster)),
    )
    const { most, report } = await playRollout({ items: many, waves: ['100%'], perCluster: 2 })
    expect(most).toEqual({ all: 8, cluster: 2 })
    expect(report?.waves).toMatchObject([{ bindings: 28, state: 'passed', counts: { enabled: 28 } }])
  })

  it('begins four runs at once and then one every 1.6 s, however short they are', async () => {
    const many = Array.from({ length: 12 }, (_, at) => plainItem(`s${at}`, `c${at}`))
    const { at } = await playRollout({ items: many, waves: ['100%'] }, () => 'unchanged', {
      runMs: () => 100,
    })
    expect([...at.values()].map((ms) => ms / 1000)).toEqual([
      ...[0, 0, 0, 0, 1.6, 3.2, 4.8, 6.4, 8, 9.6, 11.2, 12.8],
    ])
  })

  it('takes a wave of many rounds, of which each fails for a reason of its own, without growing with them', async () => {
    const rounds = 30
    const many = Array.from({ length: rounds }, (_, at) => plainItem(`s${at}`, 'blue'))
    const objects = memoryObjects()
    let reads = 0
    const { get } = objects
    objects.get = (key) => {
      reads++
      return get(key)
    }
    const { status, report, history } = await playRollout(
      { items: many, waves: ['100%'], perCluster: 1, toleratedFailurePercentage: 100 },
      (run) => Object.assign(new Error(`${run} ${'x'.repeat(290)}`), { name: 'PreflightFailed' }),
      { objects },
    )
    expect([status, report?.summary]).toEqual([
      'SUCCEEDED',
      `${rounds} bindings on 1 cluster in 1 wave: ${rounds} failed`,
    ])
    // Items, results, the tally before, and at the end the rows.
    expect(reads).toBeLessThan(8 * rounds)
    const assigned = history.findLast(({ stateExitedEventDetails: exited }) => exited?.name === 'JudgeRound')
      ?.stateExitedEventDetails?.assignedVariables
    expect(JSON.parse(assigned?.judged ?? '')).toMatchObject([{ wave: 1, round: rounds, failures: rounds }])
  })

  it('names those that were in force already, and waits for nobody to do nothing', async () => {
    const { report } = await playRollout(items(), () => 'unchanged')
    expect(report?.summary).toBe('6 bindings on 3 clusters in 3 waves: 6 skipped (in force already)')
  })

  it('without any binding has nothing to do', async () => {
    const { status, report, started } = await playRollout({ items: [] })
    expect([status, report?.summary, started]).toEqual(['SUCCEEDED', 'no bindings: nothing to do', []])
  })

  it('is only planned where that is asked', async () => {
    const { report, started } = await playRollout(items({ mode: 'plan' }))
    expect([report?.outcome, report?.summary, statesOf(report), started]).toEqual([
      'planned',
      '6 bindings on 3 clusters in 3 waves',
      ['not begun', 'not begun', 'not begun'],
      [],
    ])
  })

  it('goes by podid.yaml where its request says nothing', async () => {
    const { questions } = await playRollout({ items: six }, undefined, {
      config: parseConfig(
        { account: '111122223333', region: 'us-west-2', rollout: { approval: 'required', waves: [2] } },
        'test',
      ),
    })
    expect(questions.map(({ question }) => question)).toMatchObject([{ wave: 2, waves: 2 }])
  })

  it('takes more bindings than an input may hold', async () => {
    const objects = memoryObjects()
    const many = Array.from({ length: 1600 }, (_, at) => plainItem(`service-${at}`, `cluster-${at % 50}`))
    expect(JSON.stringify(many).length).toBeGreaterThan(300 * 1024)
    objects.stored.set('inputs/many.json', many)
    const { report } = await playRollout({ itemsAt: 'inputs/many.json', mode: 'plan' }, undefined, {
      objects,
    })
    expect(report?.summary).toBe('1600 bindings on 50 clusters in 3 waves')
  })
})

describe('a gate', () => {
  it('waits for a person, and tells what the wave before came to', async () => {
    const { questions, report } = await playRollout(items({ approval: 'required' }))
    expect(report?.outcome).toBe('done')
    expect(questions.map(({ question }) => question)).toMatchObject([
      { wave: 2, before: 'wave 1 of 3: 2 bindings on 1 cluster: 2 enabled', places: [{ cluster: 'green' }] },
      { wave: 3, before: 'wave 2 of 3: 2 bindings on 1 cluster: 2 enabled' },
    ])
  })

  it.each([
    [
      'declined',
      Object.assign(new Error('declined by slack:U1'), { name: 'Declined' }),
      'Declined',
      'declined by slack:U1',
    ],
    ['not answered', undefined, 'Declined', /nobody agreed to wave 2 in time \(86400 seconds\)/],
    [
      'answered for another plan',
      { plan: 'f'.repeat(32) },
      'Refused',
      /the answer approves the plan f+, and the question was about/,
    ],
    ['answered without a plan', {}, 'Refused', /the answer approves no plan/],
  ])('that is %s ends the rollout where it is', async (_how, answer, error, message) => {
    const played = await playRollout(items({ approval: 'required' }), undefined, { answer: () => answer })
    expect(played).toMatchObject({ status: 'FAILED', error })
    expect(played.report).toMatchObject({
      outcome: 'failed',
      failure: { error, message: expect.stringMatching(message) },
    })
    expect(statesOf(played.report)).toEqual(['passed', 'not begun', 'not begun'])
  })

  it('pauses, and opens only within a window', async () => {
    const { at } = await playRollout(
      items({ pauseSeconds: 600, windows: [{ from: '22:00', to: '22:05' }], timeZone: 'UTC' }),
    )
    const begun = (run: string) =>
      new Date(Date.parse('2026-11-26T09:00:00Z') + (at.get(run) ?? 0)).toISOString()
    expect([1, 2, 3].map((wave) => begun(`rollout-test-w${wave}-1`))).toEqual([
      '2026-11-26T22:00:00.000Z',
      '2026-11-27T22:00:00.000Z',
      '2026-11-28T22:00:00.000Z',
    ])
  })
})

describe('what goes wrong', () => {
  it('a rollout that was stopped in the middle is undone by its waves, of what Step Functions says of its runs', async () => {
    const stop = new AbortController()
    const first = await playRollout(
      items(),
      (run) => {
        if (run === 'rollout-test-w2-1') stop.abort()
        return 'enabled'
      },
      { signal: stop.signal },
    )
    expect([first.status, first.report]).toEqual(['ABORTED', undefined])
    const found = { enabled: new Set(['rollout-test-w2-1']) }
    const undone = await playRollout(
      { mode: 'undo', undo: { rollout: 'rollout-test', waves: [2] } },
      () => 'undone',
      {
        name: 'back',
        objects: first.objects,
        executions: {
          find: async (run) => {
            const all = { run, arn: run, startedAt: '', input: null, cause: null, output: null }
            return run.startsWith('rollout-back') ? undefined : { ...all, status: 'ABORTED' }
          },
          history: async (run) => (found.enabled.has(run) ? (preflight(run) as never) : []),
          stop: async () => {},
        },
      },
    )
    expect(undone.started).toEqual(['rollout-back-u1-1'])
    expect(undone.report).toMatchObject({ outcome: 'undone', bindings: [{ result: 'undone' }] })
  })

  it('another one that is under way is in the way, and is named', async () => {
    const played = await playRollout(items(), undefined, { takeTurn: async () => 'the-other' })
    expect(played).toMatchObject({ status: 'FAILED', error: 'Refused' })
    expect(played.cause).toContain('the rollout the-other is under way')
    expect(played.cause).toContain(
      'aws stepfunctions stop-execution --execution-arn arn:aws:states:us-west-2:111122223333:execution:podid-local-rollout:the-other',
    )
    expect(played.started).toEqual([])
  })

  it('a run whose time is over counts as failed, and has its changes undone', async () => {
    const nested = JSON.stringify({ Status: 'TIMED_OUT' })
    const { report, started } = await playRollout({ items: [plainItem('carts', 'blue')] }, undefined, {
      runBinding: async (_run, { mode }) => {
        if (mode === 'undo') return { outcome: 'undone', summary: 'put back', before: null }
        throw new TaskFailure('States.TaskFailed', nested)
      },
      executions: {
        find: async (run) => ({
          run,
          arn: run,
          startedAt: '',
          input: null,
          output: null,
          cause: null,
          status: 'TIMED_OUT',
        }),
        history: async (run) => preflight(run) as never,
        stop: async () => {},
      },
    })
    expect(started).toEqual([])
    expect(report?.waves).toMatchObject([{ state: 'beyond', counts: { stopped: 1 }, undone: { undone: 1 } }])
    expect(resultsOf(report)).toEqual(['carts on blue: stopped'])
  })

  it.each([
    [{ bindings: ['nope'] }, 'bindings: there is no binding "nope" in podid.yaml'],
    [{}, 'bindings, items, itemsAt and undo: a rollout has one of them, and this has 0'],
    [{ items: six, bindings: 'all' }, 'and this has 2'],
    [{ items: [six[0], six[0]] }, 'carts and carts are both for shop/carts on blue in us-west-2'],
    [
      { items: [{ ...six[0], input: { ...six[0]?.input, role: 'carts' } }] },
      'carts on blue: role: "carts" is not an IAM role ARN',
    ],
    [{ itemsAt: 'inputs/none.json' }, 'the bucket has no list of bindings at inputs/none.json'],
    [{ mode: 'undo', undo: { rollout: 'none' } }, 'there is no rollout none'],
    [{ items: six, windows: [{ from: '25:00', to: '1' }] }, 'windows[0].from: is not a time of day'],
    [{ items: six, timeZone: 'Moon' }, 'timeZone: is not the IANA name of a time zone'],
    [{ items: six, waves: ['ten'] }, 'waves[0]'],
    [{ items: six, parallel: 3 }, 'parallel: is not a field of a rollout'],
  ])('a request with a fault begins nothing: %j', async (input, said) => {
    const played = await playRollout(input)
    expect(played).toMatchObject({ status: 'FAILED', error: 'InvalidRequest' })
    expect((JSON.parse(played.cause ?? '') as { errorMessage: string }).errorMessage).toContain(said)
    expect(played.started).toEqual([])
  })
})

/** The event of a history that says what was there before. */
const preflight = (run: string) => [
  {
    id: 1,
    previousEventId: 0,
    timestamp: 0,
    type: 'ParallelStateExited',
    stateExitedEventDetails: {
      name: 'Preflight',
      assignedVariables: {
        before: JSON.stringify({
          run,
          restartedAt: '2026-11-26T09:00:00.000001Z',
          association: null,
          workload: null,
        }),
      },
    },
  },
]
