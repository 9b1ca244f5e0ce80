import { randomUUID } from 'node:crypto'
import type {
  Addon as AddonAnswer,
  AddonInfo,
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
import type { Account } from '../account/account.ts'
import type { Addon } from '../account/clusters.ts'
import { type Operations, operation } from '../operation.ts'
import { activeClusterNamed, clusterNamed, eksPage, inUse, invalidParameter, notFound } from './support.ts'

/** The add-ons and versions on offer, newest first. */
const catalogue: Readonly<Record<string, { type: string; versions: readonly string[] }>> = {
  'eks-pod-identity-agent': {
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
    `arn:aws:eks:${account.region}:${account.accountId}:addon/${clusterName}/${addonName}/*`
  const subject = (input: { clusterName: string; addonName: string }): string =>
    `${input.clusterName}/${input.addonName}`

  return {
    CreateAddon: operation<CreateAddonRequest, CreateAddonResponse>({
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      subject,
      handle: (input) => {
        const cluster = activeClusterNamed(account, input.clusterName)
        const version = chooseVersion(input.addonName, input.addonVersion, cluster.version)
        if (cluster.addons.has(input.addonName))
          throw inUse('Addon already exists.', { clusterName: cluster.name, addonName: input.addonName })
        const addon = account.addAddon(cluster.name, {
          name: input.addonName,
          status: 'CREATING',
          version,
          tags: input.tags ?? {},
          ...(input.configurationValues === undefined
            ? {}
            : { configurationValues: input.configurationValues }),
        })
        account.addonChanges.announce(addon)
        settleLater(account, addon, 'EKS Addon Creation')
        return { addon: describe(addon) }
      },
    }),
    DescribeAddon: operation<DescribeAddonRequest, DescribeAddonResponse>({
      resource: addonArn,
      subject,
      handle: (input) => ({ addon: describe(addonOf(account, input)) }),
    }),
    ListAddons: operation<ListAddonsRequest, ListAddonsResponse>({
      resource: ({ clusterName }) => account.clusterArn(clusterName),
      subject: ({ clusterName }) => clusterName,
      handle: (input) => {
        const names = [...clusterNamed(account, input.clusterName).addons.keys()].sort()
        const { items, nextToken } = eksPage(names, input)
        return { addons: items, nextToken }
      },
    }),
    UpdateAddon: operation<UpdateAddonRequest, UpdateAddonResponse>({
      resource: addonArn,
      subject,
      handle: (input) => {
        const addon = addonOf(account, input)
        const cluster = activeClusterNamed(account, input.clusterName)
        if (input.addonVersion) addon.version = chooseVersion(addon.name, input.addonVersion, cluster.version)
        if (input.configurationValues !== undefined) addon.configurationValues = input.configurationValues
        Object.assign(addon, { status: 'UPDATING', modifiedAt: account.now() })
        account.addonChanges.announce(addon)
        settleLater(account, addon, 'EKS Addon Update')
        const update = { id: randomUUID(), status: 'InProgress', type: 'AddonUpdate' } as const
        return { update: { ...update, params: [], createdAt: account.now(), errors: [] } }
      },
    }),
    DeleteAddon: operation<DeleteAddonRequest, DeleteAddonResponse>({
      resource: addonArn,
      subject,
      handle: (input) => {
        const addon = addonOf(account, input)
        addon.status = 'DELETING'
        account.clock.after(account.behaviour.addonChangeMs, () => {
          account.clusters.get(addon.clusterName)?.addons.delete(addon.name)
          account.addonChanges.announce(addon)
        })
        return { addon: describe(addon) }
      },
    }),
    DescribeAddonVersions: operation<DescribeAddonVersionsRequest, DescribeAddonVersionsResponse>({
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
    throw notFound(`No addon: ${addonName} found in cluster: ${clusterName}`, { clusterName, addonName })
  return addon
}

const settleLater = (account: Account, addon: Addon, event: string): void => {
  account.clock.after(account.behaviour.addonChangeMs, () => {
    if (addon.status !== 'CREATING' && addon.status !== 'UPDATING') return
    const outcome = account.behaviour.addonOutcome(addon.clusterName, addon.name)
    const status = outcome.status ?? 'ACTIVE'
    Object.assign(addon, outcome, { status, modifiedAt: account.now() })
    account.addonChanges.announce(addon)
    account.serviceEvents.announce({
      source: 'aws.eks',
      detailType: `${event} ${status === 'ACTIVE' ? 'Succeeded' : 'Failed'}`,
      resources: [addon.arn],
      detail: {
        clusterName: addon.clusterName,
        addonName: addon.name,
        addonVersion: addon.version,
        addonStatus: status,
      },
    })
  })
}

const describe = (addon: Addon): AddonAnswer => ({
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
