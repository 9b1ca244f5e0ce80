import { describe, expect, it } from 'vitest'
import type { ConfigMap, Container, PodSpec } from '../../../core/kubernetes.ts'
import { checkInjection, credentialVariables, readInjection } from '../../../core/workload/injection.ts'
import { injectedContainer, injectedSpec, pod } from '../../support/pods.ts'

const plain: PodSpec = { containers: [{ name: 'carts' }] }
const context = { ref: { kind: 'Deployment', name: 'carts' }, namespace: 'carts', configMaps: [] } as const

describe('reading what the webhook did', () => {
  const withoutVolume = { ...injectedSpec(plain), volumes: [] }
  const otherAudience = structuredClone(injectedSpec(plain))
  for (const source of otherAudience.volumes?.[0]?.projected?.sources ?? []) {
    if (source.serviceAccountToken) source.serviceAccountToken.audience = 'sts.amazonaws.com'
  }
  const halfway = {
    ...injectedSpec(plain),
    containers: [injectedContainer({ name: 'carts' }), { name: 'proxy' }],
  }
  const withInit: PodSpec = { ...injectedSpec(plain), initContainers: [{ name: 'migrate' }] }
  const preset: PodSpec = {
    ...injectedSpec(plain),
    containers: [
      {
        ...injectedContainer({ name: 'carts' }),
        env: [{ name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://localhost:1338' }],
      },
    ],
  }
  const cases: [why: string, spec: PodSpec, skip: string | undefined, injected: boolean][] = [
    ['everything there', injectedSpec(plain), undefined, true],
    ['everything there, IPv6', injectedSpec(plain, 'ipv6'), undefined, true],
    ['nothing there', plain, undefined, false],
    ['no token volume', withoutVolume, undefined, false],
    ['a token for another audience (IRSA)', otherAudience, undefined, false],
    ['one container of two', halfway, undefined, false],
    ['one of two, the other skipped by annotation', halfway, 'other,proxy', true],
    ['blanks belong to a name, as for Go’s csv reader', halfway, 'other, proxy', false],
    ['a name in quotes is the name', halfway, '"proxy",other', true],
    ['only the first line is read', halfway, 'other\nproxy', false],
    ['a stray quote makes the list unreadable', halfway, 'proxy,o"ther', false],
    ['every container skipped', injectedSpec(plain), 'carts', false],
    ['an init container missed', withInit, undefined, false],
    ['a variable set by the template, which the webhook keeps', preset, undefined, false],
  ]

  it.each(cases)('%s', (_why, spec, skip, injected) => {
    const metadata = skip === undefined ? {} : { annotations: { 'eks.amazonaws.com/skip-containers': skip } }
    expect(readInjection(pod({ spec, metadata })).injected).toBe(injected)
  })

  it('counts the template’s own containers, and names another webhook’s', () => {
    const halves = pod({ spec: halfway, metadata: { name: 'carts-1' } })
    expect(readInjection(halves, plain).injected).toBe(true)
    const { injected, findings } = checkInjection([halves], { ...context, template: plain })
    expect(injected).toBe(true)
    expect(findings).toMatchObject([
      {
        code: 'added-container-without-credentials',
        severity: 'info',
        found: expect.stringContaining('proxy'),
      },
    ])
  })

  it('counts a token only where the SDK is told to look for it', () => {
    const spec = injectedSpec(plain)
    for (const container of spec.containers)
      container.volumeMounts = [{ name: 'eks-pod-identity-token', mountPath: '/elsewhere' }]
    expect(readInjection({ spec })).toMatchObject({
      injected: false,
      containers: [{ missing: ['volume mount'] }],
    })
  })

  it('says which agent address each container has, and what a container lacks', () => {
    expect(readInjection({ spec: injectedSpec(plain, 'ipv6') }).containers).toEqual([
      { name: 'carts', skipped: false, injected: true, missing: [], family: 'ipv6' },
    ])
    expect(readInjection({ spec: halfway }).containers[1]).toEqual({
      name: 'proxy',
      skipped: false,
      injected: false,
      missing: [
        'AWS_CONTAINER_CREDENTIALS_FULL_URI',
        'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
        'volume mount',
      ],
    })
  })
})

describe('checking pods', () => {
  it('passes pods that all have the credentials', () => {
    expect(checkInjection([pod(), pod({ metadata: { name: 'carts-2' } })], context)).toEqual({
      injected: true,
      findings: [],
    })
  })

  it('names the pod that the webhook missed, and how to have it made anew', () => {
    const missed = pod({ metadata: { name: 'carts-missed' }, spec: plain })
    const { injected, findings } = checkInjection([pod(), missed], context)
    expect(injected).toBe(false)
    expect(findings).toMatchObject([
      {
        code: 'injection-missing',
        severity: 'blocking',
        remedy: { command: 'kubectl delete pod carts-missed -n carts' },
      },
    ])
    expect(findings[0]?.found).toContain(
      '1 of 2 pods have no Pod Identity credentials: carts-missed, container carts',
    )
  })

  it('has all made anew where all were missed', () => {
    const { findings } = checkInjection([pod({ spec: plain })], context)
    expect(findings[0]?.remedy?.command).toBe('kubectl rollout restart deployment/carts -n carts')
  })

  it('does not count pods on their way out', () => {
    const leaving = pod({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' }, spec: plain })
    expect(checkInjection([pod(), leaving], context).injected).toBe(true)
    expect(checkInjection([leaving], context).findings).toMatchObject([{ code: 'injection-unproven' }])
  })

  it('distinguishes a Fargate pod from a missed one', () => {
    const labels = { 'eks.amazonaws.com/fargate-profile': 'default' }
    expect(checkInjection([pod({ metadata: { labels }, spec: plain })], context).findings).toMatchObject([
      { code: 'compute-unsupported' },
    ])
  })

  it('finds static keys from a ConfigMap, once for all pods', () => {
    const keys: ConfigMap = {
      metadata: { name: 'carts' },
      data: { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'dummy', CARTS_DYNAMODB_TABLENAME: 'Items' },
    }
    const spec = injectedSpec({
      containers: [{ name: 'carts', envFrom: [{ configMapRef: { name: 'carts' } }] }],
    })
    const pods = [pod({ spec, metadata: { name: 'a' } }), pod({ spec, metadata: { name: 'b' } })]
    expect(checkInjection(pods, { ...context, configMaps: [keys] })).toEqual({
      injected: false,
      findings: [
        {
          code: 'credentials-outranked',
          severity: 'blocking',
          subject: 'deployment/carts',
          found:
            'container carts gets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY from ConfigMap carts (envFrom); AWS SDKs use static keys before the credentials of Pod Identity, or in place of them',
          remedy: {
            advice: 'Take the variables out of the ConfigMap; whatever else reads it loses them too.',
            command:
              'kubectl patch configmap carts -n carts --type json -p \'[{"op":"remove","path":"/data/AWS_ACCESS_KEY_ID"},{"op":"remove","path":"/data/AWS_SECRET_ACCESS_KEY"}]\'',
          },
        },
      ],
    })
  })
})

describe('on an IPv6 cluster', () => {
  const said = (env: { name: string; value: string }[]) => {
    const spec = injectedSpec({ containers: [{ name: 'carts', env }] }, 'ipv6')
    return checkInjection([pod({ spec })], { ...context, template: { containers: [{ name: 'carts' }] } })
      .findings
  }

  it('tells what Java’s SDK v2 needs to take the agent’s address', () => {
    expect(said([])).toMatchObject([
      {
        code: 'ipv6-without-endpoint-mode',
        severity: 'info',
        remedy: { advice: expect.stringContaining('AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6') },
      },
    ])
    expect(said([{ name: 'AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', value: 'IPv6' }])).toEqual([])
  })
})

it('tells a sidecar with keys of its own of the annotation that excludes it', () => {
  const sidecar = { name: 'side', env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIA' }] }
  const spec = injectedSpec({ containers: [{ name: 'carts' }, sidecar] })
  expect(checkInjection([pod({ spec })], context).findings).toMatchObject([
    {
      code: 'credentials-outranked',
      remedy: { advice: expect.stringContaining('eks.amazonaws.com/skip-containers: side') },
    },
  ])
})

describe('what outranks the credentials', () => {
  const keys: ConfigMap = { metadata: { name: 'keys' }, data: { AWS_PROFILE: 'dev' } }
  const halves: ConfigMap = { metadata: { name: 'halves' }, data: { ACCESS_KEY_ID: 'AKIA' } }
  const fromKeys = { envFrom: [{ configMapRef: { name: 'keys' } }] }
  type Case = [why: string, container: Omit<Container, 'name'>, skip: boolean, found: string[]]
  const cases: Case[] = [
    ['regions and endpoints do not', { env: [{ name: 'AWS_REGION', value: 'us-west-2' }] }, false, []],
    [
      'instance metadata switched off does not: container credentials come from the agent',
      { env: [{ name: 'AWS_EC2_METADATA_DISABLED', value: 'true' }] },
      false,
      [],
    ],
    [
      'a key in env',
      { env: [{ name: 'AWS_ACCESS_KEY_ID', value: 'AKIA' }] },
      false,
      ['credentials-outranked'],
    ],
    ['an empty key', { env: [{ name: 'AWS_ACCESS_KEY_ID', value: '' }] }, false, []],
    [
      'IRSA variables',
      { env: [{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/t' }] },
      false,
      ['credentials-outranked'],
    ],
    ['a profile from a ConfigMap', fromKeys, false, ['credentials-outranked']],
    ['… emptied by env, which comes later', { ...fromKeys, env: [{ name: 'AWS_PROFILE' }] }, false, []],
    ['… in a container that is skipped', fromKeys, true, []],
    [
      'a prefix makes a key of it',
      { envFrom: [{ prefix: 'AWS_', configMapRef: { name: 'halves' } }] },
      false,
      ['credentials-outranked'],
    ],
    [
      'a key from a Secret by name',
      { env: [{ name: 'AWS_ACCESS_KEY_ID', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      false,
      ['credentials-outranked'],
    ],
    [
      'a Secret as a whole cannot be looked into',
      { envFrom: [{ secretRef: { name: 's' } }] },
      false,
      ['secret-not-read'],
    ],
    [
      'nor can a ConfigMap that was not readable',
      { envFrom: [{ configMapRef: { name: 'gone' } }] },
      false,
      ['config-map-not-read'],
    ],
    [
      'a credentials file by name',
      { env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/etc/aws' }] },
      false,
      ['credential-file'],
    ],
    [
      'a file mounted where SDKs look',
      { volumeMounts: [{ name: 'aws', mountPath: '/root/.aws' }] },
      false,
      ['credential-file'],
    ],
    ['a file mounted elsewhere does not', { volumeMounts: [{ name: 'x', mountPath: '/etc/x' }] }, false, []],
    [
      'a proxy that the agent is not excepted from',
      { env: [{ name: 'HTTP_PROXY', value: 'http://proxy:3128' }] },
      false,
      ['proxy-before-agent'],
    ],
    [
      'a proxy that the agent is excepted from',
      {
        env: [
          { name: 'http_proxy', value: 'http://proxy:3128' },
          { name: 'no_proxy', value: '10.0.0.0/8,169.254.170.23' },
        ],
      },
      false,
      [],
    ],
    [
      'a proxy for https alone: the agent speaks http',
      { env: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }] },
      false,
      [],
    ],
    [
      'other container credentials',
      { env: [{ name: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', value: '/v2' }] },
      false,
      ['credentials-outranked'],
    ],
  ]

  it.each(cases)('%s', (_why, container, skip, codes) => {
    const spec = injectedSpec({ containers: [{ name: 'app' }, { name: 'carts', ...container }] })
    const annotations = { 'eks.amazonaws.com/skip-containers': skip ? 'carts' : '' }
    const { findings } = checkInjection([pod({ spec, metadata: { annotations } })], {
      ...context,
      configMaps: [keys, halves],
    })
    expect(findings.map(({ code }) => code)).toEqual(codes)
  })

  it('IRSA’s token, which the webhook has put there: no command takes it out of a template', () => {
    const directory = '/var/run/secrets/eks.amazonaws.com/serviceaccount'
    const byIrsa: Container = {
      name: 'carts',
      env: [{ name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${directory}/token` }],
      volumeMounts: [{ name: 'aws-iam-token', mountPath: directory }],
    }
    const { findings } = checkInjection([pod({ spec: injectedSpec({ containers: [byIrsa] }) })], context)
    expect(findings).toMatchObject([
      {
        code: 'credentials-outranked',
        found: expect.stringContaining('container carts has its credentials by IRSA'),
      },
    ])
    expect(findings[0]?.remedy).not.toHaveProperty('command')
  })
})

it('shows credential variables without giving keys away', () => {
  const spec: PodSpec = {
    containers: [
      {
        name: 'carts',
        env: [
          { name: 'AWS_REGION', value: 'us-west-2' },
          { name: 'AWS_ACCESS_KEY_ID', value: 'AKIAIOSFODNN7EXAMPLE' },
          { name: 'AWS_SECRET_ACCESS_KEY', value: 'wJalrXUtnFEMI' },
          { name: 'AWS_SESSION_TOKEN', valueFrom: { secretKeyRef: { name: 'session', key: 'token' } } },
          { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::123456789012:role/carts' },
        ],
      },
    ],
  }
  expect(credentialVariables({ spec: injectedSpec(spec) }, [])).toEqual({
    carts: {
      AWS_ACCESS_KEY_ID: 'AKIA…',
      AWS_SECRET_ACCESS_KEY: '(hidden)',
      AWS_SESSION_TOKEN: '(in Secret session)',
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/carts',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:
        '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
    },
  })
  expect(credentialVariables({ spec: { containers: [{ name: 'proxy' }] } }, [])).toEqual({})
})

it('shows no token and no password, whichever variable holds it', () => {
  const env = [
    { name: 'AWS_SESSION_TOKEN', value: 'IQoJb3JpZ2luX2Vj' },
    { name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN', value: 'hunter2hunter2' },
    { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://me:hunter2@localhost/' },
  ]
  expect(credentialVariables({ spec: { containers: [{ name: 'carts', env }] } }, [])).toEqual({
    carts: {
      AWS_SESSION_TOKEN: '(hidden)',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: '(hidden)',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://(hidden)@localhost/',
    },
  })
})
