import { type Deployed, type Manifest, manifestsOf } from './deployed.ts'
import type { PolicyStatement, SynthesizedStage } from './support.ts'

/** A permission that a stage gives, and whether anything has used it. */
interface Granted {
  /** Who has it: a function's role, or a group inside clusters. */
  holder: string
  /** What it allows: `eks:DescribeCluster`, `patch deployments`. */
  action: string
  /** Where; a pattern as IAM has it. */
  resource: string
  used: boolean
}

/** Which of a stage's permissions have been used in the worlds it was deployed to. */
export class Usage {
  readonly #roles: Granted[]
  readonly #groups: Granted[]
  /** The groups that each function's role is in, and whether it has used anything that they allow. */
  readonly #groupsOf: Map<string, Map<string, boolean>>

  constructor(stage: SynthesizedStage) {
    this.#roles = stage.roles.flatMap(({ name, statements }) =>
      statements.flatMap((one) => grantsOf(name, one)),
    )
    this.#groups = grantsInClusters(manifestsOf('manifests'))
    const entries = stage.outputs.accessEntries as { principalArn: string; kubernetesGroups: string[] }[]
    this.#groupsOf = new Map(
      entries.map(({ principalArn, kubernetesGroups }) => [
        principalArn.split('/')[1] ?? '',
        new Map(kubernetesGroups.map((group) => [group, false])),
      ]),
    )
  }

  /** Notes what a world's functions did; answers what they were denied. */
  take({ aws, calls }: Deployed): string[] {
    const denied: string[] = []
    for (const { principal, action, resource, decision } of aws.authorizations) {
      const holder = principal.split('/').at(-1) ?? ''
      const grants = this.#roles.filter((granted) => granted.holder === holder)
      if (grants.length === 0) continue
      if (decision !== 'allowed') denied.push(`${holder}: ${action} on ${resource}`)
      const found = grants.find(
        (one) =>
          one.action === action &&
          globOf(one.resource).test(resource.replace('event-bus/default', 'event-bus/podid-dev-events')),
      )
      if (found) found.used = true
    }
    for (const { service, operation, principal = '', status } of calls.calls) {
      if (service !== 'kubernetes') continue
      const groups = [...this.#groupsOf].find(([role]) => principal.includes(`/${role}/`))?.[1]
      if (!groups) continue
      if (status === 403) denied.push(`${principal}: ${operation}`)
      for (const granted of this.#groups) {
        if (!groups.has(granted.holder) || granted.action !== operation) continue
        granted.used = true
        groups.set(granted.holder, true)
      }
    }
    return denied
  }

  /** The permissions that nothing has used, by who has them. */
  unused(): Granted[] {
    return [...this.#roles, ...this.#groups].filter(({ used }) => !used)
  }

  /** The groups inside clusters of which a role has used nothing. */
  idleMemberships(): string[] {
    return [...this.#groupsOf].flatMap(([role, groups]) =>
      [...groups].filter(([, used]) => !used).map(([group]) => `${role} is in ${group}`),
    )
  }
}

const grantsOf = (holder: string, { Action, Resource }: PolicyStatement): Granted[] =>
  Action.flatMap((action) => Resource.map((resource) => ({ holder, action, resource, used: false })))

const globOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\/-]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

/** What the manifests grant, by the group that they bind it to. */
const grantsInClusters = (manifests: Manifest[]): Granted[] =>
  manifests.flatMap(({ roleRef, subjects = [] }) => {
    const rules = manifests.find(
      ({ kind, metadata }) => kind === roleRef?.kind && metadata.name === roleRef.name,
    )?.rules
    return subjects.flatMap(({ name: holder }) =>
      (rules ?? []).flatMap(({ resources, verbs }) =>
        resources.flatMap((resource) =>
          verbs.map((verb) => ({ holder, action: `${verb} ${resource}`, resource: 'clusters', used: false })),
        ),
      ),
    )
  })
