import { applyPatch, type Operation } from 'rfc6902'
import { isObject, type JsonObject } from '../../../json-object.ts'
import { apiVersionOf, type KubernetesObject } from '../../store/resources.ts'
import { badRequest, invalid, StatusError, unsupportedMediaType } from '../../store/status.ts'
import { asWire } from '../../store/values.ts'
import { type ApiAnswer, type ApiContext, fieldManagerOf, isDryRun, type ObjectRequest } from '../api.ts'
import { checkUnknown, conformTo } from '../body.ts'
import { type Conformed, goFormat, goTypes, mediaType, parseJson, TypeMismatch } from '../wire/decode.ts'
import { shapeOf } from '../wire/schema.ts'
import { tracked, writeOptions, written } from '../write.ts'
import { applyObject } from './apply.ts'
import { mergePatch } from './merge.ts'
import { strategicMerge } from './strategic.ts'

/** A patched object, and the words with which its patch is quoted when it does not fit the kind. */
interface Patched {
  object: unknown
  quoted: string
  /** What a wrong type is called: by the decoder of maps, or by the decoder of JSON. */
  mismatch: (error: TypeMismatch) => string
}

/** PATCH of an object or of its status: server-side apply, or one of the forms that change what is there. */
export const patchObject = (context: ApiContext, request: ObjectRequest): ApiAnswer => {
  const type = mediaType(request.contentType)
  if (type === 'application/apply-patch+yaml') return applyObject(context, request)
  const patchOf = patchers[type]
  if (request.kind.custom && (!patchOf || patchOf === strategicPatch)) throw noSuchPatch()
  if (!patchOf) throw unsupportedMediaType()
  const dryRun = isDryRun(request.query, 'PatchOptions')
  const { store } = context
  const { kind, namespace, name } = request
  const kept = store.read(kind, namespace, name) as KubernetesObject
  const current = kind.custom ? { ...kept, apiVersion: apiVersionOf(kind) } : kept
  const patched = patchOf(request, current)
  const { object, warnings } = accept(request, patched)
  checkIdentity(request, current, object)
  const options = writeOptions(request, dryRun, warnings)
  const stored =
    request.subresource === 'status'
      ? (store.replaceStatus(kind, object, {
          ...options,
          manager: fieldManagerOf(request),
        }) as KubernetesObject)
      : (store.update(kind, tracked(context, request, current, object), options) as KubernetesObject)
  return written(context, request, stored, { warnings })
}

/** 415: of custom objects there is no Go type that a strategic merge could go by. */
const noSuchPatch = (): StatusError =>
  new StatusError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  )

type Patcher = (request: ObjectRequest, current: KubernetesObject) => Patched

const jsonMismatch = (error: TypeMismatch): string => error.message

const strategicPatch: Patcher = ({ kind, body }, current) => {
  const patch = requireObject(parseJson(body.toString()))
  return {
    object: strategicMerge(shapeOf(kind), asWire(current) as unknown as JsonObject, patch),
    quoted: JSON.stringify(goFormat(patch)),
    mismatch: ({ found, wanted }) =>
      wanted === 'string' ? `cannot convert ${found.go} to string` : `unrecognized type: ${wanted}`,
  }
}

const jsonMergePatch: Patcher = ({ body }, current) => {
  const object = mergePatch(asWire(current), requireObject(parseJson(body.toString())))
  return { object, quoted: JSON.stringify(JSON.stringify(object)), mismatch: jsonMismatch }
}

const jsonPatch: Patcher = ({ body }, current) => {
  const operations = parseJson(body.toString())
  if (!Array.isArray(operations))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    )
  const object = asWire(current)
  for (const each of operations) requireOperation(each)
  if (!applies(object, operations as Operation[]))
    throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {
      details: {},
    })
  return { object, quoted: JSON.stringify(JSON.stringify(object)), mismatch: jsonMismatch }
}

/** Throws 400 for what Go could not read as an operation. */
const requireOperation = (operation: unknown): void => {
  const { op, path, from } = requireObject(operation)
  for (const [field, value] of Object.entries({ op, path, from }))
    if (value !== undefined && typeof value !== 'string')
      throw badRequest(
        `error decoding patch: json: cannot unmarshal ${goTypes(value).json} into Go struct field jsonPatchOp.${field} of type string`,
      )
}

/** Changes the object; false where a part of the patch does not apply, or points nowhere. */
const applies = (object: object, operations: readonly Operation[]): boolean => {
  const pointers = operations.flatMap(({ path, from }: { path?: string; from?: string }) => [
    path ?? '',
    from ?? '',
  ])
  if (pointers.some((pointer) => pointer !== '' && !pointer.startsWith('/'))) return false
  return applyPatch(object, [...operations]).every((failure) => failure === null)
}

const patchers: Record<string, Patcher | undefined> = {
  'application/strategic-merge-patch+json': strategicPatch,
  'application/merge-patch+json': jsonMergePatch,
  'application/json-patch+json': jsonPatch,
}

const requireObject = (patch: unknown): JsonObject => {
  if (isObject(patch)) return patch
  throw badRequest(`error decoding patch: the patch is not an object`)
}

const accept = (
  { kind, query }: ObjectRequest,
  { object, quoted, mismatch }: Patched,
): { object: KubernetesObject; warnings: string[] } => {
  const refuse = (why: string) =>
    invalid({ kind: '', group: '' }, '', [
      { field: 'patch', reason: 'FieldValueInvalid', message: `Invalid value: ${quoted}: ${why}` },
    ])
  let read: Conformed
  try {
    read = conformTo(kind, object)
  } catch (error) {
    if (error instanceof TypeMismatch) throw refuse(mismatch(error))
    throw error
  }
  const warnings = checkUnknown(read.unknownFields, query.get('fieldValidation'), refuse)
  return { object: read.value as KubernetesObject, warnings }
}

const checkIdentity = (
  { kind, name }: ObjectRequest,
  current: KubernetesObject,
  { metadata }: KubernetesObject,
): void => {
  if (metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (metadata.uid && metadata.uid !== current.metadata.uid) {
    const cause = {
      field: 'metadata.uid',
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${metadata.uid}": field is immutable`,
    } as const
    // Both the general and the kind's own validation of metadata complain.
    throw invalid(kind, name, [cause, cause])
  }
}
