import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { clientsOf, config, lambdaTrust } from './support.ts'

describe('signatures', () => {
  let aws: AwsStandIn
  beforeAll(async () => {
    aws = await startAws()
    aws.state.addCluster({ name: 'eks-workshop' })
    aws.state.addRole({ name: 'reader', trust: lambdaTrust })
  })
  afterAll(() => aws.close())

  it('knows the administrator', async () => {
    const { sts } = clientsOf(aws)
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:user/admin',
    })
  })

  it('knows a session by its token, and not without it', async () => {
    const credentials = aws.sessionFor('arn:aws:iam::123456789012:role/reader', { sessionName: 'me' })
    expect(await clientsOf(aws, credentials).sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/reader/me',
    })
    const { sessionToken: _left, ...bare } = credentials
    await expect(clientsOf(aws, bare).sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    })
  })

  const wrongSecret = () => ({ ...aws.credentials, secretAccessKey: 'x'.repeat(40) })
  const wrongKey = () => ({ ...aws.credentials, accessKeyId: 'AKIAAAAAAAAAAAAAAAAA' })
  const askEks = (extra: object) =>
    new EKSClient({ ...config(aws), ...extra }).send(new DescribeClusterCommand({ name: 'eks-workshop' }))
  const askIam = (extra: object) =>
    new IAMClient({ ...config(aws), ...extra }).send(new GetRoleCommand({ RoleName: 'reader' }))
  const hour = 3600_000
  const mistakes: [string, () => Promise<unknown>, string][] = [
    ['EKS, wrong secret', () => askEks({ credentials: wrongSecret() }), 'InvalidSignatureException'],
    ['IAM, wrong secret', () => askIam({ credentials: wrongSecret() }), 'SignatureDoesNotMatch'],
    ['EKS, unknown key', () => askEks({ credentials: wrongKey() }), 'UnrecognizedClientException'],
    ['IAM, unknown key', () => askIam({ credentials: wrongKey() }), 'InvalidClientTokenId'],
    ['EKS, a clock that is late', () => askEks({ systemClockOffset: -hour }), 'InvalidSignatureException'],
    ['EKS, a clock that is early', () => askEks({ systemClockOffset: hour }), 'InvalidSignatureException'],
    ['IAM, a clock that is late', () => askIam({ systemClockOffset: -hour }), 'SignatureDoesNotMatch'],
    ['EKS, another region', () => askEks({ region: 'eu-central-1' }), 'InvalidSignatureException'],
  ]
  it.each(mistakes)('refuses: %s', async (_why, ask, name) => {
    await expect(ask()).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 403 } })
  })

  it('notices a body that was altered after signing', async () => {
    const sts = new STSClient(config(aws))
    sts.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string; headers: Record<string, string> }
        request.body = `${request.body}&Extra=1`
        request.headers['content-length'] = String(request.body.length)
        return next(args)
      },
      { step: 'deserialize' }, // the last step, after the one that signs
    )
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    })
  })

  it('notices a body that is not the one whose hash S3’s client has signed', async () => {
    const s3 = new S3Client({
      ...config(aws),
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
    s3.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string }
        request.body = 'two'
        return next(args)
      },
      { step: 'deserialize' },
    )
    // Before it is looked whether there is such a bucket.
    const put = s3.send(new PutObjectCommand({ Bucket: 'carts', Key: 'one', Body: 'one' }))
    await expect(put).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' })
  })

  it('refuses a session that has expired', async () => {
    let time = Date.now()
    const short = await startAws({ signingTime: () => time })
    short.state.addRole({ name: 'reader', trust: lambdaTrust })
    const credentials = short.sessionFor('arn:aws:iam::123456789012:role/reader')
    time += hour + 1
    const sts = new STSClient({
      ...config(short, { ...credentials, expiration: new Date(time + hour) }),
      systemClockOffset: hour,
    })
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' })
    await short.close()
  })

  it('wants every request signed', async () => {
    const response = await fetch(`${aws.url}/clusters/eks-workshop`)
    expect(response.status).toBe(403)
    expect(response.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationTokenException')
  })
})
