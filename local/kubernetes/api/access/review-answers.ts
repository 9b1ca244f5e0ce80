import { methodNotAllowed } from '../../store/status.ts'
import { isObject, type JsonObject } from '../../store/values.ts'
import type { ApiAnswer, ApiContext, ObjectRequest } from '../api.ts'
import { parseBody } from '../wire/decode.ts'
import { type Attributes, rulesFor } from './rbac.ts'

/** POST of a review: what may I do (one thing, or everything in a namespace), and who am I. */
export const answerReview = async (context: ApiContext, request: ObjectRequest): Promise<ApiAnswer> => {
  if (request.info.verb !== 'create') throw methodNotAllowed()
  const body = parseBody(request.contentType, request.body)
  const spec = isObject(body) && isObject(body.spec) ? body.spec : {}
  const { kind, group, version } = request.kind
  const typed = { kind, apiVersion: `${group}/${version}` }
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return answered({ ...typed, metadata: {}, spec, status: await accessStatus(context, request, spec) })
    case 'SelfSubjectRulesReview':
      return answered({ ...typed, metadata: {}, spec: {}, status: rulesStatus(context, request, spec) })
    default: {
      const metadata = { creationTimestamp: context.store.timestamp() }
      return answered({ ...typed, metadata, status: { userInfo: request.user } })
    }
  }
}

const answered = (body: object): ApiAnswer => ({ status: 201, body })

const accessStatus = async ({ authorize }: ApiContext, { user }: ObjectRequest, spec: JsonObject) => {
  const { allowed, reason } = await authorize(user, attributesOf(spec))
  return { allowed, ...(reason ? { reason } : {}) }
}

const attributesOf = ({ resourceAttributes, nonResourceAttributes }: JsonObject): Attributes => {
  const text = (from: unknown, field: string) => {
    const value = isObject(from) ? from[field] : undefined
    return typeof value === 'string' ? value : ''
  }
  if (!isObject(resourceAttributes))
    return { verb: text(nonResourceAttributes, 'verb'), path: text(nonResourceAttributes, 'path') }
  const subresource = text(resourceAttributes, 'subresource')
  const namespace = text(resourceAttributes, 'namespace')
  const name = text(resourceAttributes, 'name')
  return {
    verb: text(resourceAttributes, 'verb'),
    path: '',
    resource: {
      group: text(resourceAttributes, 'group'),
      version: text(resourceAttributes, 'version'),
      plural: text(resourceAttributes, 'resource'),
      ...(subresource ? { subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
    },
  }
}

const rulesStatus = ({ store }: ApiContext, { user }: ObjectRequest, { namespace }: JsonObject) => {
  const rules = rulesFor(store, user, typeof namespace === 'string' ? namespace : undefined).map(
    ({ rule }) => rule,
  )
  return {
    resourceRules: rules
      .filter(({ resources }) => resources)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({
        verbs,
        apiGroups,
        resources,
        ...(resourceNames ? { resourceNames } : {}),
      })),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}
