import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../core/findings.ts'
import type { Pod, PodSpec } from '../../../../core/kubernetes.ts'
import {
  checkInjection,
  credentialVariables,
  type InjectionContext,
  readInjection,
} from '../../../../core/workload/injection.ts'
import { injectedContainer, injectedSpec, pod } from '../../../support/pods.ts'

const context: InjectionContext = {
  ref: { kind: 'Deployment', name: 'carts' },
  namespace: 'shop',
  configMaps: [],
}
const plain: PodSpec = { containers: [{ name: 'app' }] }
const good = (name: string): Pod => pod({ metadata: { name }, spec: injectedSpec(plain) })
const bad = (name: string, metadata: object = {}): Pod =>
  pod({ metadata: { name, ...metadata }, spec: plain })
const all = 'AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, volume, volume mount'
const lacks = (name: string) => `${name}, container app, lacks ${all}`
const missing = (said: string, remedy: object): Finding =>
  ({
    code: 'injection-missing',
    severity: 'blocking',
    subject: 'deployment/carts',
    found: said,
    remedy,
  }) as Finding
const restart = {
  advice: 'Have its pods made anew.',
  command: 'kubectl rollout restart deployment/carts -n shop',
}
const anew = (names: string) => ({
  advice: 'Have them made anew.',
  command: `kubectl delete pod ${names} -n shop`,
})
const many = (count: number) => Array.from({ length: count }, (_, at) => `p${at}`)
const skip = { annotations: { 'eks.amazonaws.com/skip-containers': 'app' } }

describe('of pods is found, whole', () => {
  it.each<[why: string, pods: Pod[], findings: Finding[]]>([
    ['nothing where all have the credentials', [good('a'), good('b')], []],
    [
      'that there is none',
      [{ ...bad('a'), status: { phase: 'Failed' } }],
      [
        {
          code: 'injection-unproven',
          severity: 'blocking',
          subject: 'deployment/carts',
          found: 'no live pod of the current revision, so nothing shows that new pods get the credentials',
          remedy: {
            advice: 'See which pods there are.',
            command: 'kubectl get pods -n shop',
            looks: true,
          },
        },
      ],
    ],
    [
      'one of two without',
      [good('a'), bad('b')],
      [missing(`1 of 2 pods have no Pod Identity credentials: ${lacks('b')}`, anew('b'))],
    ],
    [
      'all without',
      [bad('a')],
      [missing(`1 of 1 pods have no Pod Identity credentials: ${lacks('a')}`, restart)],
    ],
    [
      'five of six without: each by name',
      [good('g'), ...many(5).map((name) => bad(name))],
      [
        missing(
          `5 of 6 pods have no Pod Identity credentials: ${many(5).map(lacks).join('; ')}`,
          anew('p0 p1 p2 p3 p4'),
        ),
      ],
    ],
    [
      'six of seven without: the first five are named',
      [good('g'), ...many(6).map((name) => bad(name))],
      [missing(`6 of 7 pods have no Pod Identity credentials: ${many(5).map(lacks).join('; ')}`, restart)],
    ],
    [
      'one that excludes all its containers',
      [good('g'), bad('a', skip)],
      [
        missing(
          '1 of 2 pods have no Pod Identity credentials: a excludes all its containers by the annotation eks.amazonaws.com/skip-containers',
          anew('a'),
        ),
      ],
    ],
    [
      'one of whose containers one lacks them, and one is excluded',
      [
        pod({
          metadata: { name: 'a', annotations: { 'eks.amazonaws.com/skip-containers': 'proxy' } },
          spec: {
            ...injectedSpec(plain),
            containers: [
              injectedContainer({ name: 'app' }),
              { name: 'late' },
              { name: 'proxy' },
              { name: 'x' },
            ],
          },
        }),
      ],
      [
        missing(
          '1 of 1 pods have no Pod Identity credentials: a, container late, lacks AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, volume mount; a, container x, lacks AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, volume mount',
          restart,
        ),
      ],
    ],
  ])('%s', (_why, pods, findings) => {
    expect(checkInjection(pods, context)).toEqual({ injected: findings.length === 0, findings })
  })

  it.each([
    ['one pod', ['a'], 'pod a'],
    ['two pods', ['a', 'b'], 'pods a, b'],
  ])('that %s run on Fargate', (_why, names, said) => {
    const pods = names.map((name) => bad(name, { labels: { 'eks.amazonaws.com/fargate-profile': 'x' } }))
    const { findings } = checkInjection([good('g'), ...pods], context)
    expect(findings.map(({ remedy: _, ...finding }) => finding)).toEqual([
      {
        code: 'compute-unsupported',
        severity: 'blocking',
        subject: 'deployment/carts',
        found: `${said} run on Fargate, where EKS Pod Identity does not work`,
      },
    ])
  })

  const outranked = (name: string, key = 'AWS_ACCESS_KEY_ID') =>
    pod({
      metadata: { name },
      spec: injectedSpec({ containers: [{ name: 'app', env: [{ name: key, value: 'x' }] }] }),
    })
  const texts = (pods: Pod[]) => checkInjection(pods, context).findings.map(({ found }) => found)
  it('what comes before the credentials, once for all pods or with the pods that have it', () => {
    const [said] = texts([outranked('a')])
    expect(texts([outranked('a'), outranked('b')])).toEqual([said])
    expect(texts([outranked('a'), good('b')])).toEqual([`${said} (in pod a)`])
    expect(texts([outranked('a'), good('b'), outranked('c')])).toEqual([`${said} (in pods a, c)`])
    expect(texts([outranked('a'), outranked('b', 'AWS_SECRET_ACCESS_KEY')])).toHaveLength(2)
  })

  it('containers that are asked to take an IPv6 address, those of another webhook not among them', () => {
    const spec = injectedSpec({ containers: [{ name: 'app' }, { name: 'late' }] }, 'ipv6')
    const said = (of: PodSpec, change: object = {}) =>
      checkInjection([pod({ metadata: { name: 'a' }, spec: of })], { ...context, ...change }).findings.map(
        ({ found }) => found.split(' AWS_EC2')[0],
      )
    const why = 'the agent’s address is IPv6, and'
    expect(said(spec)).toEqual([`${why} app, late have no`])
    expect(said(spec, { template: plain })).toEqual([`${why} app has no`])
    expect(said(injectedSpec(plain))).toEqual([])
  })

  it('what its own containers lack, and not what those of another webhook do', () => {
    const late = { containers: [{ name: 'app' }, { name: 'late' }] }
    const [first] = checkInjection([pod({ metadata: { name: 'a' }, spec: late })], {
      ...context,
      template: plain,
    }).findings
    expect(first?.found).toBe(`1 of 1 pods have no Pod Identity credentials: ${lacks('a')}`)
  })

  it('containers that another webhook added, each once', () => {
    const added = (name: string, ...containers: string[]) =>
      pod({
        metadata: { name },
        spec: {
          ...injectedSpec(plain),
          containers: [injectedContainer({ name: 'app' }), ...containers.map((one) => ({ name: one }))],
        },
      })
    expect(checkInjection([added('a', 'x', 'y'), added('b', 'x')], { ...context, template: plain })).toEqual({
      injected: true,
      findings: [
        {
          code: 'added-container-without-credentials',
          severity: 'info',
          subject: 'deployment/carts',
          found:
            'its pods have containers without the credentials that are not in its template: x, y; another webhook has added them after the Pod Identity webhook was asked',
        },
      ],
    })
  })
})

describe('what the webhook did is read, whole', () => {
  const app = { name: 'app', skipped: false, injected: true, missing: [], family: 'ipv4' }
  const spec = injectedSpec(plain)
  const volume = { name: 'eks-pod-identity-token' }
  const token = (audience: string) => ({ serviceAccountToken: { audience, path: 'x' } })
  const withVolumes = (volumes: object[]) => ({ ...spec, volumes }) as PodSpec
  const noVolume = { ...app, injected: false, missing: ['volume'] }
  it.each<[why: string, spec: PodSpec | undefined, containers: object[]]>([
    ['all of it', spec, [app]],
    ['all of it in IPv6', injectedSpec(plain, 'ipv6'), [{ ...app, family: 'ipv6' }]],
    ['nothing of no pod', undefined, []],
    ['no volume at all', { ...spec, volumes: undefined } as never, [noVolume]],
    ['a volume of another kind', withVolumes([volume]), [noVolume]],
    ['a projected volume of nothing', withVolumes([{ ...volume, projected: {} }]), [noVolume]],
    [
      'a token of another name',
      withVolumes([{ name: 'x', projected: { sources: [token('pods.eks.amazonaws.com')] } }]),
      [noVolume],
    ],
    [
      'a token among others',
      withVolumes([{ ...volume, projected: { sources: [{}, token('x'), token('pods.eks.amazonaws.com')] } }]),
      [app],
    ],
    [
      'a mount of another name or place',
      {
        ...spec,
        containers: [
          {
            ...injectedContainer({ name: 'app' }),
            volumeMounts: [
              { name: 'x', mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount' },
              { name: 'eks-pod-identity-token', mountPath: '/x' },
            ],
          },
        ],
      },
      [{ ...app, injected: false, missing: ['volume mount'] }],
    ],
    [
      'a token of another file',
      {
        ...spec,
        containers: [
          {
            ...injectedContainer({ name: 'app' }),
            env: [
              { name: 'AWS_CONTAINER_CREDENTIALS_FULL_URI', value: 'http://169.254.170.23/v1/credentials' },
              { name: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', value: '/token' },
            ],
          },
        ],
      },
      [{ ...app, injected: false, missing: ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'] }],
    ],
    [
      'no mounts',
      { ...spec, containers: [{ ...injectedContainer({ name: 'app' }), volumeMounts: undefined } as never] },
      [{ ...app, injected: false, missing: ['volume mount'] }],
    ],
  ])('%s', (_why, of, containers) => {
    expect(readInjection({ ...(of ? { spec: of } : {}) }).containers).toEqual(containers)
  })
})

it('shows the credential variables of a pod, secrets masked', () => {
  const env = Object.entries({
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_PROFILE: 'shop',
    AWS_DEFAULT_PROFILE: '',
    AWS_ROLE_ARN: 'arn:r',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'bearer',
    AWS_CONTAINER_X_SECRET: '',
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x',
    AWS_REGION: 'us-west-2',
    MY_AWS_PROFILE: 'x',
    AWS_PROFILES: 'x',
  }).map(([name, value]) => ({ name, value }))
  const from = (name: string, source: object) => ({ name, valueFrom: source })
  const containers = [
    { name: 'app', env },
    {
      name: 'more',
      env: [
        from('AWS_ACCESS_KEY_ID', { secretKeyRef: { name: 's', key: 'k' } }),
        from('AWS_PROFILE', { configMapKeyRef: { name: 'c', key: 'k' } }),
      ],
    },
    { name: 'none', env: [{ name: 'A', value: 'b' }] },
  ]
  expect(credentialVariables({ spec: { containers } }, [])).toEqual({
    app: {
      AWS_ACCESS_KEY_ID: 'AKIA…',
      AWS_SECRET_ACCESS_KEY: '(hidden)',
      AWS_SESSION_TOKEN: '(hidden)',
      AWS_PROFILE: 'shop',
      AWS_DEFAULT_PROFILE: '',
      AWS_ROLE_ARN: 'arn:r',
      AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
      AWS_CONTAINER_AUTHORIZATION_TOKEN: '(hidden)',
      AWS_CONTAINER_X_SECRET: '',
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://x',
    },
    more: { AWS_ACCESS_KEY_ID: '(in Secret s)', AWS_PROFILE: '(not read)' },
  })
})
