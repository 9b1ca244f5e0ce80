import type { Context } from 'aws-lambda'
import { type Clock, systemClock } from '../adapters/clock.ts'
import type { Runtime } from '../adapters/runtime.ts'
import { partitionOf, partitionOfArn } from '../core/partitions/partitions.ts'
import { rolloutSteps } from '../core/steps/rollout-table.ts'
import type { StepName } from '../core/steps/table.ts'
import type { Handler } from '../functions/middleware/make-handler.ts'
import { functions, type WorkflowFunction } from '../functions/registry.ts'
import { type ConcurrentExecutions, turnedAway } from '../local/aws/lambda/concurrency.ts'
import { setBounded } from '../local/bounded.ts'
import { runStateMachine, TaskFailure } from '../local/engine/index.ts'
import { enablePodIdentity, placeholders, render, rollOutInWaves } from '../workflows/render.ts'
import { template } from '../workflows/template.ts'
import { functionTimeouts } from '../workflows/timeouts.ts'

type RunOptions = Parameters<typeof runStateMachine>[0]

/** What the functions of a local state machine are given. */
export interface Invocations<Name extends WorkflowFunction = StepName> {
  /** The surroundings of each function: the same for all, or one with its own role. */
  runtime: (name: Name) => Runtime
  /** Functions that a local run replaces: the command line asks for approval itself. */
  replace?: Partial<Record<Name, (runtime: Runtime) => Handler>>
  /** Calls each function; a world whose time jumps must know who works. */
  work?: <Answer>(invoke: () => Promise<Answer>, name: Name) => Promise<Answer>
  /** How many functions may run at once; as many as are called unless given. */
  concurrency?: ConcurrentExecutions
}

/** Where and under what name an execution runs, and what its functions are given. */
export interface ExecutionOptions extends Invocations, Pick<RunOptions, 'input' | 'onEvent' | 'callbacks'> {
  account: string
  region: string
  name: string
  clock: Clock
  signal?: AbortSignal
}

/** The state machines' names where this process stands in for Step Functions: those of a stage `local`, which --remote finds. */
export const machineNames = { enable: 'podid-local-enable', rollout: 'podid-local-rollout' } as const
export type MachineName = keyof typeof machineNames

/** The ARN of a state machine, as its executions and the stand-in for Step Functions call it. */
export const stateMachineArn = (account: string, region: string, machine: MachineName = 'enable'): string =>
  `arn:${partitionOf(region)}:states:${region}:${account}:stateMachine:${machineNames[machine]}`

const templates: Record<MachineName, string> = { enable: enablePodIdentity, rollout: rollOutInWaves }

// Read once, and only by who runs it: that takes longer than all else that a short command does.
const texts = new Map<MachineName, string>()
const definition = (machine: MachineName): string => {
  const text = texts.get(machine) ?? template(templates[machine])
  texts.set(machine, text)
  return text
}

/** The last ones that were rendered: a process runs most of its executions in one account and region. */
const rendered = new Map<string, string>()
const remembered = 8

/** A definition that local runs and deployments share, with functions and the other machine bound by their ARNs. */
export const localDefinition = (account: string, region: string, machine: MachineName = 'enable'): string => {
  const key = `${account} ${region} ${machine}`
  const text =
    rendered.get(key) ??
    render(
      definition(machine),
      Object.fromEntries(
        placeholders(definition(machine)).map((name) => [
          name,
          name === 'enablePodIdentity'
            ? stateMachineArn(account, region)
            : `arn:${partitionOf(region)}:lambda:${region}:${account}:function:podid-${name}`,
        ]),
      ),
    )
  setBounded(rendered, key, text, remembered)
  return text
}

/** Runs the state machine in this process, with the very handlers that are deployed. */
export const runWorkflow = (options: ExecutionOptions): ReturnType<typeof runStateMachine> => {
  const { account, region, name, signal, callbacks, onEvent } = options
  return runStateMachine({
    definition: localDefinition(account, region),
    // By test/workflows/enable-pod-identity.test.ts.
    validated: true,
    input: options.input,
    stateMachineArn: stateMachineArn(account, region),
    executionArn: `arn:${partitionOf(region)}:states:${region}:${account}:execution:${machineNames.enable}:${name}`,
    roleArn: `arn:${partitionOf(region)}:iam::${account}:role/podid-local-enable`,
    clock: options.clock,
    task: invoker(options),
    ...(signal ? { signal } : {}),
    ...(callbacks ? { callbacks } : {}),
    ...(onEvent ? { onEvent } : {}),
  })
}

/** Loaded while the association propagates, when this process has nothing else to do. */
const afterPropagation: StepName[] = ['restartWorkload', 'watchRollout', 'verifyCredentials', 'report']

/** The seconds that each function has, as a stack deploys it. */
const timeouts = new Map<MachineName, Record<string, number>>()
const timeoutOf = (name: string): number => {
  const machine: MachineName = Object.hasOwn(rolloutSteps, name) ? 'rollout' : 'enable'
  const own = timeouts.get(machine) ?? functionTimeouts(definition(machine))
  timeouts.set(machine, own)
  return own[name] ?? 30
}

/** Stands where Lambda's Invoke API is: finds the function by its ARN and calls its handler in this process. */
export const invoker = <Name extends WorkflowFunction = StepName>({
  runtime,
  replace = {},
  work = (invoke) => invoke(),
  concurrency,
}: Invocations<Name>): RunOptions['task'] => {
  const handlers = new Map<Name, Promise<Handler>>()
  const handlerOf = (name: Name): Promise<Handler> => {
    const made = handlers.get(name) ?? make(name)
    handlers.set(name, made)
    return made
  }
  const make = async (name: Name): Promise<Handler> => {
    const replacement = replace[name]
    if (replacement) return replacement(runtime(name))
    return (await functions[name]()).create(runtime(name))
  }
  return async (resource, argument) => {
    const { FunctionName: arn, Payload: payload } = argument as { FunctionName: string; Payload: unknown }
    if (!resource.startsWith(`arn:${partitionOfArn(arn)}:states:::lambda:invoke`)) {
      throw new TaskFailure('States.Runtime', `the resource ${resource} does not run locally`)
    }
    const name = arn.split(':function:podid-')[1]
    if (!name || !Object.hasOwn(functions, name)) {
      throw new TaskFailure('Lambda.ResourceNotFoundException', `Function not found: ${arn}`)
    }
    const leave = concurrency ? concurrency.enter() : () => {}
    if (!leave) throw new TaskFailure(`Lambda.${turnedAway.code}`, turnedAway.message)
    return work(async () => {
      const handler = await handlerOf(name as Name)
      if (name === 'awaitInjection')
        for (const later of afterPropagation) handlerOf(later as Name).catch(() => {})
      return {
        StatusCode: 200,
        ExecutedVersion: '$LATEST',
        Payload: await handler(payload, contextOf(arn, runtime(name as Name).clock)),
      }
    }, name as Name).finally(leave)
  }
}

/**
 * As much of Lambda's context as a handler may look at. The limit to its time is a timer of the machine's own: where
 * the clock is another one, it only ends what hangs.
 */
const contextOf = (arn: string, clock: Clock): Context => {
  const name = arn.split(':function:')[1] ?? ''
  const started = clock.now()
  const limitMs = timeoutOf(name.slice('podid-'.length)) * (clock === systemClock ? 1000 : 10_000)
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    awsRequestId: crypto.randomUUID(),
    memoryLimitInMB: '512',
    getRemainingTimeInMillis: () => limitMs - (clock.now() - started),
  } as Context
}
