import { Announcements } from '../announcements.ts'

/** A pod identity association. */
export interface Association {
  id: string
  arn: string
  clusterName: string
  namespace: string
  serviceAccount: string
  roleArn: string
  tags: Record<string, string>
  createdAt: Date
  modifiedAt: Date
  /** ARN of the add-on that owns it and alone may change it. */
  ownerArn?: string
  disableSessionTags?: boolean
  targetRoleArn?: string
  externalId?: string
  /** A session policy, as JSON text. */
  policy?: string
}

export interface AssociationChange {
  kind: 'created' | 'updated' | 'deleted'
  association: Association
}

/** The account's pod identity associations, whose changes can be subscribed to. */
export class Associations {
  readonly #byId = new Map<string, Association>()
  /** Every change, at once; a webhook that learns of it later waits by itself. */
  readonly changes = new Announcements<AssociationChange>()

  /** The association of a service account: there is at most one. */
  find(clusterName: string, namespace: string, serviceAccount: string): Association | undefined {
    return this.list(clusterName).find(
      (association) => association.namespace === namespace && association.serviceAccount === serviceAccount,
    )
  }

  get(clusterName: string, id: string): Association | undefined {
    const association = this.#byId.get(id)
    return association?.clusterName === clusterName ? association : undefined
  }

  list(clusterName: string): Association[] {
    return [...this.#byId.values()].filter((association) => association.clusterName === clusterName)
  }

  /** Adds an association or puts it in the place of the one with the same id. */
  put(association: Association): void {
    const kind = this.#byId.has(association.id) ? 'updated' : 'created'
    this.#byId.set(association.id, association)
    this.changes.announce({ kind, association })
  }

  delete(id: string): void {
    const association = this.#byId.get(id)
    if (!association) return
    this.#byId.delete(id)
    this.changes.announce({ kind: 'deleted', association })
  }
}
