import { autoscalersView } from './autoscaler-view.ts'
import { eventsView } from './event-view.ts'
import { apiVersionOf, type ResourceKind, resources } from './resources.ts'

/** The kinds that every cluster serves: those that are kept, and the views of them. */
export const builtInKinds: readonly ResourceKind[] = [
  ...Object.values(resources),
  eventsView,
  autoscalersView,
]

const builtInVersions = new Set(builtInKinds.map(apiVersionOf))

/** What one CustomResourceDefinition adds. */
export interface CustomKinds {
  /** The kind as its objects are kept, whether it is served or not. */
  kept: ResourceKind
  /** Once for each version that is served. */
  served: readonly ResourceKind[]
}

/**
 * The kinds of one cluster: those that every cluster has, and those that its CustomResourceDefinitions add. Whatever
 * goes through kinds asks here: discovery, paths, schemas, garbage, quotas, the end of a namespace.
 */
export class Kinds {
  readonly #custom = new Map<string, CustomKinds>()
  #served: readonly ResourceKind[] = builtInKinds
  #kept: readonly ResourceKind[] = Object.values(resources)

  /** Every kind that is served, once for each of its versions. The list is another one after each change. */
  get served(): readonly ResourceKind[] {
    return this.#served
  }

  /** Every kind whose objects are kept, once. */
  get kept(): readonly ResourceKind[] {
    return this.#kept
  }

  /**
   * Has a definition's kinds, newest version first, in the place of those it had; undefined where it has none any
   * more. A group and version that the server has of its own keeps its kinds alone, as behind a real server's.
   */
  define(definition: string, kinds: CustomKinds | undefined): void {
    if (kinds) this.#custom.set(definition, kinds)
    else this.#custom.delete(definition)
    const custom = [...this.#custom.values()]
    const added = custom.flatMap(({ served }) => served)
    this.#served = [...builtInKinds, ...added.filter((kind) => !builtInVersions.has(apiVersionOf(kind)))]
    this.#kept = [...Object.values(resources), ...custom.map(({ kept }) => kept)]
  }

  /** The kind of that name, or undefined where none is served. */
  find(asked: { group: string; version: string; plural: string }): ResourceKind | undefined {
    return this.#served.find(
      (kind) => kind.plural === asked.plural && kind.group === asked.group && kind.version === asked.version,
    )
  }
}
