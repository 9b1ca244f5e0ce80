import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Request } from '../core/request.ts'
import { resolveRequest } from '../core/request-input.ts'
import { readyMadeFields } from '../core/role/needs.ts'
import { UsageError } from './usage-error.ts'

/** The flags that describe a binding and how to treat it, as commander hands them over. */
export interface BindingFlags {
  file?: string
  cluster?: string
  region?: string
  namespace?: string
  serviceAccount?: string
  role?: string
  targetRole?: string
  workload?: string
  need?: string[]
  sessionTags?: boolean
  replace?: boolean
  installAgent?: boolean
  proof?: string
  waitAnyway?: boolean
  keep?: boolean
  /** Seconds. */
  timeout?: number
}

/**
 * The input of a run: a file's fields, overridden by flags. What is wrong with the values is the first state's
 * to say, so that every way in gets the same answer.
 * @throws UsageError where file or flags cannot be read.
 */
export const inputFrom = (flags: BindingFlags): Record<string, unknown> => {
  const file = flags.file ? readBinding(flags.file) : {}
  const needs = flags.need?.join() === 'observed' ? 'observed' : flags.need?.map(parseNeed)
  const fields: Record<string, unknown> = {
    cluster: flags.cluster,
    region: flags.region,
    namespace: flags.namespace,
    serviceAccount: flags.serviceAccount,
    role: flags.role,
    targetRole: flags.targetRole,
    workload: flags.workload,
    needs,
    sessionTags: flags.sessionTags === false ? false : undefined,
    replace: flags.replace,
    installAgent: flags.installAgent,
    proof: flags.proof,
    waitAnyway: flags.waitAnyway,
    onFailure: flags.keep ? 'keep' : undefined,
    rolloutTimeoutSeconds: flags.timeout,
  }
  return { ...file, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) }
}

/**
 * The region of an input, or the environment's.
 * @throws UsageError where there is neither
 */
export const regionOf = (input: { region?: unknown }): string => {
  const region = input.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION
  if (typeof region === 'string' && region !== '') return region
  throw new UsageError('no region: give --region, or set AWS_REGION')
}

/**
 * The request of an input, which no execution has checked.
 * @throws InvalidRequest naming its faults
 */
export const requestOf = (input: Record<string, unknown>, account: string, region: string): Request =>
  resolveRequest(input, {
    arn: `arn:aws:states:${region}:${account}:execution:podid:none`,
    startTime: new Date(0).toISOString(),
  })

const readBinding = (path: string): Record<string, unknown> => {
  let parsed: unknown
  try {
    parsed = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`${path} cannot be read as YAML or JSON: ${(error as Error).message}`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(`${path} must hold one binding, as a mapping of fields`)
  }
  return parsed as Record<string, unknown>
}

/** `dynamodb:Query,dynamodb:GetItem@arn:…,arn:…`, or a ready-made need by its name: `dynamodb-read-write@arn:…` */
const parseNeed = (text: string): Record<string, unknown> => {
  const at = text.indexOf('@')
  if (at < 1) {
    throw new UsageError(
      `--need ${text} has no resources: write ACTION[,ACTION]@RESOURCE[,RESOURCE], for example dynamodb:Query@arn:aws:dynamodb:us-west-2:123456789012:table/Items, or a ready-made need, for example dynamodb-read-write@arn:aws:dynamodb:us-west-2:123456789012:table/Items`,
    )
  }
  const list = (part: string) => part.split(',').filter((item) => item !== '')
  const [name, resources] = [text.slice(0, at), text.slice(at + 1)]
  if (name.includes(':')) return { actions: list(name), resources: list(resources) }
  const field = readyMadeFields[name]
  if (field === undefined) {
    throw new UsageError(
      `--need ${text}: ${name} names no ready-made need; these are: ${Object.keys(readyMadeFields).join(', ')}`,
    )
  }
  return field === '' ? { use: name } : { use: name, [field]: resources }
}
