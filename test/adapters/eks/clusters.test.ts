import { afterEach, describe, expect, it } from 'vitest'
import { clusters } from '../../../adapters/eks/clusters.ts'
import { eks } from '../../../adapters/eks/eks.ts'
import { nodeRolesOf } from '../../../adapters/eks/nodegroups.ts'
import { denied, type EksAnswer, noSuchThing, scriptedEks } from '../../support/servers/scripted-eks.ts'

const region = 'us-west-2'
const arn = `arn:aws:eks:${region}:123456789012:cluster/shop`
/** What each cluster has, and no more. */
const bare = { arn, status: 'CREATING' }
const bareFacts = { name: 'shop', arn, status: 'CREATING', version: '', autoMode: false }
const whole = {
  ...bare,
  status: 'ACTIVE',
  version: '1.35',
  endpoint: 'https://shop.example',
  certificateAuthority: { data: 'Q0E=' },
  computeConfig: { enabled: true },
  kubernetesNetworkConfig: { ipFamily: 'ipv6' },
  createdAt: 1_767_225_600,
  identity: { oidc: { issuer: 'https://oidc.example/id/1' } },
  tags: { team: 'shop' },
}
const wholeFacts = {
  name: 'shop',
  arn,
  status: 'ACTIVE',
  version: '1.35',
  endpoint: 'https://shop.example',
  certificateAuthority: 'Q0E=',
  autoMode: true,
  ipFamily: 'ipv6',
  createdAt: '2026-01-01T00:00:00.000Z',
  oidcIssuer: 'oidc.example/id/1',
}

let server: Awaited<ReturnType<typeof scriptedEks>> | undefined
afterEach(() => server?.close())

const answering = async (answers: Record<string, EksAnswer>) => {
  server = await scriptedEks(answers)
  return server
}
const describing = async (cluster: object | undefined) =>
  (await answering({ 'GET /clusters/shop': { cluster } })).runtime

describe('a cluster', () => {
  it.each([
    ['all that EKS says of it', whole, wholeFacts],
    ['only what each has, while it is being made', bare, bareFacts],
    [
      'members that say nothing',
      { ...bare, certificateAuthority: {}, computeConfig: {}, kubernetesNetworkConfig: {}, identity: {} },
      bareFacts,
    ],
    ['an identity without an issuer', { ...bare, identity: { oidc: {} } }, bareFacts],
    [
      'an issuer of another scheme, which stays as it is',
      { ...bare, identity: { oidc: { issuer: 'http://proxy/https://oidc' } } },
      { ...bareFacts, oidcIssuer: 'http://proxy/https://oidc' },
    ],
  ])('is read with %s', async (_what, cluster, facts) => {
    const runtime = await describing(cluster)
    expect(await eks(runtime, region).describeCluster('shop')).toStrictEqual(facts)
  })

  it.each([
    ['cluster', undefined],
    ['ARN of the cluster', { status: 'ACTIVE' }],
    ['status of the cluster', { arn }],
  ])('is not known by an answer without the %s', async (member, cluster) => {
    const runtime = await describing(cluster)
    const failure = {
      name: 'Transient',
      message: expect.stringMatching(
        new RegExp(`^describing cluster shop: .*the answer holds no ${member}$`),
      ) as unknown,
    }
    await expect(eks(runtime, region).describeCluster('shop')).rejects.toMatchObject(failure)
    await expect(clusters(runtime, region).describe('shop')).rejects.toMatchObject(failure)
  })

  it.each([
    [
      'its tags and when it was made',
      whole,
      { account: '123456789012', tags: { team: 'shop' }, arn, createdAt: '2026-01-01T00:00:00.000Z' },
    ],
    ['neither tags nor a time', bare, { account: '123456789012', tags: {}, arn, createdAt: '' }],
    [
      'no account in its ARN',
      { ...bare, arn: 'shop' },
      { account: '', tags: {}, arn: 'shop', createdAt: '' },
    ],
  ])('is identified with %s', async (_what, cluster, facts) => {
    const runtime = await describing(cluster)
    const known = { name: 'shop', region, ...facts }
    expect(await clusters(runtime, region).identify('shop')).toStrictEqual(known)
    expect(await clusters(runtime, region).describe('shop')).toStrictEqual({
      known,
      cluster: cluster === whole ? wholeFacts : { ...bareFacts, arn: facts.arn },
    })
  })

  it('is undefined where there is none', async () => {
    const { runtime } = await answering({ 'GET /clusters/shop': noSuchThing })
    expect(await eks(runtime, region).describeCluster('shop')).toBeUndefined()
    expect(await clusters(runtime, region).identify('shop')).toBeUndefined()
    expect(await clusters(runtime, region).describe('shop')).toBeUndefined()
  })

  it('is not undefined for who may not see it, or is told to stop', async () => {
    const { runtime } = await answering({ 'GET /clusters/shop': denied })
    const failure = { name: 'AccessDenied', message: expect.stringMatching(/^describing cluster shop: /) }
    await expect(eks(runtime, region).describeCluster('shop')).rejects.toMatchObject(failure)
    await expect(clusters(runtime, region).identify('shop')).rejects.toMatchObject(failure)
    const stopped = { ...runtime, signal: AbortSignal.abort() }
    await expect(eks(stopped, region).describeCluster('shop')).rejects.toThrow(/abort/i)
    await expect(clusters(stopped, region).identify('shop')).rejects.toThrow(/abort/i)
  })
})

describe('the list of clusters', () => {
  it('has those of all pages', async () => {
    const { runtime } = await answering({
      'GET /clusters': { clusters: ['shop'], nextToken: 'more' },
      'GET /clusters?nextToken=more': { clusters: ['till'] },
    })
    expect(await clusters(runtime, region).list()).toEqual(['shop', 'till'])
  })

  it.each([
    ['an answer without it', {}, 'Transient', /^listing the clusters of us-west-2: .*no list of clusters$/],
    ['a refusal', denied, 'AccessDenied', /^listing the clusters of us-west-2: /],
  ])('is not empty after %s', async (_what, answer, name, message) => {
    const { runtime } = await answering({ 'GET /clusters': answer })
    await expect(clusters(runtime, region).list()).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as unknown,
    })
  })
})

describe('the ARN of the agent’s add-on', () => {
  const request = 'GET /clusters/shop/addons/eks-pod-identity-agent'

  it.each([
    ['what EKS says', { addon: { addonArn: 'arn:agent' } }, 'arn:agent'],
    ['undefined where the cluster has none', noSuchThing, undefined],
  ])('is %s', async (_what, answer, found) => {
    const { runtime } = await answering({ [request]: answer })
    expect(await clusters(runtime, region).agentArn('shop')).toBe(found)
  })

  it.each([
    ['an answer without it', { addon: {} }, 'Transient', /the answer holds no ARN of the add-on$/],
    ['an empty answer', {}, 'Transient', /the answer holds no ARN of the add-on$/],
    ['a refusal', denied, 'AccessDenied', /^describing the add-on eks-pod-identity-agent of shop: /],
  ])('is not undefined after %s', async (_what, answer, name, message) => {
    const { runtime } = await answering({ [request]: answer })
    await expect(clusters(runtime, region).agentArn('shop')).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as unknown,
    })
  })
})

describe('the roles of node groups', () => {
  const list = 'GET /clusters/shop/node-groups'

  it('are by the name of each group that has one', async () => {
    const { runtime } = await answering({
      [list]: { nodegroups: ['large', 'bare', 'gone'] },
      [`${list}/large`]: { nodegroup: { nodeRole: 'arn:large' } },
      [`${list}/bare`]: { nodegroup: {} },
      [`${list}/gone`]: {},
    })
    expect([...(await nodeRolesOf(runtime, region, 'shop'))]).toEqual([['large', 'arn:large']])
  })

  it.each([
    ['an answer without a list', {}, 'Transient', /the answer holds no list of node groups$/],
    ['a refusal', denied, 'AccessDenied', /^listing the node groups of shop: /],
  ])('are not none after %s', async (_what, answer, name, message) => {
    const { runtime } = await answering({ [list]: answer })
    await expect(nodeRolesOf(runtime, region, 'shop')).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as unknown,
    })
  })
})
