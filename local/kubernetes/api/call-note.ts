import type { Call } from '../../calls.ts'
import { isObject } from '../../json-object.ts'
import type { ApiRequest } from './api.ts'
import { mediaType, parseJson } from './wire/decode.ts'

const writingVerbs = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/** A request as the log of calls keeps it. */
export const noteOf = (
  { info, user, query, path, body, contentType }: ApiRequest,
  at: number,
): Omit<Call, 'id'> => {
  const { verb, resource } = info
  const target = resource ? [resource.plural, resource.subresource].filter(Boolean).join('/') : path
  const sent = bodyFacts(contentType, body)
  const asks = query.has('dryRun') || sent.dryRun || target.startsWith('selfsubject')
  return {
    service: 'kubernetes',
    operation: `${verb} ${target}`,
    write: resource !== undefined && writingVerbs.has(verb) && !asks,
    principal: user.username,
    subject: [resource?.namespace, resource?.name ?? sent.name].filter(Boolean).join('/'),
    at,
  }
}

/** What only the body says: the name of what is created, and that a deletion is a dry run. */
const bodyFacts = (contentType: string | undefined, body: Buffer): { name?: string; dryRun: boolean } => {
  if (body.length === 0 || mediaType(contentType) !== 'application/json') return { dryRun: false }
  try {
    const sent = parseJson(body.toString())
    if (!isObject(sent)) return { dryRun: false }
    const { metadata, dryRun } = sent
    const name = isObject(metadata) ? (metadata.name ?? metadata.generateName) : undefined
    return { ...(typeof name === 'string' ? { name } : {}), dryRun: dryRun !== undefined }
  } catch {
    return { dryRun: false } // a malformed body is refused later, and still a call
  }
}
