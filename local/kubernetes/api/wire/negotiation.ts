import { StatusError } from '../../store/status.ts'

/** How an answer is to be written. */
export interface Representation {
  format: 'json' | 'yaml'
  /** What objects are turned into. */
  as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList'
}

const plain: Representation = { format: 'json', as: 'object' }

/**
 * Reads an Accept header in its order of preference. Protobuf is not spoken here, so it is passed over;
 * where nothing suits the answer is the API server's 406.
 */
export const negotiate = (accept: string | undefined): Representation => {
  if (!accept?.trim()) return plain
  for (const choice of accept.split(',')) {
    const found = representation(choice)
    if (found) return found
  }
  throw new StatusError(
    406,
    'NotAcceptable',
    '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml',
    { details: {} },
  )
}

const representation = (choice: string): Representation | undefined => {
  const [type = '', ...rest] = choice.split(';').map((part) => part.trim())
  const parameters = new Map(rest.map((part) => part.split('=', 2) as [string, string]))
  const format = formats[type.toLowerCase()]
  if (!format) return undefined
  const as = parameters.get('as')
  if (as === undefined) return { format, as: 'object' }
  if (parameters.get('g') !== 'meta.k8s.io' || parameters.get('v') !== 'v1') return undefined
  if (as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
    return { format, as }
  return undefined
}

const formats: Record<string, Representation['format'] | undefined> = {
  'application/json': 'json',
  'application/*': 'json',
  '*/*': 'json',
  'application/yaml': 'yaml',
}
