import { isObject, type JsonObject } from '../../../json-object.ts'
import type { NewObject } from '../../store/resources.ts'
import { methodNotAllowed } from '../../store/status.ts'
import { type ApiAnswer, type ApiContext, fieldManagerOf, type ObjectRequest } from '../api.ts'
import { noteUpdate } from '../patch/managed-fields.ts'
import { parseBody } from '../wire/decode.ts'
import { type Attributes, rulesFor, type UserInfo } from './rbac.ts'
import { apiAudience } from './service-account-tokens.ts'

/** POST of a review: what may I or somebody else do, what in all in a namespace, and whose token is this. */
export const answerReview = async (context: ApiContext, request: ObjectRequest): Promise<ApiAnswer> => {
  if (request.info.verb !== 'create') throw methodNotAllowed()
  const body = parseBody(request.contentType, request.body)
  const spec = isObject(body) && isObject(body.spec) ? body.spec : {}
  const { kind, group, version } = request.kind
  const typed = { kind, apiVersion: `${group}/${version}` }
  const given = { ...typed, metadata: {}, spec }
  const reviewed = { ...given, metadata: notedMetadata(context, request, given) }
  switch (kind) {
    case 'SelfSubjectAccessReview':
      return answered({ ...reviewed, status: await accessStatus(context, request.user, spec) })
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return answered({ ...reviewed, status: await accessStatus(context, subjectOf(spec), spec) })
    case 'TokenReview':
      return answered({ ...reviewed, status: await tokenStatus(context, spec) })
    case 'SelfSubjectRulesReview':
      return answered({ ...typed, metadata: {}, spec: {}, status: rulesStatus(context, request, spec) })
    default: {
      const metadata = { creationTimestamp: context.store.timestamp() }
      return answered({ ...typed, metadata, status: { userInfo: request.user } })
    }
  }
}

const answered = (body: object): ApiAnswer => ({ status: 201, body })

/** Metadata as the server answers it: nothing but who sent which fields. */
const notedMetadata = ({ store }: ApiContext, request: ObjectRequest, given: NewObject) => {
  const managedFields = noteUpdate(request.kind, undefined, given, {
    name: fieldManagerOf(request),
    operation: 'Update',
    time: store.timestamp(),
  })
  return managedFields.length > 0 ? { managedFields } : {}
}

/** Whom a review asks about. */
const subjectOf = ({ user, uid, groups }: JsonObject): UserInfo => ({
  username: typeof user === 'string' ? user : '',
  ...(typeof uid === 'string' ? { uid } : {}),
  groups: Array.isArray(groups) ? groups.map(String) : [],
})

const tokenStatus = async ({ authenticate }: ApiContext, { token }: JsonObject) => {
  const user = typeof token === 'string' ? await authenticate(token) : undefined
  if (!user) return { user: {}, error: '[invalid bearer token, not authenticated]' }
  return {
    authenticated: true,
    user: { ...user, groups: [...new Set([...user.groups, 'system:authenticated'])] },
    audiences: [apiAudience],
  }
}

const accessStatus = async ({ authorize }: ApiContext, user: UserInfo, spec: JsonObject) => {
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
