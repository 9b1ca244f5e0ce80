import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { clientOptions, onlyAnswersOfAws } from '../aws-client.ts'
import { restateAwsError } from '../aws-errors.ts'
import type { Runtime } from '../runtime.ts'

/** What became of a payload: a function's answer, or the error that it failed with. */
export type Invoked = { answer: unknown } | { error: string }

/** The functions of a deployed stage, as a person calls them. Every failure comes in the names of `core/errors.ts`. */
export const deployedFunctions = (runtime: Runtime, region: string) => {
  /** Longer than any function takes that is waited for. */
  const options = clientOptions(runtime, region, 120_000)
  // It is the caller who decides whether something is sent twice.
  const lambda = onlyAnswersOfAws(new LambdaClient({ ...options, maxAttempts: 1 }))
  const send = async (arn: string, payload: unknown, InvocationType: 'Event' | 'RequestResponse') => {
    try {
      return await lambda.send(
        new InvokeCommand({
          FunctionName: arn,
          InvocationType,
          Payload: Buffer.from(JSON.stringify(payload)),
        }),
      )
    } catch (error) {
      throw restateAwsError(error, `calling ${arn.split(':function:')[1]}`)
    }
  }
  return {
    /** Calls a function and waits for its answer, for two minutes at most. */
    call: async (arn: string, payload: unknown): Promise<Invoked> => {
      const { FunctionError, Payload } = await send(arn, payload, 'RequestResponse')
      const text = Payload ? Buffer.from(Payload).toString() : 'null'
      if (!FunctionError) return { answer: parsed(text) }
      const { errorType, errorMessage } = (parsed(text) ?? {}) as {
        errorType?: string
        errorMessage?: string
      }
      return { error: [errorType, errorMessage].filter(Boolean).join(': ') || FunctionError }
    },

    /** Gives Lambda an event for a function, which it tries three times. */
    handOver: async (arn: string, payload: unknown): Promise<void> => {
      await send(arn, payload, 'Event')
    },
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
