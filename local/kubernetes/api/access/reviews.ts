import type { ResourceKind } from '../../store/resources.ts'

const review = (group: string, plural: string, kind: string, namespaced = false): ResourceKind => ({
  group,
  version: 'v1',
  plural,
  kind,
  singular: kind.toLowerCase(),
  namespaced,
  shortNames: [],
  categories: [],
  subresources: [],
})

/** Kinds that are answered and never stored: questions about what somebody may do, and who somebody is. */
export const reviews: ResourceKind[] = [
  review('authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview'),
  review('authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview'),
  review('authorization.k8s.io', 'localsubjectaccessreviews', 'LocalSubjectAccessReview', true),
  review('authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview'),
  review('authentication.k8s.io', 'tokenreviews', 'TokenReview'),
]
