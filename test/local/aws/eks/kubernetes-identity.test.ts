import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyToken } from '../../../../local/aws/eks/token.ts'
import { type AwsStandIn, type Credentials, startAws } from '../../../../local/aws/index.ts'
import { formatAmzDate, signatureOf } from '../../../../local/aws/sigv4.ts'
import { lambdaTrust } from '../support.ts'

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

interface TokenRequest {
  cluster: string
  credentials: Credentials
  host: string
  scheme: string
  signedAt: number
  expires: string | undefined
  scopeRegion: string
  parameters: Record<string, string>
  signedHeaders: string
}

/** A token as a client makes it, wherever the test does not ask for something else. */
const makeToken = (request: TokenRequest): string => {
  const date = formatAmzDate(request.signedAt)
  const scope = `${date.slice(0, 8)}/${request.scopeRegion}/sts/aws4_request`
  const query: [string, string][] = Object.entries({
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${request.credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': date,
    ...(request.expires === undefined ? {} : { 'X-Amz-Expires': request.expires }),
    'X-Amz-SignedHeaders': request.signedHeaders,
    ...(request.credentials.sessionToken ? { 'X-Amz-Security-Token': request.credentials.sessionToken } : {}),
    ...request.parameters,
  })
  const values: Record<string, string> = { host: request.host, 'x-k8s-aws-id': request.cluster }
  const signature = signatureOf(
    {
      method: 'GET',
      path: '/',
      query,
      headers: request.signedHeaders.split(';').map((name) => [name, values[name] ?? '']),
      payloadHash: EMPTY_HASH,
      date,
      scope,
    },
    request.credentials.secretAccessKey,
  )
  const encoded = new URLSearchParams([...query, ['X-Amz-Signature', signature]])
    .toString()
    .replaceAll('+', '%20')
  return `k8s-aws-v1.${Buffer.from(`${request.scheme}://${request.host}/?${encoded}`).toString('base64url')}`
}

describe('EKS bearer tokens', () => {
  let aws: AwsStandIn
  const role = 'arn:aws:iam::123456789012:role/deployer'
  beforeAll(async () => {
    aws = await startAws()
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addCluster({ name: 'other' })
    aws.state.addRole({ name: 'deployer', trust: lambdaTrust })
    for (const cluster of ['eks-workshop', 'other'])
      aws.state.addAccessEntry(cluster, {
        principalArn: 'arn:aws:iam::123456789012:user/admin',
        clusterPolicies: ['AmazonEKSClusterAdminPolicy'],
      })
    aws.state.addAccessEntry('eks-workshop', { principalArn: role, kubernetesGroups: ['podid'] })
  })
  afterAll(() => aws.close())

  const minute = 60_000
  const request = (change: Partial<TokenRequest> = {}): TokenRequest => ({
    cluster: 'eks-workshop',
    credentials: aws.credentials,
    host: 'sts.us-west-2.amazonaws.com',
    scheme: 'https',
    signedAt: Date.now(),
    expires: '60',
    scopeRegion: 'us-west-2',
    parameters: {},
    signedHeaders: 'host;x-k8s-aws-id',
    ...change,
  })
  const ownHost = () => new URL(aws.url).host

  const cases: [why: string, change: () => Partial<TokenRequest>, accepted: boolean][] = [
    ['as clients make it', () => ({}), true],
    [
      "for the stand-in's own host, which AWS_ENDPOINT_URL leads to",
      () => ({ host: ownHost(), scheme: 'http' }),
      true,
    ],
    ['14 minutes old', () => ({ signedAt: Date.now() - 14 * minute }), true],
    [
      '16 minutes old, although it asks for less than that',
      () => ({ signedAt: Date.now() - 16 * minute }),
      false,
    ],
    ['from ten minutes ahead', () => ({ signedAt: Date.now() + 10 * minute }), false],
    ['valid for 900 s', () => ({ expires: '900' }), true],
    ['valid for 901 s', () => ({ expires: '901' }), false],
    ['no X-Amz-Expires', () => ({ expires: undefined }), false],
    ['signed for another cluster', () => ({ cluster: 'other' }), false],
    ['cluster header not signed', () => ({ signedHeaders: 'host' }), false],
    ['a parameter that is not allowed', () => ({ parameters: { Extra: '1' } }), false],
    ['another action', () => ({ parameters: { Action: 'AssumeRole' } }), false],
    [
      'another region',
      () => ({ host: 'sts.eu-central-1.amazonaws.com', scopeRegion: 'eu-central-1' }),
      false,
    ],
    ['a host of somebody else', () => ({ host: 'sts.us-west-2.amazonaws.com.example.org' }), false],
    ['plain HTTP to STS', () => ({ scheme: 'http' }), false],
    ['wrong secret', () => ({ credentials: { ...aws.credentials, secretAccessKey: 'x'.repeat(40) } }), false],
  ]
  it.each(cases)('%s', (_why, change, accepted) => {
    const identity = aws.authenticateToken(makeToken(request(change())), 'eks-workshop')
    expect(identity !== undefined).toBe(accepted)
  })

  it.each([
    [2600, false],
    [2700, true], // base64 makes the whole a third longer
  ])('reads no more than 4 KiB: a session token of %i characters', (length, refused) => {
    const sessionToken = 'x'.repeat(length)
    const token = makeToken(request({ credentials: { ...aws.credentials, sessionToken } }))
    const verdict = verifyToken(token, {
      clusterName: 'eks-workshop',
      region: 'us-west-2',
      ownHost: ownHost(),
      now: Date.now(),
      keyOf: () => ({ secretAccessKey: aws.credentials.secretAccessKey, sessionToken }),
    })
    expect(verdict).toEqual(
      refused ? { refusal: 'token is too large' } : { accessKeyId: aws.credentials.accessKeyId },
    )
  })

  it.each([
    ['at another cluster', () => ({ clusterName: 'other' })],
    ['in another region', () => ({ region: 'eu-central-1' })],
    ['at another time', () => ({ now: Date.now() + 16 * minute })],
    ['when its key is gone', () => ({ keyOf: () => undefined })],
    ['when its key is another', () => ({ keyOf: () => ({ secretAccessKey: 'x'.repeat(40) }) })],
    ['when its host is nobody’s', () => ({ ownHost: '127.0.0.1:1' })],
  ])('looks at a token that was accepted before anew: %s', (_why, change) => {
    const { accessKeyId, secretAccessKey } = aws.credentials
    const token = makeToken(request({ host: ownHost(), scheme: 'http' }))
    const rules = {
      clusterName: 'eks-workshop',
      region: 'us-west-2',
      ownHost: ownHost(),
      now: Date.now(),
      keyOf: () => ({ secretAccessKey }),
    }
    expect(verifyToken(token, rules)).toEqual({ accessKeyId })
    expect(verifyToken(token, { ...rules, ...change() })).toHaveProperty('refusal')
    expect(verifyToken(token, rules)).toEqual({ accessKeyId })
  })

  it('refuses what is no token', () => {
    expect(aws.authenticateToken('v1.abc', 'eks-workshop')).toBeUndefined()
    expect(aws.authenticateToken('k8s-aws-v1.%%%', 'eks-workshop')).toBeUndefined()
  })

  it('gives a role session the names and groups of its access entry', () => {
    const credentials = aws.sessionFor(role, { sessionName: 'run-1' })
    expect(aws.authenticateToken(makeToken(request({ credentials })), 'eks-workshop')).toEqual({
      arn: 'arn:aws:sts::123456789012:assumed-role/deployer/run-1',
      accessKeyId: credentials.accessKeyId,
      username: 'arn:aws:sts::123456789012:assumed-role/deployer/run-1',
      groups: ['podid'],
      accessPolicies: [],
    })
  })

  it('lets nobody in without an access entry', () => {
    const credentials = aws.sessionFor(role)
    const token = makeToken(request({ credentials, cluster: 'other' }))
    expect(aws.authenticateToken(token, 'other')).toBeUndefined()
  })

  it('does not take a role made anew for the one that had the entry', async () => {
    const { arn } = aws.state.addRole({ name: 'shortlived', trust: lambdaTrust })
    aws.state.addAccessEntry('eks-workshop', { principalArn: arn })
    const token = () => makeToken(request({ credentials: aws.sessionFor(arn) }))
    expect(aws.authenticateToken(token(), 'eks-workshop')).toBeDefined()
    aws.state.addRole({ name: 'shortlived', trust: lambdaTrust })
    expect(aws.authenticateToken(token(), 'eks-workshop')).toBeUndefined()
  })

  it('shows the administrator with the access policy', () => {
    expect(aws.authenticateToken(makeToken(request()), 'eks-workshop')).toMatchObject({
      username: 'arn:aws:iam::123456789012:user/admin',
      accessPolicies: [{ name: 'AmazonEKSClusterAdminPolicy', scope: { type: 'cluster' } }],
    })
  })
})
