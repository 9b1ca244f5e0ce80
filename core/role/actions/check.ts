import { covers, hasWildcard, overlaps } from '../../policy/pattern.ts'
import { nearestName } from '../../text/distance.ts'
import type { Need } from '../need.ts'
import { actionTable, type ServiceActions } from './table.ts'

/** Needs as IAM can grant them, and what is wrong with those that it cannot. */
export interface CheckedNeeds {
  needs: Need[]
  faults: string[]
}

/**
 * Holds needs against what each action takes. A need that names resources of several types, as statements often
 * do, is split by type; what no grant could ever meet is a fault that says what to write instead. Actions with
 * wildcards, and services that the table does not have, pass as they are.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export const checkNeeds = (needs: readonly Need[]): CheckedNeeds => {
  const checked = needs.map(checkNeed)
  return {
    needs: checked.flatMap((one) => one.needs),
    faults: [...new Set(checked.flatMap(({ faults }) => faults))],
  }
}

const checkNeed = (need: Need): CheckedNeeds => {
  const resources = need.resources.map(asIamHasIt)
  const faults: string[] = []
  const taken = new Set<string>()
  const byResources = new Map<string, { actions: string[]; resources: string[] }>()
  const add = (action: string, own: string[]) => {
    for (const resource of own) taken.add(resource)
    const group = byResources.get(own.join(' ')) ?? { actions: [], resources: own }
    group.actions.push(action)
    byResources.set(own.join(' '), group)
  }
  for (const action of need.actions) {
    const known = lookUp(action)
    if (known === undefined) add(action, resources)
    else if ('fault' in known) faults.push(known.fault)
    else {
      const own = resources.filter((resource) => takes(known, resource))
      if (own.length > 0) add(action, own)
      else faults.push(mismatch(action, known, resources))
    }
  }
  const idle = faults.length > 0 ? [] : resources.filter((resource) => !taken.has(resource))
  for (const resource of idle) faults.push(`${resource}: none of ${need.actions.join(', ')} takes it`)
  const split = [...byResources.values()].map((group) => ({ ...need, ...group }))
  return { needs: split, faults }
}

interface Known {
  service: ServiceActions
  types: string[]
}

/** What an action takes; undefined where that is not known, or hangs on a wildcard. */
const lookUp = (action: string): Known | { fault: string } | undefined => {
  const { prefix, name, service } = partsOf(action)
  if (!service || hasWildcard(name)) return undefined
  if (action.toLowerCase() === 'sts:getcalleridentity')
    return { fault: `${action} needs no grant: every caller may ask it; leave it out` }
  for (const [types, names] of Object.entries(service.takes))
    if (names.split(' ').some((known) => known.toLowerCase() === name.toLowerCase()))
      return { service, types: types === '' ? [] : types.split(',') }
  const instead = apiNames[`${prefix}:${name.toLowerCase()}`] ?? nearestName(name, actionsOf(service))
  return {
    fault: `${action} is no action of IAM${instead === undefined ? '' : `; ${prefix}:${instead} is`}`,
  }
}

/** IAM tells no capitals from small letters in the names of services and actions. */
const partsOf = (action: string): { prefix: string; name: string; service: ServiceActions | undefined } => {
  const prefix = (action.split(':')[0] as string).toLowerCase()
  const service = Object.hasOwn(actionTable, prefix) ? actionTable[prefix] : undefined
  return { prefix, name: action.slice(prefix.length + 1), service }
}

const actionsOf = ({ takes: byTypes }: ServiceActions): string[] =>
  Object.values(byTypes).flatMap((names) => names.split(' '))

/** Whether the service is in the table and has no such action; wildcards and services that it lacks pass. */
export const isUnknownAction = (action: string): boolean => {
  const { name, service } = partsOf(action)
  if (!service || hasWildcard(name)) return false
  return !actionsOf(service).some((known) => known.toLowerCase() === name.toLowerCase())
}

/** Calls of the API that IAM knows under the name of another one. */
const apiNames: Readonly<Record<string, string>> = {
  's3:headobject': 'GetObject',
  's3:headbucket': 'ListBucket',
  's3:listobjects': 'ListBucket',
  's3:listobjectsv2': 'ListBucket',
  's3:copyobject': 'PutObject',
  's3:deleteobjects': 'DeleteObject',
  's3:createmultipartupload': 'PutObject',
  's3:uploadpart': 'PutObject',
  's3:completemultipartupload': 'PutObject',
  's3:listbuckets': 'ListAllMyBuckets',
  'sqs:sendmessagebatch': 'SendMessage',
  'sqs:deletemessagebatch': 'DeleteMessage',
  'sns:publishbatch': 'Publish',
}

const takes = ({ service, types }: Known, resource: string): boolean => {
  if (resource === '*') return true
  const all = Object.entries(service.arns).filter(([, arn]) => byFields(overlaps, arn, resource))
  // An object's ARN begins as a bucket's does; what is wholly the longer one is not the shorter one.
  const own = all.filter(
    ([, arn]) =>
      !all.some(
        ([, longer]) => longer !== arn && longer.startsWith(arn) && byFields(covers, longer, resource),
      ),
  )
  return own.some(([type]) => types.includes(type))
}

/** ARNs, of six fields each, are compared field by field: no wildcard of one field reaches into the next. */
const byFields = (matches: (one: string, other: string) => boolean, one: string, other: string): boolean => {
  const [ours, theirs] = [fieldsOf(one), fieldsOf(other)]
  return ours.every((field, at) => matches(field, theirs[at] as string))
}

const fieldsOf = (arn: string): string[] => {
  const fields = arn.split(':')
  return [...fields.slice(0, 5), fields.slice(5).join(':')]
}

const mismatch = (action: string, { service, types }: Known, resources: readonly string[]): string => {
  if (types.length === 0) return `${action} takes no resource: write "*" for it, in a need of its own`
  const resource = resources[0] as string
  const shapes = types.map((type) => service.arns[type] as string)
  const instead = [resource.replace(/\/.*/, ''), `${resource}/*`, `${resource}:*`].find(
    (other) => takes({ service, types }, other) && shapes.some((shape) => byFields(covers, shape, other)),
  )
  return `${action} takes ${shapes.slice(0, 3).join(' or ')}, and not ${resources.join(', ')}${instead === undefined ? '' : `; write ${instead}`}`
}

/**
 * A log group's ARN ends in `:*` in policies, and a secret's in six characters that only Secrets Manager knows.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
 */
const asIamHasIt = (resource: string): string => {
  if (/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:]*[^:*]$/.test(resource)) return `${resource}:*`
  if (
    /^arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^*?]+$/.test(resource) &&
    !/-[A-Za-z0-9]{6}$/.test(resource)
  )
    return `${resource}-??????`
  return resource
}
