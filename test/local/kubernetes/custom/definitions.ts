/** A schema's `spec`, wrapped as a definition of one version wants it. */
export const schemaOf = (spec: object, more: object = {}) => ({
  type: 'object',
  properties: { spec, status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  ...more,
})

/** A version `v1`, served and kept, with a small schema, and what a test changes of it. */
export const versionOf = (change: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schemaOf({ type: 'object', properties: { size: { type: 'integer' } } }) },
  ...change,
})

/** A definition of `certificates.cert-manager.io`, and what a test changes of its spec and names. */
export const definitionOf = ({
  name,
  names = {},
  versions = [versionOf()],
  ...spec
}: {
  name?: string
  names?: object
  versions?: object[]
  [field: string]: unknown
} = {}) => {
  const kind = { plural: 'certificates', kind: 'Certificate', ...names } as { plural: string; kind: string }
  const group = typeof spec.group === 'string' ? spec.group : 'cert-manager.io'
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: name ?? `${kind.plural}.${group}` },
    spec: { group, scope: 'Namespaced', names: kind, versions, ...spec },
  }
}

/** The association of AWS's controllers for EKS, as users know it, with one of each thing that a schema can say. */
export const podIdentityAssociations = definitionOf({
  group: 'eks.services.k8s.aws',
  names: {
    plural: 'podidentityassociations',
    kind: 'PodIdentityAssociation',
    shortNames: ['pia'],
    categories: ['ack'],
  },
  versions: [
    versionOf({
      name: 'v1alpha1',
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
      additionalPrinterColumns: [
        { name: 'CLUSTER', type: 'string', jsonPath: '.spec.clusterName' },
        { name: 'REPLICAS', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
        {
          name: 'Synced',
          type: 'string',
          jsonPath: '.status.conditions[?(@.type=="ACK.ResourceSynced")].status',
        },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
      selectableFields: [{ jsonPath: '.spec.clusterName' }],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              description: 'What is wanted.',
              required: ['serviceAccount'],
              'x-kubernetes-validations': [
                { rule: "self.serviceAccount != 'default'", message: 'is not for everybody' },
                { rule: 'self.serviceAccount == oldSelf.serviceAccount', message: 'cannot change' },
              ],
              properties: {
                clusterName: { type: 'string', pattern: '^[0-9A-Za-z][A-Za-z0-9-_]*$' },
                serviceAccount: { type: 'string' },
                replicas: { type: 'integer', minimum: 0, default: 1 },
                port: { 'x-kubernetes-int-or-string': true },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                rules: {
                  type: 'array',
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name'],
                  items: {
                    type: 'object',
                    required: ['name'],
                    properties: { name: { type: 'string' }, value: { type: 'string' } },
                  },
                },
              },
            },
            status: {
              type: 'object',
              properties: {
                replicas: { type: 'integer' },
                conditions: {
                  type: 'array',
                  items: {
                    type: 'object',
                    properties: { type: { type: 'string' }, status: { type: 'string' } },
                  },
                },
              },
            },
          },
        },
      },
    }),
  ],
})
