import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../../../core/kubernetes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { injectPodIdentity, injectWebIdentity } from '../../../../local/kubernetes/webhook/injection.ts'
import { type AssociationSource, podIdentityWebhook } from '../../../../local/kubernetes/webhook/webhook.ts'
import { cluster } from '../support/cluster.ts'

const uri = 'AWS_CONTAINER_CREDENTIALS_FULL_URI'
const tokenFile = 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'

const podWith = (container: Partial<Container>, annotations: Record<string, string> = {}): Pod => ({
  metadata: { name: 'carts', namespace: 'carts', annotations },
  spec: { containers: [{ name: 'carts', image: 'carts', ...container }] },
})

const inject = (pod: Pod) =>
  injectPodIdentity(pod, { region: 'us-west-2', ipFamily: 'ipv4', expirationSeconds: 80_000 })

const envOf = (pod: Pod, index = 0) =>
  Object.fromEntries((pod.spec?.containers[index]?.env ?? []).map(({ name, value }) => [name, value]))

describe('injection of an association', () => {
  const cases: [string, Partial<Container>, Record<string, string | undefined>][] = [
    [
      'a plain container gets all five variables',
      {},
      {
        AWS_STS_REGIONAL_ENDPOINTS: 'regional',
        AWS_DEFAULT_REGION: 'us-west-2',
        AWS_REGION: 'us-west-2',
        [uri]: 'http://169.254.170.23/v1/credentials',
        [tokenFile]: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
      },
    ],
    [
      'a region of its own keeps both region variables away',
      { env: [{ name: 'AWS_REGION', value: 'eu-west-1' }] },
      { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: undefined, [uri]: expect.any(String) as string },
    ],
    [
      'a variable that is set is not overwritten, and its sibling not added',
      { env: [{ name: uri, value: 'http://localhost/creds' }] },
      { [uri]: 'http://localhost/creds', [tokenFile]: undefined },
    ],
    [
      'envFrom is not looked at',
      { envFrom: [{ configMapRef: { name: 'with-everything' } }] },
      { AWS_REGION: 'us-west-2', [uri]: expect.any(String) as string },
    ],
  ]
  it.each(cases)('%s', (_why, container, env) => {
    const have = envOf(inject(podWith(container)))
    for (const [name, value] of Object.entries(env)) expect(have[name], name).toEqual(value)
  })

  it('adds the volume in front, its mounts, and the label', () => {
    const pod = inject({
      metadata: { labels: { app: 'carts' } },
      spec: {
        volumes: [{ name: 'tmp' }],
        initContainers: [{ name: 'init', image: 'init' }],
        containers: [{ name: 'carts', image: 'carts', volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] }],
      },
    })
    expect(pod.metadata?.labels).toEqual({ app: 'carts', 'eks.amazonaws.com/pod-identity': 'enabled' })
    expect(pod.spec?.volumes?.map(({ name }) => name)).toEqual(['eks-pod-identity-token', 'tmp'])
    expect(pod.spec?.volumes?.[0]?.projected?.sources?.[0]?.serviceAccountToken).toEqual({
      audience: 'pods.eks.amazonaws.com',
      expirationSeconds: 80_000,
      path: 'eks-pod-identity-token',
    })
    const mount = {
      name: 'eks-pod-identity-token',
      readOnly: true,
      mountPath: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount',
    }
    expect(pod.spec?.initContainers?.[0]?.volumeMounts).toEqual([mount])
    expect(pod.spec?.containers[0]?.volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }, mount])
  })

  it('leaves out the containers that the pod names, but not its volume', () => {
    const pod = podWith({}, { 'eks.amazonaws.com/skip-containers': 'proxy,logger' })
    pod.spec?.containers.push({ name: 'logger', image: 'logger' })
    const injected = inject(pod)
    expect(envOf(injected, 0)).toHaveProperty(uri)
    expect(injected.spec?.containers[1]).toEqual({ name: 'logger', image: 'logger' })
  })

  it('takes a blank before a name for a part of it, as Go’s reader of such lists does', () => {
    const pod = podWith({}, { 'eks.amazonaws.com/skip-containers': 'proxy, logger' })
    pod.spec?.containers.push({ name: 'logger', image: 'logger' })
    expect(envOf(inject(pod), 1)).toHaveProperty(uri)
  })

  it('changes nothing the second time', () => {
    const once = inject(podWith({}))
    expect(inject(once)).toEqual(once)
  })

  it('points to the agent over IPv6 where the cluster is one', () => {
    const pod = injectPodIdentity(podWith({}), { region: 'r', ipFamily: 'ipv6', expirationSeconds: 80_000 })
    expect(envOf(pod)[uri]).toBe('http://[fd00:ec2::23]/v1/credentials')
  })
})

describe('injection of an IRSA role', () => {
  const roleArn = 'arn:aws:iam::123456789012:role/carts'
  const irsa = (annotations: Record<string, string>, pod = podWith({})) =>
    injectWebIdentity(pod, { region: 'us-west-2', roleArn, annotations })

  it('names the role and the token, and has its own volume', () => {
    const pod = irsa({})
    expect(envOf(pod)).toMatchObject({
      AWS_ROLE_ARN: roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
    })
    expect(pod.spec?.volumes?.[0]).toMatchObject({
      name: 'aws-iam-token',
      projected: {
        sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', expirationSeconds: 86_400 } }],
      },
    })
    expect(pod.metadata?.labels).toBeUndefined()
  })

  it('follows the annotations, the pod before the ServiceAccount', () => {
    const account = {
      'eks.amazonaws.com/audience': 'mine',
      'eks.amazonaws.com/token-expiration': '7200',
      'eks.amazonaws.com/sts-regional-endpoints': 'false',
    }
    const pod = irsa(account, podWith({}, { 'eks.amazonaws.com/token-expiration': '60' }))
    expect(envOf(pod)).not.toHaveProperty('AWS_STS_REGIONAL_ENDPOINTS')
    expect(pod.spec?.volumes?.[0]?.projected?.sources?.[0]?.serviceAccountToken).toMatchObject({
      audience: 'mine',
      expirationSeconds: 3600,
    })
  })
})

/** Associations that a test makes and takes away. */
const associationsOf = (now: () => number) => {
  const known = new Map<string, { createdAt: number }>()
  const listeners = new Set<(namespace: string, serviceAccount: string) => void>()
  const note = (key: string) => {
    const [namespace = '', name = ''] = key.split('/')
    for (const listener of listeners) listener(namespace, name)
  }
  const source: AssociationSource = {
    associationFor: (namespace, serviceAccount) => known.get(`${namespace}/${serviceAccount}`),
    onChange: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  return {
    source,
    create: (key: string) => {
      known.set(key, { createdAt: now() })
      note(key)
    },
    repoint: note,
    remove: (key: string) => {
      known.delete(key)
      note(key)
    },
  }
}

describe('the webhook', () => {
  const setUp = (replicas?: number[], annotations?: Record<string, string>) => {
    const { store, clock } = cluster()
    const associations = associationsOf(() => clock.now())
    const webhook = podIdentityWebhook({
      store,
      clock,
      associations: associations.source,
      region: 'us-west-2',
      ...(replicas && { replicas }),
    })
    store.admission.push(webhook.hook)
    store.create(resources.serviceaccounts, {
      metadata: { name: 'carts', namespace: 'carts', ...(annotations && { annotations }) },
    })
    const probe = (): 'association' | 'irsa' | 'nothing' => {
      const pod = store.create(
        resources.pods,
        {
          metadata: { generateName: 'probe-', namespace: 'carts' },
          spec: { serviceAccountName: 'carts', containers: [{ name: 'c', image: 'c' }] },
        },
        { dryRun: true },
      )
      if (uri in envOf(pod as Pod)) return 'association'
      return 'AWS_ROLE_ARN' in envOf(pod as Pod) ? 'irsa' : 'nothing'
    }
    return { store, clock, associations, webhook, probe }
  }

  it('injects once the association has had its time to arrive, and stores nothing for a dry run', () => {
    const { store, clock, associations, probe } = setUp([7000])
    associations.create('carts/carts')
    expect(probe()).toBe('nothing')
    clock.advance(6999)
    expect(probe()).toBe('nothing')
    clock.advance(1)
    expect(probe()).toBe('association')
    expect(store.list(resources.pods)).toEqual([])
  })

  it('asks the API servers in turn, each with a delay of its own', () => {
    const { clock, associations, probe } = setUp([5000, 10_000, 15_000])
    associations.create('carts/carts')
    clock.advance(11_000)
    expect([probe(), probe(), probe(), probe()]).toEqual([
      'association',
      'association',
      'nothing',
      'association',
    ])
    clock.advance(4000)
    expect([probe(), probe(), probe()]).toEqual(['association', 'association', 'association'])
  })

  it('injects for as long after a deletion as it takes to arrive', () => {
    const { clock, associations, probe } = setUp([7000])
    associations.create('carts/carts')
    clock.advance(60_000)
    associations.remove('carts/carts')
    clock.advance(6000)
    expect(probe()).toBe('association')
    clock.advance(1000)
    expect(probe()).toBe('nothing')
  })

  it('goes on injecting while the role of an association changes', () => {
    const { clock, associations, probe } = setUp([7000])
    associations.create('carts/carts')
    clock.advance(60_000)
    associations.repoint('carts/carts')
    expect(probe()).toBe('association')
  })

  it('knows of changes that every API server has heard of by the association itself', () => {
    const { clock, associations, probe } = setUp([5000, 10_000])
    const bothAfter = (ms: number) => {
      clock.advance(ms)
      associations.create('carts/other')
      return [probe(), probe()]
    }
    associations.create('carts/carts')
    expect(bothAfter(6000)).toEqual(['association', 'nothing'])
    expect(bothAfter(4000)).toEqual(['association', 'association'])
    associations.remove('carts/carts')
    associations.create('carts/carts')
    associations.remove('carts/carts')
    expect(bothAfter(6000)).toEqual(['nothing', 'association'])
    expect(bothAfter(4000)).toEqual(['nothing', 'nothing'])
    associations.create('carts/carts')
    expect(bothAfter(0)).toEqual(['nothing', 'nothing'])
  })

  it('gives an annotated ServiceAccount IRSA until the association has arrived, which then wins', () => {
    const { clock, associations, probe } = setUp([7000], {
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/old',
    })
    associations.create('carts/carts')
    expect(probe()).toBe('irsa')
    clock.advance(7000)
    expect(probe()).toBe('association')
  })

  it('is missed silently when it cannot be reached', () => {
    const { clock, associations, webhook, probe } = setUp([0])
    associations.create('carts/carts')
    clock.advance(1)
    webhook.missNext(2)
    expect([probe(), probe(), probe()]).toEqual(['nothing', 'nothing', 'association'])
  })

  it('keeps other ServiceAccounts out of it', () => {
    const { clock, associations, probe } = setUp([0])
    associations.create('carts/other')
    clock.advance(1)
    expect(probe()).toBe('nothing')
  })
})
