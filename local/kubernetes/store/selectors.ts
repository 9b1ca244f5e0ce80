import type { LabelSelector } from '../../../core/kubernetes.ts'
import { isObject } from '../../json-object.ts'
import type { KubernetesObject, ResourceKind } from './resources.ts'
import { badRequest } from './status.ts'

/** Labels as objects carry them. */
export type Labels = Readonly<Record<string, string>> | undefined

/** Whether labels satisfy a `matchLabels` and `matchExpressions` selector; an empty selector takes all. */
export const selects = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value) &&
  (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })

/** A selector written as text, `app=carts,tier in (web,api),!canary`, to a test of labels; 400 where malformed. */
export const parseLabelSelector = (text: string | null): ((labels: Labels) => boolean) => {
  if (!text?.trim()) return () => true
  const tests = splitRequirements(text).map(requirement)
  return (labels) => tests.every((test) => test(labels))
}

/** Commas separate requirements, except between parentheses. */
const splitRequirements = (text: string): string[] =>
  (text.match(/(?:[^,(]|\([^)]*\)?)+/g) ?? []).map((part) => part.trim())

const requirement = (text: string): ((labels: Labels) => boolean) => {
  const set = /^(\S+)\s+(in|notin)\s*\(([^)]*)(\)?)$/.exec(text)
  if (set) {
    const [, key = '', operator, list = '', closed] = set
    if (!closed) throw badRequest("unable to parse requirement: found '', expected: ',', ')' or identifier")
    const values = list.split(',').map((value) => value.trim())
    const isIn = (labels: Labels) => labels?.[key] !== undefined && values.includes(labels[key])
    return operator === 'in' ? isIn : (labels) => !isIn(labels)
  }
  const comparison = /^([^!=\s]+)\s*(==|=|!=)\s*(.*)$/.exec(text)
  if (comparison) {
    const [, key = '', operator, value = ''] = comparison
    const stray = /^(?:==|!=|=|!)/.exec(value)?.[0]
    if (stray) throw badRequest(`unable to parse requirement: found '${stray}', expected: identifier`)
    return operator === '!=' ? (labels) => labels?.[key] !== value : (labels) => labels?.[key] === value
  }
  const existence = /^(!?)\s*([\w./-]+)$/.exec(text)
  if (!existence) throw badRequest(`unable to parse requirement: found '${text}', expected: identifier`)
  const [, negated, key = ''] = existence
  return negated ? (labels) => labels?.[key] === undefined : (labels) => labels?.[key] !== undefined
}

const selectableFields: Record<string, string[]> = {
  pods: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.podIPs',
    'status.nominatedNodeName',
  ],
  nodes: ['spec.unschedulable'],
  namespaces: ['status.phase'],
  secrets: ['type'],
  replicasets: ['status.replicas'],
  events: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
}

/** A field selector, `metadata.name=carts,status.phase!=Running`, to a test of objects; 400 for unknown fields. */
export const parseFieldSelector = (
  resource: ResourceKind,
  text: string | null,
): ((object: KubernetesObject) => boolean) => {
  const tests = (text ?? '')
    .split(',')
    .filter(Boolean)
    .map((part) => {
      const match = /^([^!=]+)(==|=|!=)(.*)$/.exec(part.trim())
      if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
      const [, field = '', operator, value = ''] = match
      requireSelectable(resource, field)
      return (object: KubernetesObject) => (fieldOf(object, field) === value) === (operator !== '!=')
    })
  return (object) => tests.every((test) => test(object))
}

const requireSelectable = (resource: ResourceKind, field: string): void => {
  const { custom, plural, namespaced } = resource
  const declared = (custom?.selectable ?? []).map((path) => path.replace(/^\./, ''))
  const known = ['metadata.name', ...(namespaced ? ['metadata.namespace'] : []), ...declared]
  const extra = custom ? undefined : selectableFields[plural]
  if (known.includes(field) || extra?.includes(field)) return
  throw badRequest(
    extra
      ? `field label not supported: ${field}`
      : `"${field}" is not a known field selector: only ${known.map((name) => `"${name}"`).join(', ')}`,
  )
}

const fieldOf = (object: KubernetesObject, path: string): string => {
  if (path === 'source') return fieldOf(object, 'source.component')
  const value = path.split('.').reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), object)
  if (value === undefined || value === null) return path === 'spec.unschedulable' ? 'false' : ''
  return String(value)
}
