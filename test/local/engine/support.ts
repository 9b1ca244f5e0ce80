import { virtualClock } from '../../../local/clock.ts'
import {
  type RunOptions,
  type RunResult,
  runStateMachine,
  type TaskFunction,
} from '../../../local/engine/index.ts'

/** A definition of the given states, the first of which starts. */
export const machine = (states: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...rest,
})

/** A Task state that ends its machine, with the given fields besides. */
export const taskState = (fields: Record<string, unknown> = {}) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  ...fields,
  ...('Next' in fields ? {} : { End: true }),
})

/** Runs the states on a virtual clock, and says how long the execution took on it, in milliseconds. */
export const run = async (
  definition: unknown,
  options: Partial<RunOptions> = {},
): Promise<RunResult & { took: number }> => {
  const clock = virtualClock()
  const startedAt = clock.now()
  const noTask: TaskFunction = (resource) => {
    throw new Error(`no task was expected, and ${resource} was called`)
  }
  const result = await runStateMachine({ definition, task: noTask, clock, random: () => 0.5, ...options })
  clock.stop()
  return { ...result, took: (options.clock ?? clock).now() - startedAt }
}

/** An error with the name that Retry and Catch match. */
export const errorNamed = (name: string, message = `${name} happened`): Error =>
  Object.assign(new Error(message), { name })

/** The types of a history's events, in order. */
export const types = ({ history }: RunResult): string[] => history.map(({ type }) => type)
