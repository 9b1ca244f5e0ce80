import { Transient } from '../../core/errors.ts'
import type { Connection } from '../kubernetes/connection.ts'

/** Whom and what is asked about; groups decide in RBAC. */
export interface AccessReview {
  user: string
  groups: readonly string[]
  verb: string
  apiGroup: string
  resource: string
  subresource?: string
  name?: string
  namespace?: string
}

/**
 * Whether the API server would let somebody do something, by a SubjectAccessReview, which is answered and never stored.
 * https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
 * @throws AccessDenied where the caller may not ask this, Transient where the answer decides nothing
 */
export const isAllowed = async (
  connection: Connection,
  { user, groups, ...resourceAttributes }: AccessReview,
): Promise<boolean> => {
  const { apiGroup: group, ...attributes } = resourceAttributes
  const { status } = await connection.request<{ status?: { allowed?: boolean } }>({
    verb: 'create',
    version: 'authorization.k8s.io/v1',
    resource: 'subjectaccessreviews',
    body: {
      contentType: 'application/json',
      content: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups, resourceAttributes: { group, ...attributes } },
      },
    },
  })
  if (status?.allowed === undefined)
    throw new Transient(
      `create subjectaccessreviews on cluster ${connection.cluster}: the answer holds no decision`,
    )
  return status.allowed
}
