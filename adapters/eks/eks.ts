import {
  CreateAccessEntryCommand,
  CreateAddonCommand,
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAccessEntryCommand,
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribePodIdentityAssociationCommand,
  type PodIdentityAssociation,
  paginateListPodIdentityAssociations,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePodIdentityAssociationCommand,
} from '@aws-sdk/client-eks'
import { type AgentAddon, agentAddon } from '../../core/agent.ts'
import { type Association, type AssociationRequest, runTag } from '../../core/association.ts'
import type { AccessEntry, Cluster } from '../../core/cluster.ts'
import { Conflict, NotShown, PreflightFailed, Refused, Transient } from '../../core/errors.ts'
import type { AssociationBefore } from '../../core/request.ts'
import { isNamed, requiredMember, restateAwsError } from '../aws-errors.ts'
import { together } from '../concurrently.ts'
import { digest } from '../digest.ts'
import type { Runtime } from '../runtime.ts'
import { eksClient } from './client.ts'
import { clusterFrom } from './cluster.ts'

/** Names one association by the only key EKS has for it: a cluster's service account. */
export type AssociationKey = Pick<AssociationRequest, 'cluster' | 'namespace' | 'serviceAccount'>

/** EKS in one region, in the project's words. Every failure comes in the names of `core/errors.ts`. */
export type Eks = ReturnType<typeof eks>

/** @param region where the cluster is */
export const eks = (runtime: Runtime, region: string) => {
  const sdk = eksClient(runtime, region)
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}

  /** The cluster, or undefined where there is none of that name. */
  const describeCluster = (name: string): Promise<Cluster | undefined> =>
    attempt(`describing cluster ${name}`, async () => {
      const answer = await sdk.send(new DescribeClusterCommand({ name }), options)
      return clusterFrom(name, answer.cluster)
    })

  /** The agent's add-on, or undefined where it is not installed as one. */
  const describeAgentAddon = (clusterName: string): Promise<AgentAddon | undefined> =>
    attempt(`describing the add-on ${agentAddon} of ${clusterName}`, async () => {
      const answer = await sdk.send(new DescribeAddonCommand({ clusterName, addonName: agentAddon }), options)
      const addon = requiredMember(answer.addon, 'add-on')
      return {
        status: requiredMember(addon.status, 'status of the add-on'),
        version: addon.addonVersion ?? 'of unknown version',
        issues: (addon.health?.issues ?? []).map((issue) => ({
          code: issue.code ?? 'Unknown',
          message: issue.message ?? '',
        })),
        ...(addon.tags?.[runTag] ? { run: addon.tags[runTag] } : {}),
      }
    })

  /** Installs the agent's add-on, in EKS's default version unless another is given; a second call changes nothing. */
  const createAgentAddon = async (
    clusterName: string,
    run: string,
    wanted: { version?: string | undefined; configuration?: object | undefined } = {},
  ): Promise<void> => {
    const installed = await attempt(`installing the add-on ${agentAddon} on ${clusterName}`, async () => {
      const { addon } = await sdk.send(
        new CreateAddonCommand({
          clusterName,
          addonName: agentAddon,
          ...(wanted.version && { addonVersion: wanted.version }),
          ...(wanted.configuration && { configurationValues: JSON.stringify(wanted.configuration) }),
          clientRequestToken: run,
          tags: { [runTag]: run },
        }),
        options,
      )
      return requiredMember(addon, 'add-on')
    })
    if (!installed) throw noCluster(clusterName)
  }

  /** The association of a service account, or undefined. List does not return roles, so the association found is described. */
  const findAssociation = async (key: AssociationKey): Promise<Association | undefined> => {
    const { cluster: clusterName, namespace, serviceAccount } = key
    const listed = await attempt(`listing the associations of ${namespace}/${serviceAccount}`, async () => {
      const wanted = { clusterName, namespace, serviceAccount }
      // A page of a list that is filtered may be empty, and not the last one.
      for await (const page of paginateListPodIdentityAssociations({ client: sdk }, wanted, options)) {
        const [first] = requiredMember(page.associations, 'list of associations')
        if (first)
          return [
            { id: requiredMember(first.associationId, 'id of the association'), ownerArn: first.ownerArn },
          ]
      }
      return []
    })
    // A list without associations is empty: "not found" is said of the cluster.
    if (!listed) throw noCluster(clusterName)
    const [first] = listed
    if (!first) return undefined
    const { id, ownerArn } = first
    const [association, siblings] = await together([
      describeAssociation(clusterName, id),
      ownerArn ? associationsOfAddon(clusterName, ownerArn) : [],
    ])
    if (!association)
      throw new Conflict(
        `describing the association ${id}: it is on the list of ${namespace}/${serviceAccount} and is not found; it is being made or deleted`,
      )
    return {
      ...association,
      ...(association.owner && {
        siblings: siblings.filter((other) => other.serviceAccount !== serviceAccount),
      }),
    }
  }

  /** All associations that an add-on manages: an update of the add-on replaces them together. */
  const associationsOfAddon = async (clusterName: string, owner: string) => {
    const owned = await attempt(`listing the associations of ${owner}`, async () => {
      const found: { id: string; serviceAccount: string }[] = []
      const pages = paginateListPodIdentityAssociations({ client: sdk }, { clusterName }, options)
      for await (const page of pages)
        for (const { associationId: id, ownerArn, serviceAccount } of requiredMember(
          page.associations,
          'list of associations',
        ))
          if (id && serviceAccount && ownerArn === owner) found.push({ id, serviceAccount })
      return found
    })
    const described = await together(
      (owned ?? []).map(async ({ id, serviceAccount }) => {
        const role = (await describeAssociation(clusterName, id))?.role
        return role === undefined ? [] : [{ serviceAccount, role }]
      }),
    )
    return described.flat()
  }

  const noCluster = (name: string): PreflightFailed =>
    new PreflightFailed(`there is no cluster ${name} in ${region} any more`)

  /** One association by its id, or undefined where it is gone. */
  const describeAssociation = (clusterName: string, associationId: string) =>
    attempt(`describing the association ${associationId}`, async () => {
      const { association } = await sdk.send(
        new DescribePodIdentityAssociationCommand({ clusterName, associationId }),
        options,
      )
      return fromSdk(association)
    })

  /** Creates the association; the run's name makes a repeated request the same request. */
  const createAssociation = async (wanted: AssociationRequest, run: string): Promise<Association> => {
    const created = await attempt(
      `creating the association of ${wanted.namespace}/${wanted.serviceAccount}`,
      async () => {
        const { association } = await sdk.send(
          new CreatePodIdentityAssociationCommand({
            clusterName: wanted.cluster,
            namespace: wanted.namespace,
            serviceAccount: wanted.serviceAccount,
            roleArn: wanted.role,
            ...(wanted.targetRole ? { targetRoleArn: wanted.targetRole } : {}),
            ...(wanted.sessionTags ? {} : { disableSessionTags: true }),
            ...(wanted.sessionPolicy ? { policy: wanted.sessionPolicy } : {}),
            clientRequestToken: run,
            tags: { [runTag]: run },
          }),
          options,
        )
        return fromSdk(association)
      },
    )
    if (!created) throw noCluster(wanted.cluster)
    return created
  }

  /** Marks an association as a run's, or as nobody's where `run` is null. */
  const markAssociation = async ({ id, arn }: Pick<Association, 'id' | 'arn'>, run: string | null) => {
    const marked = await attempt(`marking the association ${id}`, async () => {
      const command =
        run === null
          ? new UntagResourceCommand({ resourceArn: arn, tagKeys: [runTag] })
          : new TagResourceCommand({ resourceArn: arn, tags: { [runTag]: run } })
      await sdk.send(command as TagResourceCommand, options)
      return true
    })
    if (!marked) throw new Conflict(`the association ${id} was deleted meanwhile`)
  }

  /**
   * Points an association to another role (or back to the one it had).
   * @param token makes a repeated request the same request
   */
  const repointAssociation = async (
    clusterName: string,
    to: Omit<AssociationBefore, 'run'>,
    token: string,
  ): Promise<Association> => {
    const updated = await attempt(`pointing the association ${to.id} to ${to.roleArn}`, async () => {
      const { association } = await sdk.send(
        new UpdatePodIdentityAssociationCommand({
          clusterName,
          associationId: to.id,
          roleArn: to.roleArn,
          ...(to.targetRoleArn ? { targetRoleArn: to.targetRoleArn } : {}),
          disableSessionTags: to.disableSessionTags,
          policy: to.policy ?? undefined,
          clientRequestToken: token,
        }),
        options,
      )
      return fromSdk(association)
    })
    if (!updated) throw new Conflict(`the association ${to.id} was deleted meanwhile`)
    if (updated.targetRole && !to.targetRoleArn)
      throw new Refused(
        `the association ${to.id} keeps its target role ${updated.targetRole}, which an update cannot take away: delete it, and create it anew with the role ${to.roleArn}`,
      )
    return updated
  }

  /** Deletes an association; one that is gone already is as good as deleted. */
  const deleteAssociation = async (clusterName: string, associationId: string): Promise<void> => {
    await attempt(`deleting the association ${associationId}`, async () => {
      const { association } = await sdk.send(
        new DeletePodIdentityAssociationCommand({ clusterName, associationId }),
        options,
      )
      return requiredMember(association, 'association')
    })
  }

  /**
   * Lets a principal into the cluster as a member of groups there, and marks the entry as the run's. False where
   * the cluster knows the principal already, by no entry of this run.
   */
  const createAccessEntry = async (
    clusterName: string,
    { principalArn, kubernetesGroups }: AccessEntry,
    run: string,
  ): Promise<boolean> => {
    const doing = `creating the access entry of ${principalArn} on ${clusterName}`
    const entry = {
      clusterName,
      principalArn,
      kubernetesGroups,
      // A token belongs to one request, and a run makes several entries.
      clientRequestToken: `${run}-${digest(principalArn, 16)}`,
      tags: { [runTag]: run },
    }
    try {
      const { accessEntry } = await sdk.send(new CreateAccessEntryCommand(entry), options)
      requiredMember(accessEntry, 'access entry')
      return true
    } catch (error) {
      if (!isNamed(error, 'ResourceInUseException')) throw restateAwsError(error, doing)
      // It may be this run's own, from an attempt whose answer was lost.
      const there = await describeAccessEntry(clusterName, principalArn)
      if (!there) throw new NotShown(`${doing}: EKS answers that there is one, and does not show it yet`)
      return there.run === run
    }
  }

  /** A principal's access entry, and the run that made it, where one did; undefined where there is none. */
  const describeAccessEntry = (
    clusterName: string,
    principalArn: string,
  ): Promise<(AccessEntry & { run: string | undefined }) | undefined> =>
    attempt(`describing the access entry of ${principalArn} on ${clusterName}`, async () => {
      const { accessEntry } = await sdk.send(
        new DescribeAccessEntryCommand({ clusterName, principalArn }),
        options,
      )
      const { kubernetesGroups = [], tags } = requiredMember(accessEntry, 'access entry')
      return { principalArn, kubernetesGroups, run: tags?.[runTag] }
    })

  /** The run that made a principal's access entry, by its tag; undefined where no run did, or there is none. */
  const runOfAccessEntry = async (clusterName: string, principalArn: string): Promise<string | undefined> =>
    (await describeAccessEntry(clusterName, principalArn))?.run

  return {
    describeCluster,
    createAccessEntry,
    runOfAccessEntry,
    describeAgentAddon,
    createAgentAddon,
    findAssociation,
    describeAssociation,
    createAssociation,
    markAssociation,
    describeAccessEntry,
    repointAssociation,
    deleteAssociation,
  }
}

/** Runs one call: "not found" is undefined, everything else comes in the taxonomy's names. */
const attempt = async <Answer>(
  doing: string,
  call: () => Promise<Answer | undefined>,
): Promise<Answer | undefined> => {
  try {
    return await call()
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined
    // A role that was created a moment ago reaches EKS a little later.
    if (isNamed(error, 'InvalidParameterException') && error.message.includes('does not exist')) {
      throw new Transient(`${doing}: ${error.message}`, { cause: error })
    }
    throw restateAwsError(error, doing)
  }
}

const fromSdk = (answered: PodIdentityAssociation | undefined): Association => {
  const found = requiredMember(answered, 'association')
  return {
    id: requiredMember(found.associationId, 'id of the association'),
    arn: found.associationArn ?? '',
    role: requiredMember(found.roleArn, 'role of the association'),
    ...(found.targetRoleArn ? { targetRole: found.targetRoleArn } : {}),
    sessionTags: !found.disableSessionTags,
    ...(found.policy ? { policy: found.policy } : {}),
    ...(found.ownerArn ? { owner: found.ownerArn } : {}),
    createdAt: found.createdAt?.toISOString() ?? '',
    modifiedAt: found.modifiedAt?.toISOString() ?? '',
    tags: found.tags ?? {},
  }
}
