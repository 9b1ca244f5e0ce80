import * as z from 'zod'
import { InvalidRequest } from './errors.ts'
import { dnsLabel, dnsSubdomain, regionPattern } from './names.ts'
import { partitionFaults } from './partitions/faults.ts'
import { partitionOf } from './partitions/partitions.ts'
import { type Request, runOptions } from './request.ts'
import { expandNeeds, NeedInput } from './role/needs.ts'
import { mostCharacters, sizeOf } from './role/sizes.ts'
import { bytesOf } from './text/fit.ts'
import { quote } from './text/quote.ts'
import { faultLine, type ValueFault } from './text/value-fault.ts'
import { parseWorkloadRef } from './workload/workload.ts'

/** An IAM role's ARN in any partition, paths included. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const roleArnPattern = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\u0021-\u007E]*\/)?[\w+=,.@-]{1,64}$/

const kubernetesName = (pattern: RegExp, characters: string, most: number) =>
  z.string().refine((name) => name.length <= most && pattern.test(name), {
    error: ({ input }) =>
      `${quote(input)} is not a name Kubernetes accepts: ${characters}, ${most} characters at most`,
  })

const ClusterName = z.string().regex(/^[0-9A-Za-z][\w-]{0,99}$/, {
  error: ({ input }) =>
    `${quote(input)} is not an EKS cluster name: letters, digits, '-' and '_', 100 characters at most (a name, not an ARN)`,
})

/** The ARN of an IAM role in any account. */
export const RoleArn = z.string().regex(roleArnPattern, {
  error: ({ input }) =>
    `${quote(input)} is not an IAM role ARN, such as arn:aws:iam::123456789012:role/carts-dynamo`,
})

/** A session policy, as EKS is sent it: JSON text. */
const SessionPolicy = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((policy, context) => {
    const fault = (message: string) => {
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    let document: unknown = policy
    if (typeof policy === 'string')
      try {
        document = JSON.parse(policy)
      } catch {
        return fault('is not JSON')
      }
    if (typeof document !== 'object' || document === null || !('Statement' in document))
      return fault('is not a policy document: it has no Statement')
    const size = sizeOf(document)
    return size > mostCharacters.sessionPolicy
      ? fault(`has ${size} characters, and EKS takes ${mostCharacters.sessionPolicy}`)
      : JSON.stringify(document)
  })

const Workload = z.string().transform((text, context) => {
  try {
    return parseWorkloadRef(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
})

/** The parts of a run that only its execution knows. */
export interface ExecutionFacts {
  /** `arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME` */
  arn: string
  /** When the execution started, RFC 3339. */
  startTime: string
}

/**
 * How much a request may ask: every payload of an execution has at most 262,144 bytes, and the request is in most of
 * them. `pairs` counts each action on each resource, as each of them is judged.
 */
export const mostNeeds = { number: 200, pairs: 5000, bytes: 60_000 }

const needsFaults = (needs: readonly NeedInput[]): string[] => {
  const spelt = expandNeeds(needs)
  const pairs = spelt.reduce((sum, { actions, resources }) => sum + actions.length * resources.length, 0)
  const bytes = bytesOf(spelt)
  const name = (what: string, many: number, most: number) =>
    `are ${many} ${what}, and a request takes ${most}: use wildcards, or fewer needs`
  return [
    ...(pairs > mostNeeds.pairs ? [name('actions on resources', pairs, mostNeeds.pairs)] : []),
    ...(bytes > mostNeeds.bytes ? [name('bytes of JSON', bytes, mostNeeds.bytes)] : []),
  ]
}

/** What a binding consists of, for a run in an account. */
export const bindingFields = (account: string) => ({
  cluster: ClusterName,
  /** Where the cluster is; the execution's own region unless given. */
  region: z
    .string()
    .regex(regionPattern, {
      error: ({ input }) => `${quote(input)} is not an AWS region, such as us-west-2`,
    })
    .optional(),
  namespace: kubernetesName(dnsLabel, "lower-case letters, digits and '-'", 63),
  serviceAccount: kubernetesName(dnsSubdomain, "lower-case letters, digits, '-' and '.'", 253),
  role: RoleArn.refine((arn) => !roleArnPattern.test(arn) || arn.split(':')[4] === account, {
    error: ({ input }) =>
      `${quote(input)} belongs to account ${String(input).split(':')[4]}, and this run is in ${account}: EKS takes only a role of the cluster's own account (name the other one as targetRole)`,
  }),
  /** A role in any account that `role` assumes on the pods' behalf. */
  targetRole: RoleArn.optional(),
  /**
   * Roles that `replace` may find in place: an undo gives the association back to such a role. Of another one the
   * plan warns.
   */
  formerRoles: z.array(RoleArn).optional(),
  sessionTags: z
    .boolean()
    .default(true)
    .describe('False switches the session tags off (disableSessionTags of the association).'),
  sessionPolicy: SessionPolicy.optional().describe(
    'A policy that narrows the role for these pods, as a document or as JSON text; EKS takes one only where `sessionTags` is false.',
  ),
  /** `deployment/carts`; absent where the association alone is the job. */
  workload: Workload.optional(),
  /** What the workload must be able to do with its role. */
  needs: z
    .array(NeedInput, {
      error: ({ input }) =>
        input === 'observed'
          ? 'is "observed", which a stage and its settings do not take, as what is observed changes from run to run: leave needs out, run podid plan, and write here what it prints'
          : undefined,
    })
    .max(mostNeeds.number, {
      error: ({ input }) =>
        `has ${(input as unknown[]).length} needs, and a request takes ${mostNeeds.number}: name several actions and resources in one, or use wildcards`,
    })
    .default([]),
})

const makeInputSchema = (account: string) => z.strictObject({ ...bindingFields(account), ...runOptions })

/** The schema of one account, which takes longer to make than a thousand inputs to read: the latest is kept. */
let latestSchema: { account: string; schema: ReturnType<typeof makeInputSchema> } | undefined
const inputSchema = (account: string): ReturnType<typeof makeInputSchema> => {
  if (latestSchema?.account !== account) latestSchema = { account, schema: makeInputSchema(account) }
  return latestSchema.schema
}

/** The input of an execution as its sender writes it, with defaults left out. */
export type RequestInput = z.input<ReturnType<typeof inputSchema>>

const parseRequest = (input: unknown, account: string, region?: string) => {
  const parsed = inputSchema(account).safeParse(input)
  return parsed.success
    ? {
        request: parsed.data,
        faults: [
          ...crossFaults(parsed.data),
          ...(region === undefined ? [] : partitionFaults(parsed.data, region)),
        ],
      }
    : { faults: parsed.error.issues.flatMap((issue) => faultsOfIssue(issue)) }
}

/** Everything that is wrong with an execution's input in an account; none where a run would accept it. */
export const requestFaults = (input: unknown, account: string): ValueFault[] =>
  parseRequest(input, account).faults

/** The fields of an execution's input: those of a binding, and how a run goes about it. */
export const requestFields = (): string[] => Object.keys(inputSchema('').shape)

/**
 * Turns an execution's input into a request.
 * @throws InvalidRequest naming every fault by its field.
 */
export const resolveRequest = (input: unknown, execution: ExecutionFacts): Request => {
  const [, , , region = '', account = '', , , run = ''] = execution.arn.split(':')
  const { request, faults } = parseRequest(input, account, region)
  if (!request || faults.length > 0) throw invalidRequest(faults.map(faultLine))
  return {
    ...request,
    needs: expandNeeds(request.needs, partitionOf(region)),
    region: request.region ?? region,
    account,
    run,
    startedAt: execution.startTime,
    restartedAt: restartMark(execution.startTime, run),
  }
}

/** The error that names every fault of a request. */
export const invalidRequest = (faults: readonly string[]): InvalidRequest =>
  new InvalidRequest(
    `The request has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}; nothing was called.\n${faults.map((fault) => `- ${fault}`).join('\n')}`,
  )

const crossFaults = (request: z.output<ReturnType<typeof inputSchema>>): ValueFault[] => {
  const faults = needsFaults(request.needs).map((said): ValueFault => ({ path: ['needs'], said }))
  if (request.sessionPolicy !== undefined && request.sessionTags)
    faults.push({
      path: ['sessionPolicy'],
      said: 'EKS takes one only without session tags: set sessionTags to false',
    })
  if (request.mode === 'undo' && !request.before)
    faults.push({
      path: ['before'],
      said: `is missing; mode undo needs the 'before' of the report of the run to be undone`,
    })
  if (request.mode !== 'undo' && request.before)
    faults.push({ path: ['before'], said: `goes with mode undo only, and the mode is ${request.mode}` })
  faults.push(...migrationFaults(request))
  return faults
}

/** What goes together in a migration from IRSA, in a binding and in a request. */
export const migrationFaults = ({
  migrate,
  finish = false,
  removeOidcTrust,
  manageTrust,
}: {
  migrate?: 'irsa' | undefined
  finish?: boolean
  removeOidcTrust: boolean
  manageTrust: boolean
}): ValueFault[] => [
  ...(finish && !migrate
    ? [{ path: ['finish'], said: 'ends a migration: say of which kind, with migrate: irsa' }]
    : []),
  ...(removeOidcTrust && !migrate
    ? [{ path: ['removeOidcTrust'], said: 'is a part of a migration: it goes with migrate: irsa' }]
    : []),
  ...(removeOidcTrust && !manageTrust
    ? [
        {
          path: ['removeOidcTrust'],
          said: "writes the role's trust policy, which takes manageTrust: true",
        },
      ]
    : []),
]

/** What is wrong with a value by one of its schema's issues. */
export const faultsOfIssue = (issue: z.core.$ZodIssue, document = 'a request'): ValueFault[] => {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], said: `is not a field of ${document}` }))
    // A record's key: what is wrong with it is said by the issues within.
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, said: message }))
    case 'invalid_union':
      return (
        issue.errors[0]?.flatMap((inner) =>
          faultsOfIssue({ ...inner, path: [...path, ...inner.path] }, document),
        ) ?? [{ path, said: issue.message }]
      )
    case 'invalid_type':
      return [
        {
          path,
          said: issue.message.includes('undefined')
            ? `is missing (${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected})`
            : issue.message,
        },
      ]
    default:
      return [{ path, said: issue.message }]
  }
}

/**
 * What a run writes as restart annotation: when it started, in milliseconds, and three digits of its own, so that two
 * runs of one moment differ. RFC 3339, as kubectl writes it.
 */
const restartMark = (startTime: string, run: string): string => {
  const digits = [...run].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1000, 0)
  return `${new Date(startTime).toISOString().slice(0, -1)}${String(digits).padStart(3, '0')}Z`
}
