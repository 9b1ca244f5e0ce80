import type { JsonObject } from '../../../json-object.ts'
import { badRequest } from '../../store/status.ts'

/** How a protobuf field is read: a scalar, a list of strings, a map, a message, or a list of them. */
type FieldType =
  | 'string'
  | 'strings'
  | 'integer'
  | 'boolean'
  | 'map'
  | 'map of bytes'
  | 'map of quantities'
  | 'integer or string'
  | 'bytes'
  | Message
  | [Message]
interface Message {
  [number: number]: [name: string, type: FieldType]
}

const objectMeta: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
}

const resourceAttributes: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
}

const nonResourceAttributes: Message = { 1: ['path', 'string'], 2: ['verb', 'string'] }

const policyRule: Message = {
  1: ['verbs', 'strings'],
  2: ['apiGroups', 'strings'],
  3: ['resources', 'strings'],
  4: ['resourceNames', 'strings'],
  5: ['nonResourceURLs', 'strings'],
}

const role: Message = { 1: ['metadata', objectMeta], 2: ['rules', [policyRule]] }

const binding: Message = {
  1: ['metadata', objectMeta],
  2: [
    'subjects',
    [{ 1: ['kind', 'string'], 2: ['apiGroup', 'string'], 3: ['name', 'string'], 4: ['namespace', 'string'] }],
  ],
  3: ['roleRef', { 1: ['apiGroup', 'string'], 2: ['kind', 'string'], 3: ['name', 'string'] }],
}

const container: Message = {
  1: ['name', 'string'],
  2: ['image', 'string'],
  3: ['command', 'strings'],
  4: ['args', 'strings'],
  6: ['ports', [{ 1: ['name', 'string'], 3: ['containerPort', 'integer'], 4: ['protocol', 'string'] }]],
  7: ['env', [{ 1: ['name', 'string'], 2: ['value', 'string'] }]],
}

const podTemplate: Message = {
  1: ['metadata', objectMeta],
  2: [
    'spec',
    { 2: ['containers', [container]], 3: ['restartPolicy', 'string'], 8: ['serviceAccountName', 'string'] },
  ],
}

const labelSelector: Message = {
  1: ['matchLabels', 'map'],
  2: ['matchExpressions', [{ 1: ['key', 'string'], 2: ['operator', 'string'], 3: ['values', 'strings'] }]],
}

const jobSpec: Message = {
  1: ['parallelism', 'integer'],
  2: ['completions', 'integer'],
  3: ['activeDeadlineSeconds', 'integer'],
  6: ['template', podTemplate],
  7: ['backoffLimit', 'integer'],
  8: ['ttlSecondsAfterFinished', 'integer'],
  10: ['suspend', 'boolean'],
}

/** The kinds that kubectl sends in protobuf and in no other form; numbers as in Kubernetes' .proto files. */
const messages: Record<string, Message | undefined> = {
  Namespace: { 1: ['metadata', objectMeta] },
  ServiceAccount: { 1: ['metadata', objectMeta] },
  ConfigMap: { 1: ['metadata', objectMeta], 2: ['data', 'map'] },
  Secret: {
    1: ['metadata', objectMeta],
    2: ['data', 'map of bytes'],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
  },
  Deployment: {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      {
        1: ['replicas', 'integer'],
        2: ['selector', { 1: ['matchLabels', 'map'] }],
        3: ['template', podTemplate],
      },
    ],
  },
  ResourceQuota: {
    1: ['metadata', objectMeta],
    2: ['spec', { 1: ['hard', 'map of quantities'], 2: ['scopes', 'strings'] }],
  },
  Job: { 1: ['metadata', objectMeta], 2: ['spec', jobSpec] },
  CronJob: {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      {
        1: ['schedule', 'string'],
        2: ['startingDeadlineSeconds', 'integer'],
        3: ['concurrencyPolicy', 'string'],
        4: ['suspend', 'boolean'],
        5: ['jobTemplate', { 1: ['metadata', objectMeta], 2: ['spec', jobSpec] }],
        6: ['successfulJobsHistoryLimit', 'integer'],
        7: ['failedJobsHistoryLimit', 'integer'],
        8: ['timeZone', 'string'],
      },
    ],
  },
  PodDisruptionBudget: {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      {
        1: ['minAvailable', 'integer or string'],
        2: ['selector', labelSelector],
        3: ['maxUnavailable', 'integer or string'],
      },
    ],
  },
  PriorityClass: {
    1: ['metadata', objectMeta],
    2: ['value', 'integer'],
    3: ['globalDefault', 'boolean'],
    4: ['description', 'string'],
    5: ['preemptionPolicy', 'string'],
  },
  HorizontalPodAutoscaler: {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      {
        1: ['scaleTargetRef', { 1: ['kind', 'string'], 2: ['name', 'string'], 3: ['apiVersion', 'string'] }],
        2: ['minReplicas', 'integer'],
        3: ['maxReplicas', 'integer'],
        4: ['targetCPUUtilizationPercentage', 'integer'],
      },
    ],
  },
  Role: role,
  ClusterRole: role,
  RoleBinding: binding,
  ClusterRoleBinding: binding,
  SelfSubjectReview: { 1: ['metadata', objectMeta] },
  SelfSubjectAccessReview: {
    1: ['metadata', objectMeta],
    2: [
      'spec',
      { 1: ['resourceAttributes', resourceAttributes], 2: ['nonResourceAttributes', nonResourceAttributes] },
    ],
  },
  SelfSubjectRulesReview: { 1: ['metadata', objectMeta], 2: ['spec', { 1: ['namespace', 'string'] }] },
  TokenRequest: {
    1: ['metadata', objectMeta],
    2: ['spec', { 1: ['audiences', 'strings'], 4: ['expirationSeconds', 'integer'] }],
  },
  Scale: { 1: ['metadata', objectMeta], 2: ['spec', { 1: ['replicas', 'integer'] }] },
  DeleteOptions: {
    1: ['gracePeriodSeconds', 'integer'],
    3: ['orphanDependents', 'boolean'],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', 'strings'],
  },
}

const magic = Buffer.from('k8s\0', 'latin1')

/** Reads a body of media type application/vnd.kubernetes.protobuf; 400 for kinds that are not read here. */
export const fromProtobuf = (body: Buffer): JsonObject => {
  if (!body.subarray(0, 4).equals(magic))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  const envelope = read(body.subarray(4), {
    1: ['typeMeta', { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }],
    2: ['raw', 'bytes'],
  })
  const { apiVersion, kind } = envelope.typeMeta as { apiVersion: string; kind: string }
  const message = messages[kind]
  if (!message) throw badRequest(`${kind} is not read from protobuf by this server; send JSON`)
  return { apiVersion, kind, ...read((envelope.raw as Buffer | undefined) ?? Buffer.alloc(0), message) }
}

const read = (bytes: Buffer, message: Message): JsonObject => {
  const object: JsonObject = {}
  for (const { number, value } of wireFields(bytes)) {
    const [name, type] = message[number] ?? []
    if (name === undefined || type === undefined) continue
    const have = object[name]
    const decoded = decode(value, type)
    if (isMap(type)) object[name] = { ...(have as JsonObject | undefined), ...(decoded as JsonObject) }
    else if (type === 'strings' || Array.isArray(type))
      object[name] = [...((have as unknown[] | undefined) ?? []), decoded]
    else if (decoded !== '') object[name] = decoded
  }
  return object
}

const decode = (value: number | Buffer, type: FieldType): unknown => {
  if (typeof value === 'number') return type === 'boolean' ? value !== 0 : value
  if (Array.isArray(type)) return read(value, type[0])
  if (typeof type === 'object') return read(value, type)
  if (type === 'bytes') return value
  if (type === 'integer or string') return intOrString(value)
  if (isMap(type)) return decodeEntry(value, type)
  return value.toString()
}

type MapType = 'map' | 'map of bytes' | 'map of quantities'

const isMap = (type: FieldType): type is MapType => typeof type === 'string' && type.startsWith('map')

const intOrString = (bytes: Buffer): number | string => {
  const { type, number, text } = read(bytes, {
    1: ['type', 'integer'],
    2: ['number', 'integer'],
    3: ['text', 'string'],
  })
  return type === 1 ? String(text ?? '') : Number(number ?? 0)
}

const decodeEntry = (entry: Buffer, type: MapType): JsonObject => {
  const { key = '', value = Buffer.alloc(0) } = read(entry, { 1: ['key', 'string'], 2: ['value', 'bytes'] })
  const bytes = value as Buffer
  if (type === 'map of quantities') return { [String(key)]: read(bytes, { 1: ['text', 'string'] }).text }
  return { [String(key)]: bytes.toString(type === 'map' ? 'utf8' : 'base64') }
}

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 }

function* wireFields(bytes: Buffer): Generator<{ number: number; value: number | Buffer }> {
  let at = 0
  const varint = (): number => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw badRequest('unexpected EOF')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number(value)
    }
  }
  const take = (length: number): Buffer => {
    at += length
    return bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const key = varint()
    const wireType = key & 7
    const number = key >> 3
    if (wireType === wireTypes.varint) yield { number, value: varint() }
    else if (wireType === wireTypes.bytes) yield { number, value: take(varint()) }
    else if (wireType === wireTypes.fixed64) yield { number, value: take(8) }
    else if (wireType === wireTypes.fixed32) yield { number, value: take(4) }
    else throw badRequest(`proto: illegal wireType ${wireType}`)
  }
}
