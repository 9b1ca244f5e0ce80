import { randomUUID } from 'node:crypto'
import { partitionOf } from '../../../core/partitions/partitions.ts'
import type { NamedPolicy } from '../../../core/policy/evaluate.ts'
import type { LocalClock } from '../../clock.ts'
import { Announcements } from '../announcements.ts'
import { type Association, Associations } from './associations.ts'
import { carriedPolicies } from './aws-policies.ts'
import {
  type AccessEntry,
  type AccessEntrySeed,
  type Addon,
  type AddonSeed,
  type Cluster,
  type ClusterSeed,
  makeAccessEntry,
  makeAddon,
  makeCluster,
  type Nodegroup,
  type Place,
} from './clusters.ts'
import { EventHistory } from './event-history.ts'
import { associationId } from './ids.ts'
import { AccessKeys, type Principal, type RoleSession } from './principals.ts'
import {
  type IamRole,
  type ManagedPolicy,
  makePolicy,
  type PolicySeed,
  type RoleSeed,
  roleFromSeed,
} from './roles.ts'

/** What a test or scenario says of an association. */
export type AssociationSeed = Pick<Association, 'clusterName' | 'namespace' | 'serviceAccount' | 'roleArn'> &
  Partial<Omit<Association, 'arn' | 'createdAt' | 'modifiedAt'>>

/** An event that a service puts on the account's default bus by itself. */
export interface ServiceEvent {
  source: string
  detailType: string
  resources: string[]
  detail: Record<string, unknown>
}

/** How long EKS takes over things, in milliseconds of the clock, and how they end. */
export interface Behaviour {
  clusterCreationMs: number
  addonChangeMs: number
  /** What a cluster has come to once its creation is over. */
  clusterOutcome(name: string): Partial<Pick<Cluster, 'status' | 'endpoint' | 'certificateAuthority'>>
  /** What an add-on has come to once its creation or update is over. */
  addonOutcome(clusterName: string, addonName: string): Partial<Pick<Addon, 'status' | 'issues'>>
}

const defaultBehaviour: Behaviour = {
  clusterCreationMs: 8 * 60_000,
  addonChangeMs: 20_000,
  clusterOutcome: () => ({}),
  addonOutcome: () => ({}),
}

/**
 * The state of one AWS account in one region. The helpers that add things skip every check that the
 * services make, so that a scenario may also start from what a service would have refused.
 */
export class Account implements Place {
  readonly accountId: string
  readonly region: string
  /** As the ARNs of the region begin: `aws`. */
  readonly partition: string
  readonly clock: LocalClock
  readonly principals: AccessKeys
  readonly roles = new Map<string, IamRole>()
  readonly policies = new Map<string, ManagedPolicy>()
  readonly clusters = new Map<string, Cluster>()
  readonly associations = new Associations()
  /** CloudTrail's event history. */
  readonly history = new EventHistory()
  /** The service control policies of the organization that the account is in; none outside of one. */
  readonly serviceControlPolicies: NamedPolicy[] = []
  /** A cluster was made or changed its status. */
  readonly clusterChanges = new Announcements<Cluster>()
  /** An add-on was made, changed its status or version, or went away (DELETING, no longer listed). */
  readonly addonChanges = new Announcements<Addon>()
  readonly serviceEvents = new Announcements<ServiceEvent>()
  behaviour: Behaviour = defaultBehaviour
  /** Quotas that Service Quotas may raise. */
  readonly quotas = { trustPolicySize: 2048, associationsPerCluster: 5000 }

  constructor({ accountId, region, clock }: Omit<Place, 'partition'> & { clock: LocalClock }) {
    this.accountId = accountId
    this.region = region
    this.partition = partitionOf(region)
    this.clock = clock
    this.principals = new AccessKeys(this, () => this.now())
  }

  now(): Date {
    return new Date(this.clock.now())
  }

  addRole(seed: RoleSeed): IamRole {
    const role = roleFromSeed(seed, this, this.now())
    this.roles.set(role.name, role)
    return role
  }

  addPolicy(seed: PolicySeed): ManagedPolicy {
    const policy = makePolicy(seed, this, this.now())
    this.policies.set(policy.arn, policy)
    return policy
  }

  addCluster(seed: ClusterSeed): Cluster {
    const cluster = makeCluster(seed, this, this.now())
    this.clusters.set(cluster.name, cluster)
    return cluster
  }

  addAddon(clusterName: string, seed: AddonSeed): Addon {
    const addon = makeAddon(clusterName, seed, this, this.now())
    this.#cluster(clusterName).addons.set(addon.name, addon)
    return addon
  }

  addAccessEntry(clusterName: string, seed: AccessEntrySeed): AccessEntry {
    const principalId = this.principalId(seed.principalArn) ?? ''
    const entry = makeAccessEntry(clusterName, seed, principalId, this, this.now())
    this.#cluster(clusterName).accessEntries.set(entry.principalArn, entry)
    return entry
  }

  addNodegroup(clusterName: string, seed: Pick<Nodegroup, 'name' | 'roleArn' | 'size'>): Nodegroup {
    const arn = `arn:${this.partition}:eks:${this.region}:${this.accountId}:nodegroup/${clusterName}/${seed.name}/${randomUUID()}`
    const nodegroup = { ...seed, arn, createdAt: this.now(), tags: {} }
    this.#cluster(clusterName).nodegroups.set(nodegroup.name, nodegroup)
    return nodegroup
  }

  addAssociation(seed: AssociationSeed): Association {
    const id = seed.id ?? associationId()
    const association: Association = {
      tags: {},
      createdAt: this.now(),
      modifiedAt: this.now(),
      ...seed,
      id,
      arn: this.associationArn(seed.clusterName, id),
    }
    this.associations.put(association)
    return association
  }

  clusterArn(name: string): string {
    return `arn:${this.partition}:eks:${this.region}:${this.accountId}:cluster/${name}`
  }

  associationArn(clusterName: string, id: string): string {
    return `arn:${this.partition}:eks:${this.region}:${this.accountId}:podidentityassociation/${clusterName}/${id}`
  }

  /** The managed policy with that ARN, the account's own or one of AWS's that the stand-in carries. */
  policy(arn: string): ManagedPolicy | undefined {
    const carried = carriedPolicies(this.partition).get(arn)
    return this.policies.get(arn) ?? (carried && this.addPolicy(carried))
  }

  /** The role of this account with that ARN; its path counts. */
  roleByArn(arn: string): IamRole | undefined {
    const role = this.roles.get(arn.split('/').at(-1) ?? '')
    return role?.arn === arn ? role : undefined
  }

  /** IAM's unique id of a role or user of this account. */
  principalId(arn: string): string | undefined {
    return this.roleByArn(arn)?.id ?? this.principals.userByArn(arn)?.userId
  }

  /** A session of a role, without asking whether its trust policy would allow it. */
  session(
    roleArn: string,
    sessionName: string,
    extra: Partial<Pick<RoleSession, 'tags' | 'transitive' | 'policy'>> = {},
  ): RoleSession {
    const role = this.roleByArn(roleArn)
    if (!role)
      throw new Error(`The stand-in's account has no role ${roleArn}: add it before signing in as it`)
    return {
      kind: 'session',
      roleName: role.name,
      roleArn,
      sessionName,
      arn: `arn:${this.partition}:sts::${this.accountId}:assumed-role/${role.name}/${sessionName}`,
      userId: `${role.id}:${sessionName}`,
      tags: {},
      ...extra,
    }
  }

  /** The ARN that access entries and trust policies know a principal by. */
  identityArn(principal: Principal): string {
    return principal.kind === 'session' ? principal.roleArn : principal.arn
  }

  #cluster(name: string): Cluster {
    const cluster = this.clusters.get(name)
    if (!cluster) throw new Error(`The stand-in's account has no cluster ${name}: add it first`)
    return cluster
  }
}
