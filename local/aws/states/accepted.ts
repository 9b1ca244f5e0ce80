import { maximalPayload } from '../../engine/payload.ts'
import { readJsonText } from '../../json-text.ts'
import { AwsFailure } from '../failure.ts'

/** The limit counts bytes of UTF-8, and what is within the request's limit of characters may be beyond it. */
export const parseExecutionInput = (input: string): unknown => {
  const bytes = Buffer.byteLength(input)
  if (bytes > maximalPayload)
    throw invalidInput(`it is ${bytes} bytes long, and at most ${maximalPayload} bytes are allowed`)
  try {
    return readJsonText(input)
  } catch (error) {
    throw invalidInput(error instanceof Error ? error.message : String(error))
  }
}

const invalidInput = (reason: string): AwsFailure =>
  new AwsFailure('InvalidExecutionInput', `Invalid State Machine Execution Input: '${reason}'`)

/**
 * Step Functions knows integrations by the ARNs of its own partition.
 * @throws InvalidDefinition naming the first of another one.
 */
export const checkPartition = (definition: string, partition: string): void => {
  for (const [, resource, own] of definition.matchAll(/"Resource"\s*:\s*"(arn:([^:"]+):states:::[^"]*)"/g))
    if (own !== partition)
      throw new AwsFailure(
        'InvalidDefinition',
        `Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The resource provided ${resource} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.'`,
      )
}
