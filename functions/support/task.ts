import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import type * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { InvalidRequest } from '../../core/errors.ts'

/** A handler as Lambda calls it, one event in, one answer out. */
export type Handler<Input = unknown, Answer = unknown> = (event: Input, context: Context) => Promise<Answer>

/**
 * Makes a Lambda handler of a step: the event is parsed by the step's schema before the step sees it, and each
 * call leaves one structured line. Errors keep their names, which Retry and Catch match.
 */
export const task = <Schema extends z.ZodType, Answer>(
  name: string,
  schema: Schema,
  step: (input: z.output<Schema>) => Promise<Answer>,
  { log, clock }: Pick<Runtime, 'log' | 'clock'>,
): Handler<z.input<Schema>, Answer> => {
  const started = new WeakMap<object, number>()
  return middy<z.output<Schema>, Answer, Error, Context>()
    .before((request) => {
      started.set(request, clock.now())
      const parsed = schema.safeParse(request.event)
      if (!parsed.success) {
        const faults = parsed.error.issues.map(
          (issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`,
        )
        throw new InvalidRequest(`${name} was called with a faulty input: ${faults.join('; ')}`)
      }
      request.event = parsed.data
    })
    .after((request) => log.info(name, { tookMs: clock.now() - (started.get(request) ?? clock.now()) }))
    .onError((request) =>
      log.warn(name, {
        tookMs: clock.now() - (started.get(request) ?? clock.now()),
        error: request.error?.name,
        // The line's own text is the key `message`.
        why: request.error?.message,
      }),
    )
    .handler((input) => step(input)) as unknown as Handler<z.input<Schema>, Answer>
}
