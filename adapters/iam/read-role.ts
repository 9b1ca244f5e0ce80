import {
  GetRoleCommand,
  GetRolePolicyCommand,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
  type Role,
} from '@aws-sdk/client-iam'
import { PodidError } from '../../core/errors.ts'
import type { RoleFacts, RolePolicy } from '../../core/role/role.ts'
import { requiredMember } from '../aws-errors.ts'
import { concurrently, together } from '../concurrently.ts'
import { decodeDocument } from './document.ts'
import {
  listOthersWith,
  listVersionsInForce,
  readVersionInForce,
  readVersionsNotInForce,
} from './managed-policy.ts'
import { allItems, callOptions, ifThere, type Source } from './source.ts'

/** IAM throttles an account as a whole, so a role's documents are fetched a few at a time. */
const callsAtOnce = 6

/** From so many attached policies on, one list of versions in force is cheaper than asking for each. */
const worthListing = 5

/** A role that was just made may be unknown to the next reader for some seconds. */
const waitsForNewRole = [1000, 2000, 4000]

/**
 * Reads a role with all its policies in force. Undefined where there is no such role, after waiting a little
 * for one that was just made.
 * @param role its name, or its ARN
 * @param waiting called where it is looked for again, with the milliseconds that this takes at most
 */
export const readRole = async (
  source: Source,
  role: string,
  waiting: (forMs: number) => void = () => {},
): Promise<RoleFacts | undefined> => {
  const name = nameOf(role)
  const read = () => ifThere(`reading role ${name}`, () => readOnce(source, name, true))
  for (const wait of waitsForNewRole) {
    const facts = await read()
    if (facts) return facts
    if (wait === waitsForNewRole[0]) waiting(waitsForNewRole.reduce((sum, one) => sum + one, 0))
    await source.clock.sleep(wait, source.signal)
  }
  return read()
}

/**
 * Reads a role as IAM shows it now, without a wait and without the documents of managed policies, whose names alone
 * say that podid did not make them. Undefined where there is no such role.
 */
export const outlineRole = (source: Source, role: string): Promise<RoleFacts | undefined> => {
  const name = nameOf(role)
  return ifThere(`reading role ${name}`, () => readOnce(source, name, false))
}

/**
 * Adds the versions that are not in force to the role's managed policies, as a grant may hide in one. Where
 * they cannot be listed, the role comes back as it was.
 */
export const readOtherVersions = async (source: Source, role: RoleFacts): Promise<RoleFacts> => {
  const withVersions = async (policy: RolePolicy): Promise<RolePolicy> =>
    policy.arn === undefined || belongsToAws(policy.arn)
      ? policy
      : {
          ...policy,
          otherVersions: await readVersionsNotInForce(source, policy.arn, callsAtOnce),
          ...(await attachedTo(source, policy.arn, role.name)),
        }
  try {
    return { ...role, policies: await concurrently(role.policies, callsAtOnce, withVersions) }
  } catch (error) {
    // They only explain what is missing, so the role is judged without them.
    source.signal?.throwIfAborted()
    if (error instanceof PodidError) return role
    throw error
  }
}

/** Who else has a managed policy, by kind and name; nothing where the caller may not look. */
const attachedTo = async (
  source: Source,
  arn: string,
  role: string,
): Promise<Pick<RolePolicy, 'attachedTo'>> => {
  const others = await listOthersWith(source, arn, role)
  return others ? { attachedTo: others } : {}
}

/** Which version of AWS's own policies is in force is AWS's choice. */
const belongsToAws = (arn: string): boolean => /^arn:[^:]+:iam::aws:/.test(arn)

const readOnce = async (source: Source, name: string, whole: boolean): Promise<RoleFacts | undefined> => {
  const { client } = source
  const [answer, attached, inlineNames] = await together([
    client.send(new GetRoleCommand({ RoleName: name }), callOptions(source)),
    allItems(
      paginateListAttachedRolePolicies({ client }, { RoleName: name }, callOptions(source)),
      (page) => page.AttachedPolicies,
    ),
    allItems(
      paginateListRolePolicies({ client }, { RoleName: name }, callOptions(source)),
      (page) => page.PolicyNames,
    ),
  ])
  const role = requiredMember(answer.Role, 'role')
  const versions = whole && attached.length >= worthListing ? await listVersionsInForce(source) : undefined
  const reads = [
    ...attached.map((policy) => async (): Promise<RolePolicy | undefined> => {
      const policyName = requiredMember(policy.PolicyName, 'name of an attached policy')
      const arn = requiredMember(policy.PolicyArn, 'ARN of an attached policy')
      return whole
        ? readManaged(source, policyName, arn, versions?.get(arn))
        : { name: policyName, arn, kind: 'managed', document: undefined }
    }),
    ...inlineNames.map((policyName) => () => readInline(source, name, policyName)),
  ]
  const [boundary, policies] = await together([
    readBoundaryOf(source, role, whole),
    concurrently(reads, callsAtOnce, (read): Promise<RolePolicy | undefined> => read()),
  ])
  return {
    name,
    arn: requiredMember(role.Arn, 'ARN of the role'),
    path: role.Path ?? '/',
    trust: decodeDocument(requiredMember(role.AssumeRolePolicyDocument, 'trust policy of the role')),
    // What was deleted between the list and its reading grants nothing any more.
    policies: policies.filter((policy) => policy !== undefined),
    tags: Object.fromEntries(
      (role.Tags ?? []).map(({ Key, Value }) => [
        requiredMember(Key, 'key of a tag'),
        requiredMember(Value, 'value of a tag'),
      ]),
    ),
    ...(boundary && { boundary }),
    ...(role.CreateDate && { createdAt: role.CreateDate.toISOString() }),
  }
}

const readManaged = async (
  source: Source,
  name: string,
  arn: string,
  listedVersion: string | undefined,
): Promise<RolePolicy | undefined> => {
  const inForce = await readVersionInForce(source, arn, listedVersion)
  return inForce && { name, arn, kind: 'managed', version: inForce.id, document: inForce.document }
}

const readInline = (source: Source, roleName: string, name: string): Promise<RolePolicy | undefined> =>
  ifThere(`reading policy ${name} of role ${roleName}`, async () => {
    const { PolicyDocument: document } = await source.client.send(
      new GetRolePolicyCommand({ RoleName: roleName, PolicyName: name }),
      callOptions(source),
    )
    return {
      name,
      kind: 'inline',
      document: decodeDocument(requiredMember(document, 'document of the policy')),
    }
  })

const readBoundaryOf = async (
  source: Source,
  { PermissionsBoundary: boundary }: Role,
  whole: boolean,
): Promise<RoleFacts['boundary']> => {
  const arn = boundary?.PermissionsBoundaryArn
  if (arn === undefined) return undefined
  if (!whole) return { name: nameOf(arn), arn, document: undefined }
  // A boundary that is gone includes nothing.
  const nothing = { name: nameOf(arn), arn, document: { Version: '2012-10-17', Statement: [] } }
  return (await readBoundary(source, arn)) ?? nothing
}

/** The managed policy that is to bound a role, in the version in force; undefined where there is none. */
export const readBoundary = async (source: Source, arn: string): Promise<RoleFacts['boundary']> => {
  const inForce = await readVersionInForce(source, arn)
  return inForce && { name: nameOf(arn), arn, document: inForce.document }
}

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? arn
