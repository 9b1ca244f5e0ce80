import { describe, expect, it } from 'vitest'
import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '../../../../core/kubernetes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { StatusError } from '../../../../local/kubernetes/store/status.ts'
import { cluster, deployment, type TestCluster } from '../support/cluster.ts'

type PolicySpec = NonNullable<ValidatingAdmissionPolicy['spec']>
type BindingSpec = Partial<NonNullable<ValidatingAdmissionPolicyBinding['spec']>>

const pods = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }
const owned = "has(object.metadata.labels) && 'owner' in object.metadata.labels"

const setUp = (spec: PolicySpec, binding: BindingSpec = {}) => {
  const local = cluster()
  local.store.create(resources.validatingadmissionpolicies, {
    metadata: { name: 'owners' },
    spec: { matchConstraints: { resourceRules: [pods] }, ...spec },
  })
  local.store.create(resources.validatingadmissionpolicybindings, {
    metadata: { name: 'everywhere' },
    spec: { policyName: 'owners', validationActions: ['Deny'], ...binding },
  })
  return local
}

const create = (
  { store }: TestCluster,
  labels: Record<string, string> = {},
  options: Parameters<TestCluster['store']['create']>[2] = {},
) =>
  store.create(
    resources.pods,
    {
      metadata: { name: 'a', namespace: 'carts', labels },
      spec: { containers: [{ name: 'c', image: 'c:1' }] },
    },
    options,
  )

const refusal = (run: () => unknown): { code?: number; reason?: string | undefined; message?: string } => {
  try {
    run()
    return {}
  } catch (error) {
    if (error instanceof StatusError) return error
    throw error
  }
}

const because = (why: string) =>
  `pods "a" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'everywhere' denied request: ${why}`

it('refuses what its expression does not hold for, in dry runs too', () => {
  const local = setUp({ validations: [{ expression: owned }] })
  for (const dryRun of [true, false])
    expect(refusal(() => create(local, {}, { dryRun }))).toMatchObject({
      code: 422,
      reason: 'Invalid',
      message: because(`failed expression: ${owned}`),
    })
  expect(refusal(() => create(local, { owner: 'shop' }))).toEqual({})
})

describe('what it says', () => {
  const cases: [why: string, spec: PolicySpec, message: string, code: number][] = [
    [
      'a message',
      { validations: [{ expression: owned, message: 'pods need an owner' }] },
      'pods need an owner',
      422,
    ],
    [
      'a message that is made',
      { validations: [{ expression: owned, messageExpression: "'who owns ' + object.metadata.name + '?'" }] },
      'who owns a?',
      422,
    ],
    [
      'a reason of its own',
      { validations: [{ expression: owned, message: 'no', reason: 'Forbidden' }] },
      'no',
      403,
    ],
    [
      'variables are worked out when they are asked for',
      {
        variables: [
          { name: 'images', expression: 'object.spec.containers.map(c, c.image)' },
          { name: 'unused', expression: 'object.no.such.thing' },
        ],
        validations: [
          { expression: "variables.images.all(i, i.startsWith('registry/'))", message: 'images' },
        ],
      },
      'images',
      422,
    ],
    [
      'an expression that fails',
      { validations: [{ expression: 'object.metadata.labels.owner != ""' }] },
      'expression \'object.metadata.labels.owner != ""\' resulted in error: No such key: labels',
      422,
    ],
  ]
  it.each(cases)('%s', (_why, spec, message, code) => {
    expect(refusal(() => create(setUp(spec)))).toMatchObject({ code, message: because(message) })
  })
})

describe('what it lets pass', () => {
  const rule = { validations: [{ expression: owned }] }
  const cases: [why: string, spec: PolicySpec, binding: BindingSpec][] = [
    [
      'other namespaces than the binding’s',
      rule,
      { matchResources: { namespaceSelector: { matchLabels: { a: 'b' } } } },
    ],
    [
      'other objects',
      { ...rule, matchConstraints: { resourceRules: [{ ...pods, resources: ['services'] }] } },
      {},
    ],
    [
      'what its conditions leave out',
      { ...rule, matchConditions: [{ name: 'b', expression: "object.metadata.name == 'b'" }] },
      {},
    ],
    [
      'failures that are to be ignored',
      { failurePolicy: 'Ignore', validations: [{ expression: 'object.x.y' }] },
      {},
    ],
    ['what is only to be noted', rule, { validationActions: ['Audit'] }],
    ['everything, where nothing binds it', rule, { policyName: 'another' }],
  ]
  it.each(cases)('%s', (_why, spec, binding) => {
    expect(refusal(() => create(setUp(spec, binding)))).toEqual({})
  })
})

it('warns where its binding says so', () => {
  const local = setUp(
    { validations: [{ expression: owned, message: 'no owner' }] },
    { validationActions: ['Warn'] },
  )
  const warnings: string[] = []
  create(local, {}, { warn: (text) => warnings.push(text) })
  expect(warnings).toEqual([
    "Validation failed for ValidatingAdmissionPolicy 'owners' with binding 'everywhere': no owner",
  ])
})

it('compares what is written with what was there', () => {
  const rules = [
    { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['deployments'] },
  ]
  const local = setUp({
    matchConstraints: { resourceRules: rules },
    validations: [{ expression: 'object.spec.replicas >= oldObject.spec.replicas', message: 'not fewer' }],
  })
  local.store.create(resources.deployments, deployment())
  const scale = (replicas: number) =>
    local.store.mutate(resources.deployments, 'carts', 'carts', (draft) => {
      draft.spec.replicas = replicas
      return draft
    })
  expect(refusal(() => scale(3))).toEqual({})
  expect(refusal(() => scale(1)).message).toMatch(/deployments\.apps "carts" is forbidden: .* not fewer$/)
})

describe('a policy that cannot be', () => {
  const cases: [why: string, spec: PolicySpec, message: RegExp][] = [
    [
      'an expression that says nothing',
      { validations: [{ expression: 'object.' }] },
      /spec\.validations\[0\]\.expression: Invalid value: "object\.": compilation failed/,
    ],
    [
      'a variable that is not there',
      { validations: [{ expression: 'authorizer.x' }] },
      /compilation failed: Unknown variable: authorizer/,
    ],
    [
      'parameters',
      { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
      /spec\.paramKind: Forbidden: this stand-in has no parameters/,
    ],
  ]
  it.each(cases)('%s', (_why, spec, message) => {
    expect(refusal(() => setUp(spec)).message).toMatch(message)
  })
})
