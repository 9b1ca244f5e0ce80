import { describe, expect, it } from 'vitest'
import type { ConfigMap, Container, PodSpec } from '../../../core/kubernetes.ts'
import {
  configMapsRead,
  containersOf,
  credentialFindings,
  environmentOf,
  otherCredentials,
  skipAnnotation,
  skipLabel,
  skippedContainers,
} from '../../../core/workload/environment.ts'

const configMap = (name: string, data: Record<string, string>): ConfigMap => ({ metadata: { name }, data })
const secretKey = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: 'vault', key: 'k' } } })
const carts = (change: Partial<Container> = {}): Container => ({ name: 'carts', ...change })
const fromMap = (name: string, prefix?: string) => ({ ...(prefix && { prefix }), configMapRef: { name } })
const maps = [
  configMap('one', { A: '1', B: '2' }),
  configMap('two', { B: '3' }),
  { metadata: { name: 'bare' } },
]

it.each<[why: string, container: Container, variables: object, unread: object[]]>([
  ['nothing', carts(), {}, []],
  ['its own', carts({ env: [{ name: 'A', value: 'x' }] }), { A: 'x' }, []],
  ['its own without a value', carts({ env: [{ name: 'A' }] }), { A: '' }, []],
  ['all of a ConfigMap', carts({ envFrom: [fromMap('one')] }), { A: '1', B: '2' }, []],
  ['with a prefix', carts({ envFrom: [fromMap('two', 'X_')] }), { X_B: '3' }, []],
  [
    'the later of two ConfigMaps',
    carts({ envFrom: [fromMap('one'), fromMap('two')] }),
    { A: '1', B: '3' },
    [],
  ],
  [
    'its own before a ConfigMap’s',
    carts({ envFrom: [fromMap('one')], env: [{ name: 'A', value: 'x' }] }),
    { A: 'x', B: '2' },
    [],
  ],
  ['a ConfigMap without data', carts({ envFrom: [fromMap('bare')] }), {}, []],
  [
    'a ConfigMap that was not read',
    carts({ envFrom: [fromMap('three'), fromMap('two')] }),
    { B: '3' },
    [{ kind: 'configMap', name: 'three' }],
  ],
  [
    'a Secret',
    carts({ envFrom: [{ secretRef: { name: 's' } }, fromMap('two')] }),
    { B: '3' },
    [{ kind: 'secret', name: 's' }],
  ],
  [
    'a reference without a name',
    carts({ envFrom: [{ configMapRef: {} }, { secretRef: {} }] as never }),
    {},
    [],
  ],
])('the environment of a container: %s', (_why, container, variables, unread) => {
  const found = environmentOf(container, maps)
  expect(Object.fromEntries(found.variables.map(({ name, value }) => [name, value]))).toEqual(variables)
  expect(found.unread).toEqual(unread)
})

it('says where each variable is from', () => {
  const container = carts({
    envFrom: [fromMap('two', 'X_')],
    env: [
      { name: 'BARE', valueFrom: { configMapKeyRef: { name: 'bare', key: 'A' } } },
      { name: 'OWN', value: 'x' },
      { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'one', key: 'A' } } },
      { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'one', key: 'Z' } } },
      { name: 'GONE', valueFrom: { configMapKeyRef: { name: 'three', key: 'A' } } },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
      { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'NAMELESS', valueFrom: { secretKeyRef: { key: 'k' } } },
      { name: 'NAMELESS_TOO', valueFrom: { configMapKeyRef: { key: 'k' } } },
    ] as never,
  })
  expect(environmentOf(container, maps).variables).toEqual([
    { name: 'X_B', value: '3', source: { kind: 'envFrom', name: 'two', key: 'B' } },
    { name: 'BARE', source: { kind: 'configMap', name: 'bare', key: 'A' } },
    { name: 'OWN', value: 'x', source: { kind: 'env' } },
    { name: 'KEY', value: '1', source: { kind: 'configMap', name: 'one', key: 'A' } },
    { name: 'NONE', source: { kind: 'configMap', name: 'one', key: 'Z' } },
    { name: 'GONE', source: { kind: 'configMap', name: 'three', key: 'A' } },
    { name: 'SECRET', source: { kind: 'secret', name: 's', key: 'k' } },
    { name: 'FIELD', source: { kind: 'fieldRef' } },
    { name: 'NAMELESS', source: { kind: 'secret', name: '', key: 'k' } },
    { name: 'NAMELESS_TOO', source: { kind: 'configMap', name: '', key: 'k' } },
  ])
})

it('reads the ConfigMaps that a pod’s containers name, each once', () => {
  const spec = {
    initContainers: [carts({ envFrom: [fromMap('one'), { secretRef: { name: 's' } }] })],
    containers: [
      carts({
        envFrom: [fromMap('one')],
        env: [
          { name: 'A' },
          { name: 'B', valueFrom: { configMapKeyRef: { name: 'two', key: 'B' } } },
          secretKey('C'),
        ],
      }),
      carts(),
    ],
  } as PodSpec
  expect(configMapsRead(spec)).toEqual(['one', 'two'])
  expect(containersOf(spec)).toHaveLength(3)
  expect(containersOf({} as PodSpec)).toEqual([])
})

it.each<[why: string, annotation: string | undefined, names: string[]]>([
  ['none', undefined, []],
  ['nothing in it', '', []],
  ['one', 'a', ['a']],
  ['two', 'a,b', ['a', 'b']],
  ['a blank is part of the name', 'a, b', ['a', ' b']],
  ['nothing between two commas', 'a,,b,', ['a', 'b']],
  ['in quotes, with a comma', '"a,b",c', ['a,b', 'c']],
  ['a quote in quotes', '"a""b"', ['a"b']],
  ['a quote in the midst', 'a"b,c', []],
  ['a quote that is not closed', '"a,b', []],
  ['the first line', 'a\nb', ['a']],
  ['empty lines before it', '\n\na,b', ['a', 'b']],
])('the containers that the webhook is to leave alone: %s', (_why, annotation, names) => {
  const object = {
    metadata: { annotations: annotation === undefined ? {} : { [skipAnnotation]: annotation } },
  }
  expect(skippedContainers(object as never)).toEqual(names)
})

it('leaves no container alone where nothing is known of the pod', () => {
  expect(skippedContainers(undefined)).toEqual([])
  expect(skippedContainers({})).toEqual([])
  expect(skippedContainers({ metadata: {} })).toEqual([])
  expect(otherCredentials({}, [])).toEqual([])
})

const env = (...names: string[]) => carts({ env: names.map((name) => ({ name, value: 'x' })) })
const keys = 'static keys'
const container = 'other container credentials'
it.each<[why: string, container: Container, what: string[]]>([
  ['nothing', carts(), []],
  ['another variable of AWS', env('AWS_REGION'), []],
  ['a key', env('AWS_ACCESS_KEY_ID'), [keys]],
  ['a secret key', env('AWS_SECRET_ACCESS_KEY'), [keys]],
  ['both are one thing', env('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'), [keys]],
  ['a profile', env('AWS_PROFILE'), ['a profile']],
  ['the profile by its older name', env('AWS_DEFAULT_PROFILE'), ['a profile']],
  ['IRSA', env('AWS_WEB_IDENTITY_TOKEN_FILE'), ['IRSA credentials']],
  ['ECS', env('AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'), [container]],
  ['another address of credentials', env('AWS_CONTAINER_CREDENTIALS_FULL_URI'), [container]],
  ['another token', env('AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'), [container]],
  ['two things', env('AWS_PROFILE', 'AWS_ACCESS_KEY_ID'), [keys, 'a profile']],
  ['an empty value is none', carts({ env: [{ name: 'AWS_PROFILE', value: '' }] }), []],
  [
    'a value that is not known may be one',
    carts({ env: [{ name: 'AWS_PROFILE', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
    ['a profile'],
  ],
  [
    'the agent’s address',
    carts({
      env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' }],
    }),
    [],
  ],
  [
    'the agent’s address by IPv6',
    carts({
      env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://[fd00:ec2::23]/v1/credentials' }],
    }),
    [],
  ],
  [
    'the token of Pod Identity',
    carts({
      env: [
        {
          name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
          value: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
        },
      ],
    }),
    [],
  ],
])('what SDKs use in place of the role: %s', (_why, one, what) => {
  const metadata = { annotations: { [skipAnnotation]: 'other' } }
  const spec = { containers: [one, { ...env('AWS_PROFILE'), name: 'other' }] }
  expect(otherCredentials({ metadata, spec } as never, maps)).toEqual(
    what.map((one) => ({ container: 'carts', what: one })),
  )
})

const irsaToken = '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'
const findingsOf = (one: Container, change: { skip?: string[]; others?: Container[] } = {}) =>
  credentialFindings({
    subject: 'deployment/carts',
    namespace: 'shop',
    spec: { containers: [one, ...(change.others ?? [])] },
    skip: change.skip ?? [],
    configMaps: [configMap('keys', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', OTHER: 'c' })],
    target: 'deployment/carts',
  })
const mapKey = (name: string) => ({
  name,
  valueFrom: { configMapKeyRef: { name: 'keys', key: 'AWS_ACCESS_KEY_ID' } },
})

describe('other credentials as findings', () => {
  const outrank = (from: string, names = 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY') =>
    `container carts gets ${names} from ${from}; AWS SDKs use static keys before the credentials of Pod Identity, or in place of them`
  const unset = 'kubectl set env deployment/carts -n shop -c carts AWS_ACCESS_KEY_ID- AWS_SECRET_ACCESS_KEY-'
  it.each<[why: string, one: Container, found: string, advice: string, command: string]>([
    [
      'in its own env',
      env('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'),
      outrank('its own env'),
      'Take the variables out of the container.',
      unset,
    ],
    [
      'in a Secret',
      carts({ env: [secretKey('AWS_ACCESS_KEY_ID'), secretKey('AWS_SECRET_ACCESS_KEY')] }),
      outrank('Secret vault (env)'),
      'Take the variables out of the container.',
      unset,
    ],
    [
      'in a ConfigMap, by key',
      carts({ env: [mapKey('AWS_ACCESS_KEY_ID')] }),
      outrank('ConfigMap keys (env)', 'AWS_ACCESS_KEY_ID'),
      'Take the variables out of the container.',
      'kubectl set env deployment/carts -n shop -c carts AWS_ACCESS_KEY_ID-',
    ],
    [
      'in a ConfigMap, as a whole',
      carts({ envFrom: [fromMap('keys')] }),
      outrank('ConfigMap keys (envFrom)'),
      'Take the variables out of the ConfigMap; whatever else reads it loses them too.',
      `kubectl patch configmap keys -n shop --type json -p '[{"op":"remove","path":"/data/AWS_ACCESS_KEY_ID"},{"op":"remove","path":"/data/AWS_SECRET_ACCESS_KEY"}]'`,
    ],
  ])('%s', (_why, one, found, advice, command) => {
    const finding = {
      code: 'credentials-outranked',
      severity: 'blocking',
      subject: 'deployment/carts',
      found,
    }
    expect(findingsOf(one)).toMatchObject([{ ...finding, remedy: { advice, command } }])
    const [beside] = findingsOf(one, { others: [{ name: 'proxy' }] })
    expect(beside?.remedy?.advice).toBe(
      `${advice} If carts is meant to have keys of its own, exclude it instead: the template’s annotation ${skipAnnotation}: carts.`,
    )
    expect(findingsOf(one, { skip: ['carts'] })).toEqual([])
    expect(findingsOf({ ...one, name: 'proxy' }, { skip: ['carts'] })).toHaveLength(1)
  })

  it('that the webhook of IRSA has put there are its own affair', () => {
    const token = { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: irsaToken }
    const volumeMounts = [
      { name: 'aws-iam-token', mountPath: '/var/run/secrets/eks.amazonaws.com/serviceaccount' },
    ]
    const saysOf = (one: Partial<Container>) => findingsOf(carts(one))[0]?.found
    expect(saysOf({ env: [token], volumeMounts })).toBe(
      'container carts has its credentials by IRSA: the webhook put AWS_WEB_IDENTITY_TOKEN_FILE into it when its pod was made, by the annotation of its ServiceAccount; AWS SDKs use IRSA credentials before the credentials of Pod Identity, or in place of them',
    )
    const itsOwn = 'container carts gets AWS_WEB_IDENTITY_TOKEN_FILE from its own env;'
    expect(saysOf({ env: [token] })).toContain(itsOwn)
    expect(saysOf({ env: [token], volumeMounts: [{ name: 'x', mountPath: '/x' }] })).toContain(itsOwn)
    expect(saysOf({ env: [{ ...token, value: '/token' }], volumeMounts })).toContain(itsOwn)
  })

  it('from two ConfigMaps are two findings', () => {
    const one = carts({
      env: [
        mapKey('AWS_ACCESS_KEY_ID'),
        { name: 'AWS_SECRET_ACCESS_KEY', valueFrom: { configMapKeyRef: { name: 'other', key: 'k' } } },
      ],
    })
    expect(findingsOf(one).map(({ found }) => found.match(/gets (.*?);/)?.[1])).toEqual([
      'AWS_ACCESS_KEY_ID from ConfigMap keys (env)',
      'AWS_SECRET_ACCESS_KEY from ConfigMap other (env)',
    ])
  })

  it('from two sources are two findings', () => {
    const one = carts({
      env: [secretKey('AWS_SECRET_ACCESS_KEY'), { name: 'AWS_ACCESS_KEY_ID', value: 'x' }],
    })
    expect(findingsOf(one).map(({ found }) => found.match(/gets (.*?);/)?.[1])).toEqual([
      'AWS_SECRET_ACCESS_KEY from Secret vault (env)',
      'AWS_ACCESS_KEY_ID from its own env',
    ])
  })

  it.each([
    ['Secret', { secretRef: { name: 'vault' } }, 'secret-not-read', 'secret vault'],
    ['ConfigMap', fromMap('gone'), 'config-map-not-read', 'configmap gone'],
  ])('a %s that was not looked into is named', (kind, from, code, what) => {
    expect(findingsOf(carts({ envFrom: [from] }))).toMatchObject([
      {
        code,
        severity: 'info',
        subject: 'deployment/carts',
        found: `container carts takes its environment from ${kind} ${what.split(' ')[1]}, which was not looked into; AWS keys in there would win over the role`,
        remedy: {
          advice: 'See whether it has any; only names are shown.',
          command: `kubectl get ${what} -n shop -o json | grep -o '"AWS_[A-Z_]*"' || echo 'no AWS variable in it'`,
        },
      },
    ])
  })
})

it('knows the names by which the webhook leaves pods and containers alone', () => {
  expect([skipLabel, skipAnnotation]).toEqual([
    'eks.amazonaws.com/skip-pod-identity-webhook',
    'eks.amazonaws.com/skip-containers',
  ])
})
