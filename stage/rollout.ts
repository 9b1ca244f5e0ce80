import type { Clock } from '../adapters/clock.ts'
import type { Objects } from '../adapters/objects.ts'
import type { GateQuestion } from '../core/fleet/waves/gate.ts'
import { partitionOf } from '../core/partitions/partitions.ts'
import { judgeRound } from '../functions/steps/judge-round.ts'
import { planWaves } from '../functions/steps/plan-waves.ts'
import { reportRollout } from '../functions/steps/report-rollout.ts'
import { runStateMachine, TaskFailure } from '../local/engine/index.ts'
import { localDefinition, machineNames, stateMachineArn } from './execution.ts'

type RunOptions = Parameters<typeof runStateMachine>[0]
type PlanServices = Parameters<typeof planWaves>[0]
type JudgeServices = Parameters<typeof judgeRound>[0]

/** The question that a rollout waits with, as it is given to who can ask a person. */
export interface AskedGate {
  token: string
  question: GateQuestion
}

/** Where a rollout runs, and what it works with in place of a stage's services. */
export interface FleetRunOptions extends Pick<RunOptions, 'input' | 'onEvent' | 'onMapRun' | 'callbacks'> {
  account: string
  region: string
  name: string
  clock: Clock
  signal?: AbortSignal
  objects: Objects
  config: PlanServices['config']
  clusters: PlanServices['clusters']
  takeTurn: PlanServices['takeTurn']
  /** Of the bindings' runs. */
  executions: JudgeServices['executions']
  onJudged?: (judged: Parameters<JudgeServices['bus']['put']>[0]) => void
  /** Runs one binding to its end, and answers what its execution does; throws where it does not succeed. */
  runBinding: (run: string, input: Record<string, unknown>, signal: AbortSignal) => Promise<unknown>
  /** Asks a person; the answer goes to the token. */
  ask: (gate: AskedGate) => void
}

/** Runs the rollout's state machine in this process, with the steps that are deployed. */
export const runRollout = (options: FleetRunOptions): ReturnType<typeof runStateMachine> => {
  const { account, region, name, objects, executions, signal, callbacks, onEvent, onMapRun } = options
  const arn = `arn:${partitionOf(region)}:states:${region}:${account}:execution:${machineNames.rollout}:${name}`
  const judging: JudgeServices = {
    objects,
    executions,
    rollouts: { arnOf: () => arn },
    bus: { put: async (event) => options.onJudged?.(event) },
  }
  const steps: Record<string, (payload: never) => Promise<unknown>> = {
    planWaves: planWaves(options),
    judgeRound: judgeRound(judging),
    reportRollout: reportRollout(options),
    requestApproval: async (gate: AskedGate) => options.ask(gate),
  }
  return runStateMachine({
    definition: localDefinition(account, region, 'rollout'),
    // By test/workflows/roll-out-in-waves.test.ts.
    validated: true,
    input: options.input,
    stateMachineArn: stateMachineArn(account, region, 'rollout'),
    executionArn: arn,
    clock: options.clock,
    ...(signal ? { signal } : {}),
    ...(callbacks ? { callbacks } : {}),
    ...(onEvent ? { onEvent } : {}),
    ...(onMapRun ? { onMapRun } : {}),
    task: async (resource, given, call) => {
      const args = given as {
        FunctionName: string
        Payload: unknown
        Key: string
        Body: string
        Name: string
        Input: object
      }
      const integration = resource.replace(/^arn:[\w-]+:states:::/, '')
      if (integration.startsWith('lambda:invoke')) {
        const step = steps[args.FunctionName.split(':function:podid-')[1] ?? '']
        if (!step) throw new TaskFailure('Lambda.ResourceNotFoundException', args.FunctionName)
        return { StatusCode: 200, Payload: await step(args.Payload as never) }
      }
      if (integration === 's3:getObject') return { Body: JSON.stringify((await objects.get(args.Key)) ?? []) }
      if (integration === 's3:putObject') {
        await objects.put(args.Key, JSON.parse(args.Body))
        return {}
      }
      if (integration === 'states:startExecution.sync:2')
        return {
          Name: args.Name,
          Status: 'SUCCEEDED',
          Output: await options.runBinding(args.Name, args.Input as Record<string, unknown>, call.signal),
        }
      throw new TaskFailure('States.Runtime', `the resource ${resource} does not run locally`)
    },
  })
}
