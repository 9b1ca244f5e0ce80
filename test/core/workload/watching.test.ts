import { expect, it } from 'vitest'
import type { Finding } from '../../../core/findings.ts'
import type { Pod } from '../../../core/kubernetes.ts'
import type { RolloutStep } from '../../../core/steps/answers.ts'
import { causesSeen } from '../../../core/workload/diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from '../../../core/workload/diagnosis/facts.ts'
import { causeIn } from '../../../core/workload/diagnosis/same-cause.ts'
import {
  judgeLook,
  type PodsLook,
  type WatchedRollout,
  watchedMessage,
  watchedState,
} from '../../../core/workload/watching.ts'
import { pod } from '../../support/pods.ts'

/** A pod whose container was out of memory, so often. */
const outOfMemory = (name: string, container = 'carts'): Pod => crashed(name, container, 'OOMKilled')
const crashed = (name: string, container: string, reason: string, restartCount = 4): Pod =>
  pod({
    metadata: { name },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: container,
          image: 'carts:1',
          imageID: '',
          ready: false,
          restartCount,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, reason } },
        },
      ],
    },
  })

const facts = (change: Partial<DiagnosisFacts> = {}): DiagnosisFacts => ({
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'carts',
  pods: [],
  events: [],
  logs: [],
  ...change,
})
const denied = (times: number): DiagnosisFacts =>
  facts({
    pods: [crashed('carts-a', 'carts', 'Error', times - 1)],
    logs: [{ pod: 'carts-a', container: 'carts', text: 'AccessDeniedException: no' }],
  })
const look = (change: Partial<PodsLook> = {}): PodsLook => ({
  missed: undefined,
  facts: facts(),
  away: undefined,
  ...change,
})
const first: WatchedRollout = { restarted: true, waitAnyway: false, told: new Set(), known: new Set() }
const causesOf = (seen: DiagnosisFacts): string[] => causesSeen(seen).map(({ found }) => causeIn(found))

const noUse =
  'waiting does not mend it (--wait-anyway, or "waitAnyway": true in the request, waits all the same)'
const out = { reason: 'no pod of the agent is on node n-1', pods: ['carts-a', 'carts-b'] }
const unanswered = `pods carts-a, carts-b cannot get credentials: ${out.reason}`

it.each<[why: string, seen: PodsLook, watched: Partial<WatchedRollout>, end: object | undefined]>([
  ['nothing is wrong', look(), {}, undefined],
  [
    'a pod came without the credentials, whatever else is wrong',
    look({ missed: 'carts-a', away: out, facts: denied(4) }),
    {},
    {
      state: 'missed',
      message:
        'pod carts-a was created without the credentials: the Pod Identity webhook missed it, or did not know the association yet',
    },
  ],
  [
    'the same, where the request waits, and the pods are not this run’s: a restart mends it',
    look({ missed: 'carts-a' }),
    { waitAnyway: true, restarted: false },
    expect.objectContaining({ state: 'missed' }),
  ],
  ['no agent answers them', look({ away: out }), {}, { state: 'failed', message: `${unanswered}; ${noUse}` }],
  ['no agent answers them, and the request waits', look({ away: out }), { waitAnyway: true }, undefined],
  ['no agent answers others’ pods', look({ away: out }), { restarted: false }, undefined],
  [
    'a call was denied four times',
    look({ facts: denied(4) }),
    {},
    {
      state: 'failed',
      message: `pod carts-a, container carts: CrashLoopBackOff, exit code 1 (Error), restarted 3 times; it wrote: AccessDeniedException: no; it has failed so 4 times, and ${noUse}`,
    },
  ],
  ['a call was denied three times: it may pass', look({ facts: denied(3) }), {}, undefined],
  [
    'a call was denied four times, and the request waits',
    look({ facts: denied(4) }),
    { waitAnyway: true },
    undefined,
  ],
  ['a call of others’ pods was denied', look({ facts: denied(4) }), { restarted: false }, undefined],
  [
    'no agent answers them and a call was denied: the agent comes first',
    look({ away: out, facts: denied(4) }),
    {},
    { state: 'failed', message: `${unanswered}; ${noUse}` },
  ],
])('whether waiting for a rollout is of use: %s', (_why, seen, watched, end) => {
  expect(judgeLook(seen, { ...first, ...watched }).end).toEqual(end)
})

it('has as a finding that no agent answers them, also where it waits on', () => {
  const finding = expect.objectContaining({
    code: 'agent-out-of-reach',
    found: unanswered,
    subject: 'deployment/carts',
  })
  for (const waitAnyway of [false, true])
    expect(judgeLook(look({ away: out }), { ...first, waitAnyway }).away).toEqual(finding)
  expect(judgeLook(look({ away: out, facts: denied(4) }), { ...first, restarted: false }).away).toEqual(
    finding,
  )
  expect(judgeLook(look(), first)).not.toHaveProperty('away')
})

const six = facts({ pods: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => outOfMemory(name, name)) })
const five = facts({ pods: six.pods.slice(0, 5) })
const both = facts({ pods: [outOfMemory('carts-a', 'one'), outOfMemory('carts-b', 'two')] })
const [one = '', two = ''] = causesOf(both)
it.each<[why: string, seen: DiagnosisFacts, watched: Partial<WatchedRollout>, fresh: string[]]>([
  ['nothing keeps the pods', facts(), {}, []],
  ['two causes', both, {}, [one, two]],
  ['one of them is answered already', both, { told: new Set([one]) }, [two]],
  ['one of them ailed the pods before', both, { known: new Set([two]) }, [one]],
  ['both are known, in two ways', both, { told: new Set([one]), known: new Set([two]) }, []],
  ['as many as are answered at most', five, {}, causesOf(five)],
  ['more than are answered at most', six, {}, []],
  ['with those answered before, as many', both, { told: new Set(['x', 'y', 'z']) }, [one, two]],
  ['with those answered before, too many', both, { told: new Set(['x', 'y', 'z', 'u']) }, []],
])('what is new in a look at the pods is answered: %s', (_why, seen, watched, fresh) => {
  const judged = judgeLook(look({ facts: seen }), { ...first, ...watched })
  expect(judged.fresh).toEqual(fresh)
  expect(judged.cause).toEqual(causesSeen(seen)[0])
})

it('the causes of that table differ', () => {
  expect(new Set([...causesOf(six), one, two]).size).toBe(8)
})

it('answers nothing more where waiting has ended', () => {
  for (const seen of [
    look({ missed: 'carts-a', facts: both }),
    look({ away: out, facts: both }),
    look({ facts: denied(4) }),
  ])
    expect(judgeLook(seen, first).fresh).toEqual([])
})

const finding = (severity: Finding['severity'], found: string): Finding => ({
  code: 'rollout-crash-loop',
  severity,
  subject: 'deployment/carts',
  found,
})
const cause = finding('blocking', 'the cause')
const findings = [
  finding('warning', 'a warning'),
  finding('blocking', 'the reason'),
  finding('blocking', 'another'),
]
const waiting = 'Waiting for deployment'
const tooLate = `${waiting} (not done within 600 s)`
type Step = RolloutStep['state']
it.each<
  [why: string, state: Step, overdue: boolean, judged: boolean, is: Step, failed: boolean, message: string]
>([
  ['complete', 'complete', false, false, 'complete', false, waiting],
  ['complete at the last moment', 'complete', true, false, 'complete', false, waiting],
  [
    'under way, and something keeps it',
    'progressing',
    false,
    false,
    'progressing',
    false,
    `the cause; ${waiting}`,
  ],
  ['under way for too long', 'progressing', true, false, 'failed', true, `the reason; ${tooLate}`],
  ['made anew by somebody', 'replaced', false, false, 'replaced', false, waiting],
  ['made anew by somebody, too late', 'replaced', true, false, 'failed', true, `the reason; ${tooLate}`],
  ['failed', 'failed', false, false, 'failed', true, `the reason; ${waiting}`],
  [
    'failed at the last moment, which is no reason',
    'failed',
    true,
    false,
    'failed',
    true,
    `the reason; ${waiting}`,
  ],
  ['failed, by a look at its pods that says why', 'failed', false, true, 'failed', true, waiting],
  ['deleted', 'gone', false, false, 'gone', true, `the reason; ${waiting}`],
  ['without credentials', 'missed', false, true, 'missed', false, waiting],
  ['without credentials, too late', 'missed', true, true, 'missed', false, waiting],
])('how a rollout is that was watched: %s', (_why, state, overdue, judged, is, failed, message) => {
  expect(watchedState(state, overdue)).toMatchObject({ state: is, failed })
  const known = { overdue, timeoutSeconds: 600, judged, cause, findings }
  expect(watchedMessage({ state, message: waiting }, known)).toBe(message)
})

it('says no more of a rollout than that it has not ended where nothing is known to keep it', () => {
  const known = { overdue: true, timeoutSeconds: 600, judged: false, cause: undefined, findings: [] }
  expect(watchedMessage({ state: 'progressing', message: waiting }, known)).toBe(tooLate)
  expect(watchedMessage({ state: 'progressing', message: waiting }, { ...known, overdue: false })).toBe(
    waiting,
  )
})
