import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ServedStore, serveStore } from '../support/api-server.ts'
import { definitionOf, schemaOf, versionOf } from './definitions.ts'

let served: ServedStore
beforeAll(async () => {
  served = await serveStore()
})
afterAll(async () => {
  served.clock.stop()
  await served.server.close()
})

const withSpec = (spec: object, change: object = {}) =>
  definitionOf({ versions: [versionOf({ schema: { openAPIV3Schema: schemaOf(spec) }, ...change })] })
const withField = (field: object) => withSpec({ type: 'object', properties: { field } })
const at = 'spec.validation.openAPIV3Schema.properties[spec]'
const field = `${at}.properties[field]`

const label = (text: string) => expect.stringContaining(`Invalid value: "${text}": a DNS-1035 label must`)

const cases: [why: string, definition: object, cause: [field: string, message: unknown]][] = [
  [
    'a name that is not plural and group',
    definitionOf({ name: 'other.cert-manager.io' }),
    ['metadata.name', 'Invalid value: "other.cert-manager.io": must be spec.names.plural+"."+spec.group'],
  ],
  [
    'a group without a dot, as built-in ones are',
    definitionOf({ group: 'apps', names: { plural: 'deployments', kind: 'Deployment' } }),
    ['spec.group', 'Invalid value: "apps": should be a domain with at least one dot'],
  ],
  [
    "a group of Kubernetes' own",
    definitionOf({ group: 'rbac.authorization.k8s.io' }),
    [
      'metadata.annotations[api-approved.kubernetes.io]',
      'Required value: protected groups must have approval annotation "api-approved.kubernetes.io", see https://github.com/kubernetes/enhancements/pull/1111',
    ],
  ],
  ['no scope', definitionOf({ scope: undefined }), ['spec.scope', 'Required value']],
  [
    'a scope that is none',
    definitionOf({ scope: 'Galaxy' }),
    ['spec.scope', 'Unsupported value: "Galaxy": supported values: "Cluster", "Namespaced"'],
  ],
  ['a plural with a slash', definitionOf({ names: { plural: 'a/b' } }), ['spec.names.plural', label('a/b')]],
  [
    'a singular that is no name',
    definitionOf({ names: { singular: 'A b' } }),
    ['spec.names.singular', label('A b')],
  ],
  [
    'a kind that is no name',
    definitionOf({ names: { kind: 'Ce rt' } }),
    [
      'spec.names.kind',
      expect.stringContaining(
        'Invalid value: "Ce rt": may have mixed case, but should otherwise match: a DNS-1035',
      ),
    ],
  ],
  [
    'a list kind that is the kind',
    definitionOf({ names: { listKind: 'Certificate' } }),
    ['spec.names.listKind', 'Invalid value: "Certificate": kind and listKind may not be the same'],
  ],
  [
    'a short name that is no name',
    definitionOf({ names: { shortNames: ['cert', 'C!'] } }),
    ['spec.names.shortNames[1]', label('C!')],
  ],
  [
    'no storage version',
    definitionOf({ versions: [versionOf({ storage: false })] }),
    ['spec.versions', expect.stringMatching(/: must have exactly one version marked as storage version$/)],
  ],
  [
    'no storage version, of which the status speaks too',
    definitionOf({ versions: [versionOf({ storage: false })] }),
    ['status.storedVersions', 'Invalid value: null: must have at least one stored version'],
  ],
  [
    'two versions of one name',
    definitionOf({ versions: [versionOf(), versionOf({ storage: false })] }),
    ['spec.versions', expect.stringMatching(/: must contain unique version names$/)],
  ],
  [
    'a version that is no name',
    definitionOf({ versions: [versionOf({ name: '1.0' })] }),
    ['spec.versions[0].name', label('1.0')],
  ],
  [
    'no schema',
    definitionOf({ versions: [versionOf({ schema: undefined })] }),
    ['spec.versions[0].schema.openAPIV3Schema', 'Required value'],
  ],
  [
    'a field without a type',
    withField({}),
    [`${field}.type`, 'Required value: must not be empty for specified object fields'],
  ],
  [
    'a type that is none',
    withField({ type: 'text' }),
    [
      `${field}.type`,
      'Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ],
  ],
  [
    'a list of nobody knows what',
    withField({ type: 'array' }),
    [`${field}.items`, 'Required value: must be specified'],
  ],
  [
    'a type under anyOf',
    withField({ type: 'string', anyOf: [{ type: 'string' }] }),
    [`${field}.anyOf[0].type`, 'Forbidden: must be empty to be structural'],
  ],
  [
    'a field that anyOf alone knows',
    withField({ type: 'object', anyOf: [{ properties: { a: { minLength: 1 } } }] }),
    [`${field}.properties[a]`, `Required value: because it is defined in ${field}.anyOf[0].properties[a]`],
  ],
  [
    'a default that does not fit',
    withField({ type: 'integer', default: 'many' }),
    [
      `${field}.default`,
      `Invalid value: "string": ${field}.default in body must be of type integer: "string"`,
    ],
  ],
  [
    'a default with a field that is pruned',
    withField({ type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } }),
    [`${field}.default`, 'Invalid value: {"b":1}: must be pruned'],
  ],
  [
    'a pattern that Go does not read',
    withField({ type: 'string', pattern: '^(?!x)' }),
    [
      `${field}.pattern`,
      'Invalid value: "^(?!x)": must be a valid regular expression, but isn\'t: error parsing regexp: invalid or unsupported Perl syntax: `(?!`',
    ],
  ],
  [
    'elements that have to be different',
    withField({ type: 'array', uniqueItems: true, items: { type: 'string' } }),
    [
      `${field}.uniqueItems`,
      'Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
    ],
  ],
  [
    'a list map without keys',
    withField({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
    [
      `${field}.x-kubernetes-list-map-keys`,
      'Required value: must not be empty if x-kubernetes-list-type is map',
    ],
  ],
  [
    'named fields beside a map of fields',
    withField({
      type: 'object',
      properties: { a: { type: 'string' } },
      additionalProperties: { type: 'string' },
    }),
    [`${field}.additionalProperties`, 'Forbidden: additionalProperties and properties are mutual exclusive'],
  ],
  [
    'more about metadata than a name',
    definitionOf({
      versions: [
        versionOf({
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                metadata: { type: 'object', properties: { labels: { type: 'object' } } },
              },
            },
          },
        }),
      ],
    }),
    [
      'spec.validation.openAPIV3Schema.properties[metadata]',
      'Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ],
  [
    'a rule that cannot be read',
    withField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'self +' }] }),
    [
      `${field}.x-kubernetes-validations[0].rule`,
      expect.stringMatching(/^Invalid value: "self \+": compilation failed: /),
    ],
  ],
  [
    'a scale outside of the spec',
    withSpec(
      { type: 'object' },
      { subresources: { scale: { specReplicasPath: '.size', statusReplicasPath: '.status.size' } } },
    ),
    ['spec.subresources.scale.specReplicasPath', 'Invalid value: ".size": should be a json path under .spec'],
  ],
  [
    'a column of no type',
    withSpec(
      { type: 'object' },
      { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.spec.a' }] },
    ),
    [
      'spec.additionalPrinterColumns[0].type',
      'Invalid value: "text": must be one of boolean,date,integer,number,string',
    ],
  ],
  [
    'a selectable field that is not there',
    withSpec({ type: 'object' }, { selectableFields: [{ jsonPath: '.spec.a' }] }),
    [
      'spec.versions[0].selectableFields[0].jsonPath',
      'Invalid value: ".spec.a": is an invalid path: does not refer to a valid field',
    ],
  ],
  [
    'fields that are kept though unknown, everywhere',
    definitionOf({ preserveUnknownFields: true }),
    [
      'spec.preserveUnknownFields',
      'Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead',
    ],
  ],
]

const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

it.each(cases)('refuses %s', async (_why, body, [where, message]) => {
  const answer = await served.send({ method: 'POST', path, body })
  expect(answer.status).toBe(422)
  const { details } = answer.body as { details: { causes: object[] } }
  expect(details.causes).toContainEqual(expect.objectContaining({ field: where, message }))
})

it.each([
  ['conversion by a webhook', definitionOf({ conversion: { strategy: 'Webhook' } }), 'strategy Webhook'],
  [
    'a rule with a function of Kubernetes',
    withField({ type: 'string', 'x-kubernetes-validations': [{ rule: 'isURL(self)' }] }),
    'x-kubernetes-validations[0].rule is not understood by this server',
  ],
])('says that it does not do %s', async (_what, body, words) => {
  const answer = await served.send({ method: 'POST', path, body })
  expect(answer).toMatchObject({ status: 501, body: { message: expect.stringContaining(words) } })
})
