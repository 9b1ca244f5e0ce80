import { randomUUID } from 'node:crypto'
import { setBounded } from '../../bounded.ts'
import {
  createCallbacks,
  type HistoryEvent,
  type RunResult,
  runStateMachine,
  TaskFailure,
  type TaskFunction,
} from '../../engine/index.ts'
import { parseDefinition } from '../../engine/validate/validate.ts'
import type { Account } from '../account/account.ts'
import { Announcements } from '../announcements.ts'
import { AwsFailure } from '../failure.ts'
import { checkPartition, parseExecutionInput } from './accepted.ts'
import type { Execution, StateMachine } from './execution.ts'
import { MapRunRegister } from './map-run-register.ts'
import { notRedrivable, RedriveTokens } from './redrive.ts'
import { type Resolved, unqualified, Versions } from './versions.ts'

/** What is said of a state machine when it is added. */
export type StateMachineSeed = Pick<StateMachine, 'name' | 'definition' | 'task'> & { roleArn?: string }

// Step Functions refuses white space, control characters, brackets, wildcards and most punctuation.
const FORBIDDEN_IN_NAMES = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u

/** How much of closed executions is kept, where AWS keeps 90 days. */
const MOST_CLOSED = 1000
const MOST_CLOSED_EVENTS = 5000
/** How many task tokens are known. */
const MOST_TOKENS = 10_000

/** An execution with what ends it. */
interface Record extends Execution {
  stop: AbortController
  closed: Promise<void>
  tokens: RedriveTokens
}

/** The account's Standard state machines, run by the local engine. */
export class StateMachines {
  readonly #account: Account
  readonly #serve: (task: TaskFunction, roleArn: string) => TaskFunction
  readonly #machines = new Map<string, StateMachine>()
  readonly #executions = new Map<string, Record>()
  readonly #machineOfToken = new Map<string, string>()
  readonly mapRuns = new MapRunRegister()
  readonly versions = new Versions()
  /** Where tasks that wait for their token are answered, for all executions. */
  readonly callbacks = createCallbacks()
  /** An execution started or closed. */
  readonly changes = new Announcements<Execution>()
  /** Every event of every execution, as it happens. */
  readonly events = new Announcements<{ execution: Execution; event: HistoryEvent }>()

  /** `serve` answers tasks that are AWS's own integrations. */
  constructor(account: Account, serve: (task: TaskFunction, roleArn: string) => TaskFunction) {
    this.#account = account
    this.#serve = serve
  }

  /** Throws InvalidDefinition for what the engine could not run. */
  add(seed: StateMachineSeed): StateMachine {
    parseDefinition(seed.definition)
    const { partition, region, accountId } = this.#account
    checkPartition(seed.definition, partition)
    const machine = {
      roleArn: `arn:${partition}:iam::${accountId}:role/${seed.name}`,
      ...seed,
      arn: `arn:${partition}:states:${region}:${accountId}:stateMachine:${seed.name}`,
      createdAt: this.#account.now(),
    }
    this.#machines.set(machine.arn, machine)
    return machine
  }

  list(): StateMachine[] {
    return [...this.#machines.values()]
  }

  /** Throws InvalidArn or StateMachineDoesNotExist. */
  machine(arn: string): StateMachine {
    if (!/^arn:aws[\w-]*:states:[^:]*:\d{12}:stateMachine:[^:]+$/.test(arn)) throw invalidArn(arn)
    const machine = this.#machines.get(arn)
    if (!machine) throw new AwsFailure('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)
    return machine
  }

  /** What an ARN stands for, qualified or not. Throws InvalidArn or StateMachineDoesNotExist. */
  resolve(arn: string): Resolved {
    const { arn: machineArn, qualifier } = unqualified(arn)
    const machine = this.machine(machineArn)
    if (qualifier === undefined) return { machine }
    const found = this.versions.resolve(arn)
    if (!found) throw new AwsFailure('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)
    return found
  }

  /** Throws InvalidArn or ExecutionDoesNotExist. */
  execution(arn: string): Execution {
    return this.mapRuns.child(arn) ?? this.#record(arn)
  }

  /** The executions of a state machine, the newest first. */
  executionsOf(machineArn: string): Execution[] {
    return [...this.#executions.values()].filter(({ machine }) => machine.arn === machineArn).reverse()
  }

  /**
   * Starts an execution. The same name with the same input, while it runs, is the same execution; any other
   * use of a name a second time throws ExecutionAlreadyExists.
   */
  start(stateMachineArn: string, input: string, name: string = randomUUID()): Execution {
    const { machine, ...started } = this.resolve(stateMachineArn)
    if (FORBIDDEN_IN_NAMES.test(name)) throw new AwsFailure('InvalidName', `Invalid Name: '${name}'`)
    const parsed = parseExecutionInput(input)
    const arn = `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`
    const earlier = this.#executions.get(arn)
    if (earlier?.status === 'RUNNING' && earlier.input === input) return earlier
    if (earlier) throw new AwsFailure('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`)
    const startedAt = this.#account.now()
    const record: Record = {
      ...{ arn, name, machine, input, startedAt, ...started },
      status: 'RUNNING',
      history: [],
      redriveCount: 0,
      stop: new AbortController(),
      closed: Promise.resolve(),
      tokens: new RedriveTokens(),
    }
    this.#executions.set(arn, record)
    this.#launch(record, parsed)
    return record
  }

  /**
   * Goes on with an execution that did not succeed, from the states that were not left, and answers it. A token
   * that was used before redrives nothing. Throws ExecutionNotRedrivable.
   */
  redrive(arn: string, token: string | undefined): { redrivenAt: Date } {
    const now = this.#account.now()
    if (this.mapRuns.child(arn))
      throw new AwsFailure(
        'ExecutionNotRedrivable',
        `Execution '${arn}' is a child of a Map Run, which is redriven with the execution that it is in`,
      )
    const execution = this.#record(arn)
    const earlier = execution.tokens.find(token, now.getTime())
    if (earlier !== undefined) return { redrivenAt: new Date(earlier) }
    const reason = notRedrivable(execution, now.getTime())
    if (reason !== undefined) throw new AwsFailure('ExecutionNotRedrivable', reason)
    if (token !== undefined) execution.tokens.add(token, now.getTime())
    for (const member of ['stoppedAt', 'error', 'cause'] as const) delete execution[member]
    Object.assign(execution, { status: 'RUNNING', redrivenAt: now, stop: new AbortController() })
    execution.redriveCount++
    this.#launch(execution, parseExecutionInput(execution.input))
    return { redrivenAt: now }
  }

  #launch(execution: Record, input: unknown): void {
    this.#announce(execution)
    execution.closed = this.#run(execution, input, execution.stop.signal)
      // The engine answers every ending; what still throws is the stand-in's own fault, and ends this execution alone.
      .catch((error: unknown) =>
        this.#close(execution, {
          status: 'FAILED',
          error: 'States.Runtime',
          cause: `The stand-in failed: ${String(error)}`,
        }),
      )
      .catch(() => {})
  }

  /** Aborts an execution and waits until it is closed; a closed one stays as it is. */
  async stop(arn: string, error: string | undefined, cause: string | undefined): Promise<Execution> {
    if (this.mapRuns.child(arn))
      throw new AwsFailure('NotImplemented', 'The stand-in stops no child executions, only their parents', {
        status: 501,
      })
    const execution = this.#record(arn)
    const reason =
      error === undefined && cause === undefined ? undefined : new TaskFailure(error ?? '', cause)
    if (execution.status === 'RUNNING') execution.stop.abort(reason)
    await execution.closed
    return execution
  }

  /** ARN of the state machine whose task waits, or waited, for the token. */
  machineOfToken(token: string): string | undefined {
    return this.#machineOfToken.get(token)
  }

  /** Resolves with the execution once it is closed. */
  async closed(arn: string): Promise<Execution> {
    const execution = this.#record(arn)
    await execution.closed
    return execution
  }

  /** Aborts whatever still runs. */
  async stopAll(): Promise<void> {
    const running = [...this.#executions.values()].filter(({ status }) => status === 'RUNNING')
    await Promise.all(running.map(({ arn }) => this.stop(arn, undefined, undefined)))
  }

  #record(arn: string) {
    if (!/^arn:aws[\w-]*:states:[^:]*:\d{12}:execution:[^:]+:[^:]+$/.test(arn)) throw invalidArn(arn)
    const execution = this.#executions.get(arn)
    if (!execution) throw new AwsFailure('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`)
    return execution
  }

  async #run(execution: Execution, input: unknown, signal: AbortSignal): Promise<void> {
    const { machine, stopped, history, redriveCount, startedAt } = execution
    delete execution.stopped
    const ending = await runStateMachine({
      definition: machine.definition,
      input,
      task: this.#serve(machine.task, machine.roleArn),
      clock: this.#account.clock,
      callbacks: {
        ...this.callbacks,
        open: (token, listener) => {
          setBounded(this.#machineOfToken, token, machine.arn, MOST_TOKENS)
          return this.callbacks.open(token, listener)
        },
      },
      signal,
      name: execution.name,
      executionArn: execution.arn,
      stateMachineArn: machine.arn,
      roleArn: machine.roleArn,
      ...(stopped
        ? { redrive: { stopped, history, count: redriveCount, startedAt: startedAt.getTime() } }
        : {}),
      onMapRun: (mapRun) => this.mapRuns.add(mapRun, machine),
      onEvent: (event) => {
        execution.history.push(event)
        this.events.announce({ execution, event })
      },
    })
    this.#close(execution, ending)
  }

  #close(execution: Execution, { status, output, error, cause, stopped }: Omit<RunResult, 'history'>): void {
    // An execution ends when its last event says so, to the millisecond.
    const stoppedAt = new Date(execution.history.at(-1)?.timestamp ?? this.#account.now())
    Object.assign(execution, { status, stoppedAt })
    if (stopped) execution.stopped = stopped
    if (output !== undefined) execution.output = JSON.stringify(output)
    if (error !== undefined) execution.error = error
    if (cause !== undefined) execution.cause = cause
    this.#forgetOld()
    this.#announce(execution)
  }

  /** Forgets the oldest closed executions, with their Map Runs, when there are too many or their histories are too long. */
  #forgetOld(): void {
    const lengthOf = ({ arn, history }: Record) => history.length + this.mapRuns.eventsOf(arn)
    const closed = [...this.#executions.values()].filter(({ status }) => status !== 'RUNNING')
    let events = closed.reduce((sum, execution) => sum + lengthOf(execution), 0)
    for (const [index, execution] of closed.entries()) {
      const few = closed.length - index <= MOST_CLOSED && events <= MOST_CLOSED_EVENTS
      // The latest stays, however long its history is.
      if (few || index === closed.length - 1) return
      events -= lengthOf(execution)
      this.#executions.delete(execution.arn)
      this.mapRuns.forget(execution.arn)
    }
  }

  #announce(execution: Execution): void {
    this.changes.announce(execution)
    const reason = notRedrivable(execution, this.#account.now().getTime())
    this.#account.serviceEvents.announce({
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      resources: [execution.arn],
      detail: {
        executionArn: execution.arn,
        stateMachineArn: execution.machine.arn,
        name: execution.name,
        status: execution.status,
        startDate: execution.startedAt.getTime(),
        stopDate: execution.stoppedAt?.getTime() ?? null,
        input: execution.input,
        output: execution.output ?? null,
        error: execution.error ?? null,
        cause: execution.cause ?? null,
        redriveCount: execution.redriveCount,
        redriveDate: execution.redrivenAt?.getTime() ?? null,
        redriveStatus: reason === undefined ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
        redriveStatusReason: reason ?? null,
      },
    })
  }
}

const invalidArn = (arn: string): AwsFailure => new AwsFailure('InvalidArn', `Invalid Arn: '${arn}'`)
