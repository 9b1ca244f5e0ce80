import type { Resource } from '../../../stacks/synth/synth.ts'
import { makingFunctions } from './functions.ts'
import { inRegion, type Making } from './shapes.ts'
import { makingStorage } from './storage.ts'
import { makingWatches } from './watching.ts'

/** A call of boto3: its client's service and method, and the input as the service's model has it. */
export interface EmulatorCall {
  /** The resource, by type and name. */
  of: string
  service: string
  operation: string
  input: Record<string, unknown>
}

// The queue is before the functions that send to it, these are before the rules that call them.
const making: Making = { ...makingStorage, ...makingFunctions, ...makingWatches }

/** The calls that make the resources of a synthesis, and the types that nobody has said a call for. */
export const callsFor = (resources: readonly Resource[]): { calls: EmulatorCall[]; unknown: string[] } => {
  const types = [...new Set(resources.map(({ type }) => type))].filter((type) => type.startsWith('aws:'))
  const unknown = types.filter((type) => !Object.hasOwn(making, type))
  const assets = new Set(
    resources.flatMap(({ type, inputs }) => (type.includes('bucketObject') ? [String(inputs.bucket)] : [])),
  )
  const calls = [...assets].map(
    (bucket): EmulatorCall => ({
      of: `bucket ${bucket}`,
      service: 's3',
      operation: 'create_bucket',
      input: inRegion(bucket),
    }),
  )
  for (const [type, make] of Object.entries(making))
    for (const { name, inputs } of resources.filter((resource) => resource.type === type))
      calls.push(
        ...make(inputs).map(
          ([service, operation, input]): EmulatorCall => ({
            of: `${type} ${name}`,
            service,
            operation,
            input,
          }),
        ),
      )
  return { calls, unknown }
}

export const emulatedAccount = '111122223333'
