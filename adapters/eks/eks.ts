import {
  CreateAccessEntryCommand,
  CreateAddonCommand,
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  DescribeAddonCommand,
  DescribeClusterCommand,
  DescribePodIdentityAssociationCommand,
  EKSClient,
  ListPodIdentityAssociationsCommand,
  type PodIdentityAssociation,
  paginateListPodIdentityAssociations,
  UpdatePodIdentityAssociationCommand,
} from '@aws-sdk/client-eks'
import { type AgentAddon, agentAddon } from '../../core/agent.ts'
import { type Association, type AssociationRequest, runTag } from '../../core/association.ts'
import type { AccessEntry, Cluster } from '../../core/cluster.ts'
import { Conflict, PreflightFailed, Refused, Transient } from '../../core/errors.ts'
import type { AssociationBefore } from '../../core/request.ts'
import { restateAwsError } from '../aws-errors.ts'
import { perRuntime } from '../per-runtime.ts'

/** Names one association by the only key EKS has for it: a cluster's service account. */
export type AssociationKey = Pick<AssociationRequest, 'cluster' | 'namespace' | 'serviceAccount'>

const client = perRuntime((runtime, region) => new EKSClient({ ...runtime.aws, region }))

/** EKS in one region, in the project's words. Every failure comes in the names of `core/errors.ts`. */
export type Eks = ReturnType<typeof eks>

/** @param region where the cluster is */
export const eks = (runtime: Parameters<typeof client>[0], region: string) => {
  const sdk = client(runtime, region)
  const options = runtime.signal ? { abortSignal: runtime.signal } : {}

  /** The cluster, or undefined where there is none of that name. */
  const describeCluster = (name: string): Promise<Cluster | undefined> =>
    attempt(`describing cluster ${name}`, async () => {
      const { cluster } = await sdk.send(new DescribeClusterCommand({ name }), options)
      if (!cluster) return undefined
      return {
        name,
        arn: cluster.arn ?? '',
        status: cluster.status ?? 'UNKNOWN',
        version: cluster.version ?? '',
        ...(cluster.endpoint ? { endpoint: cluster.endpoint } : {}),
        ...(cluster.certificateAuthority?.data
          ? { certificateAuthority: cluster.certificateAuthority.data }
          : {}),
        autoMode: cluster.computeConfig?.enabled ?? false,
        ...(cluster.createdAt ? { createdAt: cluster.createdAt.toISOString() } : {}),
      }
    })

  /** The agent's add-on, or undefined where it is not installed as one. */
  const describeAgentAddon = (clusterName: string): Promise<AgentAddon | undefined> =>
    attempt(`describing the add-on ${agentAddon} of ${clusterName}`, async () => {
      const { addon } = await sdk.send(
        new DescribeAddonCommand({ clusterName, addonName: agentAddon }),
        options,
      )
      if (!addon) return undefined
      return {
        status: addon.status ?? 'UNKNOWN',
        version: addon.addonVersion ?? 'of unknown version',
        issues: (addon.health?.issues ?? []).map((issue) => ({
          code: issue.code ?? 'Unknown',
          message: issue.message ?? '',
        })),
      }
    })

  /** Installs the agent's add-on in EKS's default version; a second call changes nothing. */
  const createAgentAddon = async (clusterName: string, run: string): Promise<void> => {
    await attempt(`installing the add-on ${agentAddon} on ${clusterName}`, async () => {
      await sdk.send(
        new CreateAddonCommand({
          clusterName,
          addonName: agentAddon,
          clientRequestToken: run,
          tags: { [runTag]: run },
        }),
        options,
      )
      return undefined
    })
  }

  /** The association of a service account, or undefined. List does not return roles, so the association found is described. */
  const findAssociation = async (key: AssociationKey): Promise<Association | undefined> => {
    const { cluster: clusterName, namespace, serviceAccount } = key
    const found = await attempt(`listing the associations of ${namespace}/${serviceAccount}`, async () => {
      const page = await sdk.send(
        new ListPodIdentityAssociationsCommand({ clusterName, namespace, serviceAccount }),
        options,
      )
      return page.associations?.[0]
    })
    if (!found?.associationId) return undefined
    const [association, siblings] = await Promise.all([
      describeAssociation(clusterName, found.associationId),
      found.ownerArn ? associationsOfAddon(clusterName, found.ownerArn) : [],
    ])
    return (
      association && {
        ...association,
        ...(association.owner && {
          siblings: siblings.filter((other) => other.serviceAccount !== serviceAccount),
        }),
      }
    )
  }

  /** All associations that an add-on manages: an update of the add-on replaces them together. */
  const associationsOfAddon = async (clusterName: string, owner: string) => {
    const owned = await attempt(`listing the associations of ${owner}`, async () => {
      const found: { id: string; serviceAccount: string }[] = []
      const pages = paginateListPodIdentityAssociations({ client: sdk }, { clusterName }, options)
      for await (const { associations = [] } of pages)
        for (const { associationId: id, ownerArn, serviceAccount } of associations)
          if (id && serviceAccount && ownerArn === owner) found.push({ id, serviceAccount })
      return found
    })
    const described = await Promise.all(
      (owned ?? []).map(async ({ id, serviceAccount }) => {
        const role = (await describeAssociation(clusterName, id))?.role
        return role === undefined ? [] : [{ serviceAccount, role }]
      }),
    )
    return described.flat()
  }

  /** One association by its id, or undefined where it is gone. */
  const describeAssociation = (clusterName: string, associationId: string) =>
    attempt(`describing the association ${associationId}`, async () => {
      const { association } = await sdk.send(
        new DescribePodIdentityAssociationCommand({ clusterName, associationId }),
        options,
      )
      return association && fromSdk(association)
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
            clientRequestToken: run,
            tags: { [runTag]: run },
          }),
          options,
        )
        return association && fromSdk(association)
      },
    )
    if (!created) throw new PreflightFailed(`there is no cluster ${wanted.cluster} in ${region} any more`)
    return created
  }

  /** Points an association to another role (or back to the one it had). */
  const repointAssociation = async (
    clusterName: string,
    to: Pick<AssociationBefore, 'id' | 'roleArn' | 'targetRoleArn' | 'disableSessionTags'>,
  ): Promise<Association> => {
    const updated = await attempt(`pointing the association ${to.id} to ${to.roleArn}`, async () => {
      const { association } = await sdk.send(
        new UpdatePodIdentityAssociationCommand({
          clusterName,
          associationId: to.id,
          roleArn: to.roleArn,
          ...(to.targetRoleArn ? { targetRoleArn: to.targetRoleArn } : {}),
          disableSessionTags: to.disableSessionTags,
        }),
        options,
      )
      return association && fromSdk(association)
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
      await sdk.send(new DeletePodIdentityAssociationCommand({ clusterName, associationId }), options)
      return undefined
    })
  }

  /** Lets a principal into the cluster as a member of groups there; false where the cluster knows it already. */
  const createAccessEntry = async (
    clusterName: string,
    { principalArn, kubernetesGroups }: AccessEntry,
  ): Promise<boolean> => {
    const doing = `creating the access entry of ${principalArn} on ${clusterName}`
    try {
      await sdk.send(new CreateAccessEntryCommand({ clusterName, principalArn, kubernetesGroups }), options)
      return true
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceInUseException') return false
      throw restateAwsError(error, doing)
    }
  }

  return {
    describeCluster,
    createAccessEntry,
    describeAgentAddon,
    createAgentAddon,
    findAssociation,
    createAssociation,
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
    if (!(error instanceof Error)) throw error
    if (error.name === 'ResourceNotFoundException') return undefined
    // A role that was created a moment ago reaches EKS a little later.
    if (error.name === 'InvalidParameterException' && error.message.includes('does not exist')) {
      throw new Transient(`${doing}: ${error.message}`, { cause: error })
    }
    throw restateAwsError(error, doing)
  }
}

const fromSdk = (found: PodIdentityAssociation): Association => ({
  id: found.associationId ?? '',
  arn: found.associationArn ?? '',
  role: found.roleArn ?? '',
  ...(found.targetRoleArn ? { targetRole: found.targetRoleArn } : {}),
  sessionTags: !found.disableSessionTags,
  ...(found.policy ? { policy: found.policy } : {}),
  ...(found.ownerArn ? { owner: found.ownerArn } : {}),
  createdAt: found.createdAt?.toISOString() ?? '',
  modifiedAt: found.modifiedAt?.toISOString() ?? '',
  tags: found.tags ?? {},
})
