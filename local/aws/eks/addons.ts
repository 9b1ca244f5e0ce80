import { randomUUID } from 'node:crypto'
import type {
  Addon as AddonAnswer,
  AddonInfo,
  AddonPodIdentityAssociations,
  CreateAddonRequest,
  CreateAddonResponse,
  DeleteAddonRequest,
  DeleteAddonResponse,
  DescribeAddonRequest,
  DescribeAddonResponse,
  DescribeAddonVersionsRequest,
  DescribeAddonVersionsResponse,
  ListAddonsRequest,
  ListAddonsResponse,
  UpdateAddonRequest,
  UpdateAddonResponse,
} from '@aws-sdk/client-eks'
import { agentAddon } from '../../../core/agent.ts'
import { podIdentityService } from '../../../core/names.ts'
import type { Account } from '../account/account.ts'
import type { Association } from '../account/associations.ts'
import type { Addon } from '../account/clusters.ts'
import { type Caller, type Operations, operation, type Received } from '../operation.ts'
import { requireUsableRole } from './associations.ts'
import {
  activeClusterNamed,
  ClientTokens,
  clusterNamed,
  eksPage,
  invalidParameter,
  passRole,
  requestTagContext,
  requireTagging,
  resourceInUse,
  resourceNotFound,
} from './support.ts'

/** Where the service accounts of the add-ons on offer live. */
const ADDON_NAMESPACE = 'kube-system'

/** The add-ons and versions on offer, newest first. */
const catalogue: Readonly<Record<string, { type: string; versions: readonly string[] }>> = {
  [agentAddon]: {
    type: 'security',
    versions: ['v1.3.10-eksbuild.2', 'v1.3.8-eksbuild.2', 'v1.3.4-eksbuild.1'],
  },
  'vpc-cni': { type: 'networking', versions: ['v1.20.4-eksbuild.2'] },
  coredns: { type: 'networking', versions: ['v1.12.1-eksbuild.2'] },
  'kube-proxy': { type: 'networking', versions: ['v1.33.3-eksbuild.4'] },
}

/** Add-ons: create, describe, list, update, delete, and the versions on offer. */
export const addonOperations = (account: Account): Operations => {
  const addonArn = ({ clusterName, addonName }: { clusterName: string; addonName: string }): string =>
    account.clusters.get(clusterName)?.addons.get(addonName)?.arn ??
    `arn:${account.partition}:eks:${account.region}:${account.accountId}:addon/${clusterName}/${addonName}/*`
  const subject = (input: { clusterName: string; addonName: string }): string =>
    `${input.clusterName}/${input.addonName}`

  const tokens = new ClientTokens()
  return {
    CreateAddon: operation<CreateAddonRequest, CreateAddonResponse>()({
      reads: [
        'clusterName',
        'addonName',
        'addonVersion',
        'serviceAccountRoleArn',
        'resolveConflicts',
        'clientRequestToken',
        'tags',
        'configurationValues',
        'podIdentityAssociations',
      ],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      context: requestTagContext,
      subject,
      handle: (input, caller) => {
        const earlier =
          tokens.earlier(input) && account.clusters.get(input.clusterName)?.addons.get(input.addonName)
        if (earlier) return { addon: describe(account, earlier) }
        requireTagging(caller, addonArn(input), input.tags)
        const addon = create(account, input, caller)
        tokens.remember(input, addon.arn)
        account.addonChanges.announce(addon)
        settleLater(account, addon, 'Creation')
        return { addon: describe(account, addon) }
      },
    }),
    DescribeAddon: operation<DescribeAddonRequest, DescribeAddonResponse>()({
      reads: ['clusterName', 'addonName'],
      resource: addonArn,
      subject,
      handle: (input) => ({ addon: describe(account, addonOf(account, input)) }),
    }),
    ListAddons: operation<ListAddonsRequest, ListAddonsResponse>()({
      reads: ['clusterName', 'maxResults', 'nextToken'],
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      subject: ({ clusterName }) => clusterName,
      handle: (input) => {
        const names = [...clusterNamed(account, input.clusterName).addons.keys()].sort()
        const { items, nextToken } = eksPage(names, input)
        return { addons: items, nextToken }
      },
    }),
    UpdateAddon: operation<UpdateAddonRequest, UpdateAddonResponse>()({
      reads: [
        'clusterName',
        'addonName',
        'addonVersion',
        'serviceAccountRoleArn',
        'resolveConflicts',
        'clientRequestToken',
        'configurationValues',
        'podIdentityAssociations',
      ],
      resource: addonArn,
      subject,
      handle: (input, caller) => {
        const addon = addonOf(account, input)
        const cluster = activeClusterNamed(account, input.clusterName)
        if (input.addonVersion) addon.version = chooseVersion(addon.name, input.addonVersion, cluster.version)
        if (input.configurationValues !== undefined) addon.configurationValues = input.configurationValues
        if (input.podIdentityAssociations)
          replaceAssociations(account, addon, input.podIdentityAssociations, caller)
        if (input.serviceAccountRoleArn !== undefined)
          addon.serviceAccountRoleArn = input.serviceAccountRoleArn
        Object.assign(addon, { status: 'UPDATING', modifiedAt: account.now() })
        account.addonChanges.announce(addon)
        settleLater(account, addon, 'Update')
        const update = { id: randomUUID(), status: 'InProgress', type: 'AddonUpdate' } as const
        return { update: { ...update, params: [], createdAt: account.now(), errors: [] } }
      },
    }),
    DeleteAddon: operation<DeleteAddonRequest, DeleteAddonResponse>()({
      reads: ['clusterName', 'addonName'],
      resource: addonArn,
      subject,
      handle: (input) => {
        const addon = addonOf(account, input)
        addon.status = 'DELETING'
        account.clock.after(account.behaviour.addonChangeMs, () => {
          for (const { id } of ownedBy(account, addon)) account.associations.delete(id)
          account.clusters.get(addon.clusterName)?.addons.delete(addon.name)
          account.addonChanges.announce(addon)
          announceOutcome(account, addon, 'Deletion Succeeded')
        })
        return { addon: describe(account, addon) }
      },
    }),
    DescribeAddonVersions: operation<DescribeAddonVersionsRequest, DescribeAddonVersionsResponse>()({
      reads: ['kubernetesVersion', 'maxResults', 'nextToken', 'addonName'],
      resource: () => '*',
      subject: ({ addonName }) => addonName ?? '',
      handle: (input) => {
        const names = Object.keys(catalogue).filter((name) => !input.addonName || name === input.addonName)
        const { items, nextToken } = eksPage(names, input)
        return { addons: items.map((name) => offer(name, input.kubernetesVersion)), nextToken }
      },
    }),
  }
}

const create = (account: Account, input: Received<CreateAddonRequest>, caller: Caller): Addon => {
  const cluster = activeClusterNamed(account, input.clusterName)
  const version = chooseVersion(input.addonName, input.addonVersion, cluster.version)
  if (cluster.addons.has(input.addonName))
    throw resourceInUse('Addon already exists.', { clusterName: cluster.name, addonName: input.addonName })
  const associations = input.podIdentityAssociations ?? []
  requireRoles(account, associations, caller)
  const addon = account.addAddon(cluster.name, {
    name: input.addonName,
    status: 'CREATING',
    version,
    tags: input.tags ?? {},
    ...(input.configurationValues === undefined ? {} : { configurationValues: input.configurationValues }),
    ...(input.serviceAccountRoleArn === undefined
      ? {}
      : { serviceAccountRoleArn: input.serviceAccountRoleArn }),
  })
  for (const { serviceAccount = '', roleArn = '' } of associations)
    account.addAssociation({
      clusterName: cluster.name,
      namespace: ADDON_NAMESPACE,
      serviceAccount,
      roleArn,
      ownerArn: addon.arn,
    })
  return addon
}

/**
 * Those that are named are the add-on's associations from now on; the others are deleted.
 * https://docs.aws.amazon.com/eks/latest/userguide/update-addon-role.html
 */
const replaceAssociations = (
  account: Account,
  addon: Addon,
  named: readonly AddonPodIdentityAssociations[],
  caller: Caller,
): void => {
  requireRoles(account, named, caller)
  const owned = ownedBy(account, addon)
  for (const { id, serviceAccount } of owned)
    if (!named.some((one) => one.serviceAccount === serviceAccount)) account.associations.delete(id)
  for (const { serviceAccount = '', roleArn = '' } of named) {
    const existing = owned.find((one) => one.serviceAccount === serviceAccount)
    if (existing) account.associations.put({ ...existing, roleArn, modifiedAt: account.now() })
    else
      account.addAssociation({
        clusterName: addon.clusterName,
        namespace: owned[0]?.namespace ?? ADDON_NAMESPACE,
        serviceAccount,
        roleArn,
        ownerArn: addon.arn,
      })
  }
}

/** The caller may pass each role on to Pod Identity, and the role is one that it can use. */
const requireRoles = (
  account: Account,
  named: readonly AddonPodIdentityAssociations[],
  caller: Caller,
): void => {
  for (const { roleArn = '' } of named) {
    caller.require(passRole(roleArn, podIdentityService))
    requireUsableRole(account, roleArn, false)
  }
}

const ownedBy = (account: Account, { clusterName, arn }: Addon): Association[] =>
  account.associations.list(clusterName).filter(({ ownerArn }) => ownerArn === arn)

const chooseVersion = (addonName: string, wanted: string | undefined, clusterVersion: string): string => {
  const versions = catalogue[addonName]?.versions
  if (!versions)
    throw invalidParameter(
      `Addon ${addonName} specified is not supported in ${clusterVersion} kubernetes version`,
      {
        addonName,
      },
    )
  const version = wanted ?? versions[0]
  if (!version || !versions.includes(version))
    throw invalidParameter('Addon version specified is not supported', { addonName })
  return version
}

const addonOf = (account: Account, input: { clusterName: string; addonName: string }): Addon => {
  const { clusterName, addonName } = input
  const addon = clusterNamed(account, clusterName).addons.get(addonName)
  if (!addon)
    throw resourceNotFound(`No addon: ${addonName} found in cluster: ${clusterName}`, {
      clusterName,
      addonName,
    })
  return addon
}

const settleLater = (account: Account, addon: Addon, change: 'Creation' | 'Update'): void => {
  account.clock.after(account.behaviour.addonChangeMs, () => {
    if (addon.status !== 'CREATING' && addon.status !== 'UPDATING') return
    const outcome = account.behaviour.addonOutcome(addon.clusterName, addon.name)
    const status = outcome.status ?? 'ACTIVE'
    Object.assign(addon, outcome, { status, modifiedAt: account.now() })
    account.addonChanges.announce(addon)
    announceOutcome(account, addon, `${change} ${status === 'ACTIVE' ? 'Succeeded' : 'Failed'}`)
  })
}

// AWS documents the names of these events only; what their detail holds is a guess.
const announceOutcome = (account: Account, addon: Addon, outcome: string): void =>
  account.serviceEvents.announce({
    source: 'aws.eks',
    detailType: `EKS Addon ${outcome}`,
    resources: [addon.arn],
    detail: {
      clusterName: addon.clusterName,
      addonName: addon.name,
      addonVersion: addon.version,
      status: addon.status,
    },
  })

const describe = (account: Account, addon: Addon): AddonAnswer => ({
  addonName: addon.name,
  clusterName: addon.clusterName,
  status: addon.status,
  addonVersion: addon.version,
  health: { issues: addon.issues },
  addonArn: addon.arn,
  createdAt: addon.createdAt,
  modifiedAt: addon.modifiedAt,
  serviceAccountRoleArn: addon.serviceAccountRoleArn,
  tags: addon.tags,
  configurationValues: addon.configurationValues,
  podIdentityAssociations: ownedBy(account, addon).map(({ arn }) => arn),
})

const offer = (name: string, clusterVersion = '1.33'): AddonInfo => {
  const { type, versions } = catalogue[name] ?? { type: '', versions: [] }
  return {
    addonName: name,
    type,
    publisher: 'eks',
    owner: 'aws',
    addonVersions: versions.map((addonVersion, index) => ({
      addonVersion,
      architecture: ['amd64', 'arm64'],
      compatibilities: [{ clusterVersion, platformVersions: ['*'], defaultVersion: index === 0 }],
    })),
  }
}
