import type { AwsCredentialIdentityProvider } from '@smithy/types'
import type { Clock } from '../adapters/clock.ts'
import type { Log, Runtime, StepProgress } from '../adapters/runtime.ts'
import type { Change } from '../core/changes.ts'
import type { Report } from '../core/report.ts'
import type { Before, Request } from '../core/request.ts'
import { beforeOf } from '../core/run-events/before.ts'
import type { RunEvent } from '../core/run-events/event.ts'
import { createTranslator } from '../core/run-events/translation.ts'
import type { TurnStep } from '../core/steps/answers.ts'
import { plannedChanges } from '../core/steps/ledger.ts'
import type { Handler } from '../functions/middleware/make-handler.ts'
import { planOf } from '../functions/support/plan.ts'
import { CallbackError, type Callbacks, createCallbacks } from '../local/engine/index.ts'
import { parseDefinition } from '../local/engine/validate/validate.ts'
import { type ExecutionOptions, localDefinition, runWorkflow } from '../stage/execution.ts'

export interface LocalRunOptions {
  input: unknown
  account: string
  region: string
  /** The execution's name; also the run's in tags, events and the report. */
  name: string
  clock: Clock
  aws: Runtime['aws'] & { credentials: AwsCredentialIdentityProvider }
  /** As a runtime has it. */
  kubernetesToken?: Runtime['kubernetesToken']
  onEvent: (event: RunEvent) => void
  /** Called when Preflight has noted what is there, before anything is changed. */
  onBefore?: (before: Before) => void
  onProgress?: (progress: StepProgress) => void
  log?: Log
  /** Answers the request for approval of these changes, where the binding asks for one; resolves to why not, or to nothing. */
  approve?: (changes: readonly Change[]) => Promise<string | undefined>
  /** Stands where the records of a stage are: answers the step TakeTurn, or throws what refuses the run its turn. */
  takeTurn?: (request: Request) => TurnStep | Promise<TurnStep>
  work?: ExecutionOptions['work']
  signal?: AbortSignal
}

export interface RunEnd {
  event: Extract<RunEvent, { type: 'run.succeeded' | 'run.failed' }>
  report: Report | undefined
  /** What was there before, as soon as that was known: what an interrupted run is undone by. */
  before: Before | undefined
}

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} }

/** Runs one request through the workflow in this process, and reports its events as they happen. */
export const runLocally = async (options: LocalRunOptions): Promise<RunEnd> => {
  const { account, region, name, clock, aws, signal } = options
  // What nobody waits for any more, such as a check beside one that has failed, must not outlive its run.
  const over = new AbortController()
  const definition = parseDefinition(localDefinition(account, region), true)
  const translate = createTranslator({ run: name, definition })
  const runtime: Runtime = {
    aws,
    ...(options.kubernetesToken ? { kubernetesToken: options.kubernetesToken } : {}),
    clock,
    log: options.log ?? silent,
    progress: options.onProgress ?? (() => {}),
    signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
  }
  const callbacks = createCallbacks()
  let end: RunEnd['event'] | undefined
  let before: Before | undefined
  await runWorkflow({
    input: options.input,
    account,
    region,
    name,
    clock,
    runtime: () => runtime,
    callbacks,
    ...(options.work ? { work: options.work } : {}),
    replace: {
      requestApproval: () => approver(callbacks, options.approve),
      takeTurn: () => async (event) => (options.takeTurn ?? alone)((event as { request: Request }).request),
    },
    onEvent: (event) => {
      const noted = beforeOf([event])
      if (noted) {
        before = noted
        options.onBefore?.(noted)
      }
      for (const runEvent of translate(event)) {
        options.onEvent(runEvent)
        if (runEvent.type === 'run.succeeded' || runEvent.type === 'run.failed') end = runEvent
      }
    },
    ...(signal ? { signal } : {}),
  }).finally(() => over.abort(new Error('the run is over')))
  if (!end) throw new Error('the execution ended without saying how')
  return { event: end, report: end.report as Report | undefined, before }
}

const alone = (): TurnStep => ({ message: 'nothing else starts runs here' })

/** Stands where ChatOps asks: the person at the terminal answers, and the token never leaves the process. */
const approver =
  (callbacks: Callbacks, approve: LocalRunOptions['approve']): Handler =>
  async (event) => {
    const { token, ...state } = event as { token: string } & Parameters<typeof plannedChanges>[0]
    const answer = async () => {
      const refusal = approve ? await approve(plannedChanges(state)) : 'this run needs approval: add --yes'
      if (refusal === undefined) {
        const { digest: plan, lines } = planOf(state)
        callbacks.succeed(token, { approvedBy: 'the person at the terminal', plan, lines })
      } else callbacks.fail(token, 'Declined', refusal)
    }
    void answer().catch((error: unknown) => {
      // The run was interrupted, or its time to wait is over: there is nobody left to answer.
      if (!(error instanceof CallbackError)) throw error
    })
    return null
  }

/** A name for an execution started by hand: when, and enough chance to be one of its kind. */
export const manualRunName = (now: number): string =>
  `podid-${new Date(now).toISOString().replace(/[-:]/g, '').slice(0, 15)}-${crypto.randomUUID().slice(0, 4)}`
