import type { NormalizedSchema } from '@smithy/core/schema'
import { startAws } from './index.ts'
import type { Operations } from './operation.ts'
import { modelOf, type ServiceModel, type ServiceName } from './protocol/model.ts'

/** One operation that the stand-in serves, as its code declares it. */
export interface ServedOperation {
  service: ServiceName
  operation: string
  /** Members of the request that it reads, by path. */
  reads: string[]
  /** Members that the service knows and the stand-in refuses, with 501 and their names. */
  refuses: string[]
}

/** Every operation that the AWS stand-in serves, in the order of services and names. */
export const servedOperations = async (): Promise<ServedOperation[]> => {
  const aws = await startAws()
  await aws.close()
  const served: ServedOperation[] = []
  for (const [service, operations] of Object.entries(aws.operations))
    served.push(...servedOf(await modelOf(service as ServiceName), operations))
  return served
}

const servedOf = (model: ServiceModel, operations: Operations): ServedOperation[] =>
  Object.entries(operations)
    .map(([operation, { reads }]) => {
      const service = model.name
      const input = model.operations.get(operation)?.input
      return {
        service,
        operation,
        reads: reads.toSorted(),
        refuses: input ? refusedMembers(input, reads).sort() : [],
      }
    })
    .sort((one, other) => (one.operation < other.operation ? -1 : 1))

const refusedMembers = (schema: NormalizedSchema, reads: readonly string[], at = ''): string[] => {
  const structure = schema.isListSchema() ? schema.getValueSchema() : schema
  if (!structure.isStructSchema()) return []
  return [...structure.structIterator()].flatMap(([name, member]) => {
    const path = at ? `${at}.${name}` : name
    if (reads.includes(path)) return []
    return reads.some((read) => read.startsWith(`${path}.`)) ? refusedMembers(member, reads, path) : [path]
  })
}

/** The operations as a terminal shows them. */
export const servedText = (served: readonly ServedOperation[]): string =>
  served
    .map(({ service, operation, reads, refuses }) => {
      const read = `  reads    ${reads.join(', ') || 'nothing'}\n`
      return `${service} ${operation}\n${read}${refuses.length > 0 ? `  refuses  ${refuses.join(', ')}\n` : ''}`
    })
    .join('')
