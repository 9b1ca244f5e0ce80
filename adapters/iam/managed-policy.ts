import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  paginateListEntitiesForPolicy,
  paginateListPolicies,
  paginateListPolicyVersions,
} from '@aws-sdk/client-iam'
import { Transient } from '../../core/errors.ts'
import type { PolicyVersion } from '../../core/role/role.ts'
import { requiredMember } from '../aws-errors.ts'
import { concurrently } from '../concurrently.ts'
import { decodeDocument } from './document.ts'
import { allItems, callOptions, ifThere, type Source } from './source.ts'

/**
 * The version of a managed policy that is in force; undefined where the policy is gone. Somebody may put
 * another one in force, and delete the first, between two of our calls: then it is looked up again.
 * @param listedVersion the version a list named, which saves looking it up
 */
export const readVersionInForce = async (
  source: Source,
  arn: string,
  listedVersion?: string,
): Promise<PolicyVersion | undefined> => {
  let id = listedVersion ?? (await lookUpVersionInForce(source, arn))
  for (let lookUps = 0; id !== undefined && lookUps < 2; lookUps++) {
    const version = await readVersion(source, arn, id)
    if (version?.inForce) return { id, document: version.document }
    id = await lookUpVersionInForce(source, arn)
  }
  if (id === undefined) return undefined
  throw new Transient(`reading policy ${arn}: its version in force changed while it was read; read it again`)
}

const lookUpVersionInForce = (source: Source, arn: string): Promise<string | undefined> =>
  ifThere(`reading policy ${arn}`, async () => {
    const { Policy: policy } = await source.client.send(
      new GetPolicyCommand({ PolicyArn: arn }),
      callOptions(source),
    )
    return requiredMember(requiredMember(policy, 'policy').DefaultVersionId, 'version in force of the policy')
  })

/** The versions of a managed policy other than the one in force. */
export const readVersionsNotInForce = async (
  source: Source,
  arn: string,
  concurrency: number,
): Promise<PolicyVersion[]> => {
  const versions = await ifThere(`listing the versions of policy ${arn}`, () =>
    allItems(
      paginateListPolicyVersions({ client: source.client }, { PolicyArn: arn }, callOptions(source)),
      (page) => page.Versions,
    ),
  )
  const ids = (versions ?? []).flatMap(({ VersionId: id, IsDefaultVersion: inForce }) =>
    id === undefined || inForce ? [] : [id],
  )
  const read = await concurrently(ids, concurrency, (id) => readVersion(source, arn, id))
  return read.flatMap((version) => (version ? [{ id: version.id, document: version.document }] : []))
}

/** Every attached policy's version in force, by ARN; undefined where they cannot be listed: it only saves calls. */
export const listVersionsInForce = async (source: Source): Promise<Map<string, string> | undefined> => {
  try {
    const policies = await allItems(
      paginateListPolicies(
        { client: source.client, pageSize: 1000 },
        { OnlyAttached: true },
        callOptions(source),
      ),
      (page) => page.Policies,
    )
    return new Map(policies.map(({ Arn: arn = '', DefaultVersionId: id = '' }) => [arn, id]))
  } catch {
    source.signal?.throwIfAborted()
    return undefined
  }
}

/**
 * Whom a policy is attached to besides a role, as a person names them (`role other`, `user ops`), boundaries
 * included; undefined where they cannot be listed: it only explains.
 */
export const listOthersWith = async (
  source: Source,
  arn: string,
  role: string,
): Promise<string[] | undefined> => {
  try {
    const entities = await allItems(
      paginateListEntitiesForPolicy({ client: source.client }, { PolicyArn: arn }, callOptions(source)),
      (page) => [
        ...(page.PolicyRoles ?? []).map(({ RoleName: name }) => `role ${name}`),
        ...(page.PolicyUsers ?? []).map(({ UserName: name }) => `user ${name}`),
        ...(page.PolicyGroups ?? []).map(({ GroupName: name }) => `group ${name}`),
      ],
    )
    return [...new Set(entities)].filter((entity) => entity !== `role ${role}`)
  } catch {
    source.signal?.throwIfAborted()
    return undefined
  }
}

const readVersion = (
  source: Source,
  arn: string,
  id: string,
): Promise<(PolicyVersion & { inForce: boolean }) | undefined> =>
  ifThere(`reading version ${id} of policy ${arn}`, async () => {
    const { PolicyVersion: version } = await source.client.send(
      new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: id }),
      callOptions(source),
    )
    return {
      id,
      document: decodeDocument(requiredMember(version?.Document, 'document of the version')),
      inForce: requiredMember(version?.IsDefaultVersion, 'word on whether the version is in force'),
    }
  })
