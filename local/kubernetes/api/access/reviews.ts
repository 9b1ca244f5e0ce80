import type { ResourceKind } from '../../store/resources.ts'

const review = (group: string, plural: string, kind: string): ResourceKind => ({
  group,
  version: 'v1',
  plural,
  kind,
  singular: kind.toLowerCase(),
  namespaced: false,
  shortNames: [],
  categories: [],
  subresources: [],
})

/** Kinds that are answered and never stored: questions that a client asks about itself. */
export const reviews: ResourceKind[] = [
  review('authorization.k8s.io', 'selfsubjectaccessreviews', 'SelfSubjectAccessReview'),
  review('authorization.k8s.io', 'selfsubjectrulesreviews', 'SelfSubjectRulesReview'),
  review('authentication.k8s.io', 'selfsubjectreviews', 'SelfSubjectReview'),
]
