import type { RequestInput } from '../../core/request-input.ts'
import type { StepName } from '../../core/steps/table.ts'
import type { Call, FaultAction } from '../../local/calls.ts'
import type { VariantName } from '../../local/scenarios/workshop/variants.ts'

/** A run that a fault is put into: where it starts, what is asked, and what goes wrong in it anyway. */
export interface Situation {
  /** One line for the table. */
  what: string
  scenario?: 'workshop' | VariantName
  change?: Partial<RequestInput>
  /** What runs before it, undisturbed. */
  first?: readonly Partial<RequestInput>[]
  /** The run undoes the last of those. */
  undoes?: true
  /** The role loses its policies once the association is made, so that the run fails and undoes. */
  spoiled?: true
}

const began: Partial<RequestInput> = { migrate: 'irsa', manageTrust: true }
const finish: Partial<RequestInput> = { ...began, finish: true, removeOidcTrust: true }

export const situations = {
  enable: { what: 'the main job' },
  undo: { what: 'a run that fails after the restart and undoes', spoiled: true },
  repoint: {
    what: 'an association with another role, to be replaced',
    scenario: 'association-other-role',
    change: { replace: true },
  },
  'repoint-undo': {
    what: 'the same, failing after the restart',
    scenario: 'association-other-role',
    change: { replace: true },
    spoiled: true,
  },
  agent: { what: 'an agent to be installed', scenario: 'agent-missing', change: { installAgent: true } },
  approval: {
    what: 'a run that waits for a person, who approves it; each call is struck before and after',
    change: { approval: 'required', replace: true },
  },
  role: { what: 'a role to be made', scenario: 'role-missing', change: { createRole: true } },
  'role-undo': {
    what: 'the same, failing after the restart',
    scenario: 'role-missing',
    change: { createRole: true },
    spoiled: true,
  },
  plan: { what: 'a plan', change: { mode: 'plan' } },
  migrate: { what: 'the first act of a migration from IRSA', scenario: 'from-irsa', change: began },
  'migrate-undo': {
    what: 'the same, failing after the restart',
    scenario: 'from-irsa',
    change: began,
    spoiled: true,
  },
  'migrate-back': { what: 'the undo of that act', scenario: 'from-irsa', first: [began], undoes: true },
  finish: {
    what: 'its second act, which takes the annotation and the OIDC trust away',
    scenario: 'from-irsa',
    first: [began],
    change: finish,
  },
  'finish-back': {
    what: 'the undo of the second act',
    scenario: 'from-irsa',
    first: [began, finish],
    undoes: true,
  },
} as const satisfies Record<string, Situation>

export type SituationName = keyof typeof situations

/** What can go wrong with a call, by the name that the table uses. */
export type FaultKind = keyof typeof faults

type Service = 'eks' | 'iam' | 'kubernetes'

const serviceOf = ({ service }: Pick<Call, 'service'>): Service =>
  service === 'eks' || service === 'kubernetes' ? service : 'iam'

const byService =
  (answers: Record<Service, [status: number, code: string, message?: string]>) =>
  (call: Pick<Call, 'service'>): FaultAction => {
    const [status, code, message] = answers[serviceOf(call)]
    return { kind: 'error', status, code, ...(message ? { message } : {}) }
  }

/** How each service words each failure: the codes are those of the service models and of the API server. */
export const faults = {
  throttled: byService({
    eks: [429, 'ThrottlingException', 'Rate exceeded'],
    iam: [400, 'Throttling', 'Rate exceeded'],
    kubernetes: [429, 'TooManyRequests'],
  }),
  'error 500': byService({
    eks: [500, 'ServerException'],
    iam: [500, 'ServiceFailure'],
    kubernetes: [500, 'InternalError'],
  }),
  'error 503': byService({
    eks: [503, 'ServiceUnavailableException'],
    iam: [503, 'ServiceUnavailable'],
    kubernetes: [503, 'ServiceUnavailable'],
  }),
  'reset before': () => ({ kind: 'cut' }) as const,
  'response lost': () => ({ kind: 'lose' }) as const,
  denied: byService({
    eks: [403, 'AccessDeniedException', 'User is not authorized to perform this action'],
    iam: [403, 'AccessDenied', 'User is not authorized to perform this action'],
    kubernetes: [403, 'Forbidden'],
  }),
  expired: byService({
    eks: [403, 'ExpiredTokenException', 'The security token included in the request is expired'],
    iam: [403, 'ExpiredToken', 'The security token included in the request is expired'],
    kubernetes: [401, 'Unauthorized', 'Unauthorized'],
  }),
  malformed: () => ({ kind: 'garble', status: 200, body: '<html><title>Sign in</title></html>' }) as const,
  empty: () => ({ kind: 'garble', status: 200, body: '' }) as const,
  'not found': byService({
    eks: [404, 'ResourceNotFoundException', 'No such thing'],
    iam: [404, 'NoSuchEntity', 'No such thing'],
    kubernetes: [404, 'NotFound'],
  }),
  conflict: byService({
    eks: [409, 'ResourceInUseException', 'It is in use'],
    iam: [409, 'EntityTemporarilyUnmodifiable', 'It is being changed'],
    kubernetes: [409, 'Conflict'],
  }),
  hang: () => ({ kind: 'hang' }) as const,
} satisfies Record<string, (call: Pick<Call, 'service'>) => FaultAction>

/** How often a fault strikes: that many times in a row, or for good. */
export const repetitions = { once: 1, thrice: 3, always: Number.POSITIVE_INFINITY }

/** What a person does to the workload or its association behind the run's back. */
export const interferences = [
  'repoint',
  'delete association',
  'restart',
  'rollout undo',
  'scale',
  'edit',
] as const
export type Interference = (typeof interferences)[number]

/** By how much a clock is off. */
const farthestOff = [300_000, -300_000]
const skewsMs = [15_000, -15_000, ...farthestOff]

/** The first call of an operation, or the second one: without an undisturbed run that says which number it has. */
type Of = 'first' | 'second'

/**
 * One trial, or several faults of which none hides another. `at` counts the calls of an undisturbed run from 1, or those of the operation; at `question` a person is
 * asked to approve. A run is killed before a call by its number, or after one of the operation.
 */
export type Cell = { situation: SituationName } & (
  | ({ trial: 'fault'; beside?: readonly Strike[]; clock?: Skew } & Strike)
  | { trial: 'killed'; at: number | Of; operation: string }
  | { trial: 'person'; does: Interference; at: number | 'question' }
  | { trial: 'person'; does: Interference; at: Of; operation: string }
  | { trial: 'two runs' }
  /** Of the whole machine, or of some functions alone, while Step Functions, EKS and the cluster are right. */
  | ({ trial: 'clock' } & Skew)
)

/** What strikes an operation. */
export interface Strike {
  kind: FaultKind
  times: keyof typeof repetitions
  at: number | Of
  operation: string
}

/** By how much whose clock is off. */
interface Skew {
  skewMs: number
  steps?: readonly StepName[]
}

/** A cell in a line, which also names it: `enable / throttled always / ListPodIdentityAssociations`. */
export const describeCell = (cell: Cell): string => {
  switch (cell.trial) {
    case 'fault':
      return [
        `${cell.situation} / ${[cell, ...(cell.beside ?? [])].map(describeFault).join(' and ')}`,
        ...(cell.clock ? [describeClock(cell.clock)] : []),
      ].join(', and ')
    case 'killed': {
      const when = typeof cell.at === 'number' ? 'before' : 'after'
      return `${cell.situation} / killed ${when} ${cell.operation} (${whichCall(cell.at)}), then undone`
    }
    case 'person': {
      const moment = 'operation' in cell ? `the ${cell.at} ${cell.operation}` : whichCall(cell.at)
      return `${cell.situation} / a person: ${cell.does} at ${cell.at === 'question' ? 'the question' : moment}`
    }
    case 'two runs':
      return `${cell.situation} / two runs at once`
    case 'clock':
      return `${cell.situation} / ${describeClock(cell)}`
  }
}

const describeFault = ({ kind, times, operation, at }: Strike): string =>
  `${kind} ${times} / ${operation} (${whichCall(at)})`

const describeClock = ({ skewMs, steps }: Skew): string =>
  `the clock of ${steps?.join(' and ') ?? 'the caller'} is ${skewMs / 1000} s off`

const whichCall = (at: number | string): string => (typeof at === 'number' ? `call ${at}` : `the ${at}`)

/** The first call of each operation: the others of its kind go the same way through the code, but for writes. */
const distinct = (calls: readonly Call[]): Call[] =>
  calls.filter(
    (call, index) => call.write || calls.findIndex(({ operation }) => operation === call.operation) === index,
  )

/**
 * Reads go the same way through the code in every situation, so that only the main job gets all of theirs; what
 * strikes a write three times is told from what strikes it once by what took effect.
 */
const timesOf = (situation: SituationName, write: boolean): (keyof typeof repetitions)[] => {
  if (write) return ['once', 'thrice', 'always']
  return situation === 'enable' ? ['once', 'always'] : ['always']
}

/** What an undisturbed run did. */
export interface Course {
  calls: Call[]
  /** How many of the calls came before a person was asked. */
  asked: number
  /** The functions that were called. */
  steps: StepName[]
}

/** Every cell of a situation whose undisturbed run went so. `random` answers from 0 up to 1. */
export const cellsOf = (
  situation: SituationName,
  { calls, asked, steps }: Course,
  random: () => number,
  { persons, kills }: { persons: number; kills: number },
): Cell[] => {
  const kinds = (Object.keys(faults) as FaultKind[]).filter((kind) => kind !== 'hang')
  const somewhere = (): Call => calls[Math.floor(random() * calls.length)] as Call
  const struck = [...distinct(calls.slice(0, asked)), ...distinct(calls.slice(asked))]
  const questions = asked > 0 ? (['question'] as const) : []
  return [
    ...struck.flatMap(({ id: at, operation, write }) =>
      kinds.flatMap((kind) =>
        timesOf(situation, write).map(
          (times): Cell => ({ situation, trial: 'fault', kind, times, at, operation }),
        ),
      ),
    ),
    // A hang is waited for in real time, so there are few.
    ...struck
      .filter(({ write }) => write)
      .map(
        ({ id: at, operation }): Cell => ({
          situation,
          trial: 'fault',
          kind: 'hang',
          times: 'once',
          at,
          operation,
        }),
      ),
    ...Array.from({ length: kills }, somewhere).map(
      ({ id: at, operation }): Cell => ({ situation, trial: 'killed', at, operation }),
    ),
    ...interferences.flatMap((does) =>
      [...questions, ...Array.from({ length: persons }, () => somewhere().id)].map(
        (at): Cell => ({ situation, trial: 'person', does, at }),
      ),
    ),
    { situation, trial: 'two runs' },
    ...skewsMs.map((skewMs): Cell => ({ situation, trial: 'clock', skewMs })),
    ...steps.flatMap((step) =>
      farthestOff.map((skewMs): Cell => ({ situation, trial: 'clock', skewMs, steps: [step] })),
    ),
  ]
}
