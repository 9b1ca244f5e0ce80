import { advise, type Finding } from '../../findings.ts'

/** A finding about bindings, and where the file has what it is about: `podid.yaml:12`. */
export type ExpansionFinding = Finding & {
  at: string[]
  /** The declared binding, the first of two. */
  binding: string
}

/** Of what the same is to be said for many ServiceAccounts, it is said once, with the first of them. */
const mostExamples = 3

interface Note {
  /** In the order in which the file has them. */
  order: number
  make: (examples: string, count: number) => ExpansionFinding
  examples: string[]
  count: number
}

/** Findings as they come up, one for each key. */
export class Notes {
  readonly #notes = new Map<string, Note>()

  /**
   * @param key the same for what is the same finding
   * @param order of what it is about in the file
   * @param place of whom it is said now: `shop/carts on shop-1`
   */
  add(key: string, order: number, place: string, make: Note['make']): void {
    const note = this.#notes.get(key) ?? { order, make, examples: [], count: 0 }
    note.count++
    if (note.examples.length < mostExamples) note.examples.push(place)
    this.#notes.set(key, note)
  }

  /** All of them, in the order of the file. */
  all(): ExpansionFinding[] {
    return [...this.#notes.values()]
      .toSorted((one, other) => one.order - other.order)
      .map(({ make, examples, count }) => {
        const more = count - examples.length
        return make(`${examples.join(', ')}${more > 0 ? ` and ${more} more` : ''}`, count)
      })
  }
}

interface About {
  name: string
  at: string
}

export const twoBindings =
  (one: About, other: About) =>
  (examples: string, count: number): ExpansionFinding => ({
    at: [one.at, other.at],
    binding: one.name,
    code: 'binding-twice',
    severity: 'blocking',
    subject: `bindings ${one.name} and ${other.name}`,
    found: `both are for ${examples}: a ServiceAccount has one association, and so one binding${count > 1 ? ` (${count} of them have two)` : ''}`,
    remedy: advise(
      `Narrow one of them (clusterTags, namespaceLabels, serviceAccountLabels), or give it an override with "skip: true" where the other one is meant. What is different for some belongs into an override of one binding.`,
    ),
  })

export const unfitText =
  (about: About, field: string, said: string) =>
  (examples: string): ExpansionFinding => ({
    at: [about.at],
    binding: about.name,
    code: field === 'workload' ? 'workload-not-named' : 'role-not-named',
    severity: 'blocking',
    subject: `binding ${about.name}`,
    found: `its ${field} ${said}, for ${examples}`,
    remedy: advise(`Shorten the template, or give these an override with a ${field} of their own.`),
  })

export const nothingFits = (
  about: About,
  what: string,
  code: 'pattern-fits-nothing' | 'override-fits-nothing' = 'pattern-fits-nothing',
): ExpansionFinding => ({
  at: [about.at],
  binding: about.name,
  code,
  severity: 'warning',
  subject: `binding ${about.name}`,
  found: `nothing fits ${what}`,
  remedy: advise('Correct it, or take it away where it is no longer needed.'),
})

/** Namespaces and names have no character that keeps them apart: `a-b` and `c` make the role of `a` and `b-c`. */
export const roleShared =
  (about: About, role: string) =>
  (examples: string): ExpansionFinding => ({
    at: [about.at],
    binding: about.name,
    code: 'role-shared-by-template',
    severity: 'warning',
    subject: `binding ${about.name}`,
    found: `its role comes to ${role.split('/').at(-1)} for several ServiceAccounts: ${examples}`,
    remedy: advise(
      'Put a character between the placeholders that names of Kubernetes do not have, such as _ or +, or a placeholder more.',
    ),
  })

export const madeRoleShared =
  (about: About, role: string) =>
  (examples: string): ExpansionFinding => ({
    at: [about.at],
    binding: about.name,
    code: 'role-made-for-several',
    severity: 'warning',
    subject: `binding ${about.name}`,
    found: `it may make the role ${role.split('/').at(-1)}, and is for several ServiceAccounts: ${examples}. A role that podid makes trusts the pods of one`,
    remedy: advise('Put {cluster}, {namespace} and {serviceAccount} into its name, as far as they differ.'),
  })

export const notRead = (about: About, cluster: string, why: string) => (): ExpansionFinding => ({
  at: [about.at],
  binding: about.name,
  code: 'cluster-not-read',
  severity: 'warning',
  subject: `cluster ${cluster}`,
  found: `for which of its ServiceAccounts the binding ${about.name} is could not be seen: ${why}`,
  remedy: advise('Let podid list namespaces and serviceaccounts there, or name them in the binding.'),
})

/** What keeps some ServiceAccount from having its binding; what else is found works, and somebody should look. */
export const isObstacle = ({ code, severity }: ExpansionFinding): boolean =>
  severity === 'blocking' || code === 'cluster-not-read' || code === 'pattern-fits-nothing'

/** Whether it says that nothing fits, which of a part of the clusters says little. */
export const isOfAll = ({ code }: ExpansionFinding): boolean =>
  code === 'pattern-fits-nothing' || code === 'override-fits-nothing'

/** `podid.yaml:12: binding carts: …` */
export const expansionLine = ({ at, subject, found }: ExpansionFinding): string =>
  `${at.join(' and ')}: ${subject}: ${found}`
