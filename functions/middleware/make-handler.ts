import middy, { type MiddlewareObj } from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { fitAnswer } from '../../core/steps/fit-answer.ts'
import { answerBytesOf } from '../../core/steps/table.ts'
import { hideSecrets } from './hide-secrets.ts'
import { logLine } from './log-line.ts'
import { parseInput } from './parse-input.ts'
import { stopSignal, timeLimit } from './time-limit.ts'
import { warmUp } from './warm-up.ts'

/** A handler as Lambda calls it: any event in, one answer out. Outside Lambda there need be no context. */
export type Handler<Answer = unknown> = (
  event: unknown,
  context?: Pick<Context, 'getRemainingTimeInMillis'>,
) => Promise<Answer>

/** One call of a function: its surroundings, with a signal that is given when its time is over. */
export interface Invocation extends Runtime {
  signal: AbortSignal
  /** Milliseconds until Lambda ends the call; endless where nothing does. */
  timeLeft: () => number
}

interface Options<Schema extends z.ZodType, Answer> {
  /** What its line in the log begins with: `AwaitCluster`. */
  name: string
  input: Schema
  /** What its line in the log says of the answer. */
  describe?: (answer: Answer) => Record<string, unknown>
  /** Further middlewares, around the reading of the input and the work. */
  use?: MiddlewareObj[]
}

/**
 * Makes the handler of a function, of a step and of a trigger alike: a line in the log for each call but one that only starts it, a limit to
 * its time, an input that was parsed, then the work, and of a step a limit to its answer. Errors keep their names,
 * which Retry and Catch match.
 * @param work called with the parsed input; what it starts must end by `call.signal`
 */
export const makeHandler = <Schema extends z.ZodType, Answer>(
  runtime: Runtime,
  { name, input, describe, use = [] }: Options<Schema, Answer>,
  work: (input: z.output<Schema>, call: Invocation) => Promise<Answer>,
): Handler<Answer> =>
  middy(timeLimit(name))
    .use([warmUp(), logLine(name, runtime, describe), ...use, hideSecrets(), parseInput(name, input)])
    .handler((event, context, { signal }) => {
      const stop = stopSignal(signal)
      const most = answerBytesOf(name) ?? Number.POSITIVE_INFINITY
      const fit = (answer: Answer): Answer => fitAnswer(answer, most)
      return work(event as z.output<Schema>, {
        ...runtime,
        signal: runtime.signal ? AbortSignal.any([runtime.signal, stop]) : stop,
        timeLeft: () => context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY,
      }).then(fit)
    }) as unknown as Handler<Answer>
