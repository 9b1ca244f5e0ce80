import { expect, it } from 'vitest'
import { explainLog } from '../../../../core/workload/diagnosis/log-lines.ts'
import { sdkSentences } from '../../../../core/workload/diagnosis/sdk-sentences.ts'
import { sdkSources } from '../../../../core/workload/diagnosis/sdk-sources.ts'

const nodeDenied =
  'User: arn:aws:sts::123456789012:assumed-role/eksctl-nodegroup-NodeInstanceRole/i-0123456789abcdef0 is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-west-2:123456789012:table/Items/index/idx_global_customerId because no identity-based policy allows the dynamodb:Query action'
const podDenied = nodeDenied.replace(
  'eksctl-nodegroup-NodeInstanceRole/i-0123456789abcdef0',
  'eks-workshop-carts-dynamo/eks-eks-workshop-carts-5c8-0f',
)

type Case = [why: string, log: string, line: RegExp | undefined, code: string | undefined, advice: RegExp]
const cases: Case[] = [
  ['nothing written', '\n  \n', undefined, undefined, /^$/],
  [
    'the last line where none is an error',
    'starting\nlistening on 8080\n',
    /^listening on 8080$/,
    undefined,
    /^$/,
  ],
  ['the last error', 'Error: first\nException: second\nbye', /^Exception: second$/, undefined, /^$/],
  [
    'a denial says more than later errors',
    `${podDenied}\nError: context failed`,
    /dynamodb:Query/,
    'rollout-access-denied',
    /^Allow dynamodb:Query on arn:aws:dynamodb:us-west-2:123456789012:table\/Items\/index\/idx_global_customerId in a policy of role eks-workshop-carts-dynamo$/,
  ],
  [
    'the node’s role means Pod Identity was not used',
    nodeDenied,
    /NodeInstanceRole/,
    'rollout-access-denied',
    /acted as the node’s role eksctl-nodegroup-NodeInstanceRole/,
  ],
  [
    'a denial without details',
    'AccessDeniedException: no',
    /^AccessDeniedException/,
    'rollout-access-denied',
    /^The line does not say which policy denies what the line names/,
  ],
  [
    'no credentials at all',
    'Unable to load credentials from any of the providers in the chain',
    /^Unable/,
    'rollout-no-credentials',
    /minimum-sdk/,
  ],
]

it.each(cases)('%s', (_why, log, line, code, advice) => {
  const explanation = explainLog(log)
  expect(explanation?.line ?? '').toMatch(line ?? /^$/)
  expect(explanation?.cause?.code).toBe(code)
  expect(explanation?.cause?.advice ?? '').toMatch(advice)
})

it('keeps long lines short', () => {
  expect(explainLog(`Error: ${'x '.repeat(1000)}`)?.line.length).toBeLessThan(500)
})

it('shows no line of a private key, with or without its end', () => {
  const body = Array.from(
    { length: 3 },
    () => 'MHcCAQEEIFVrb4yrNZ0fpGmD9VYwL0xr2sVhJ1qyJ0Qz5n8uJt1hoAoGCCqGSM49',
  )
  const key = ['-----BEGIN EC PRIVATE KEY-----', ...body]
  expect(explainLog(['fatal: bad key', ...key].join('\n'))?.line).toBe('fatal: bad key')
  expect(explainLog([...key, '-----END EC PRIVATE KEY-----'].join('\n'))?.line).toBe('(private key)')
  // The log's beginning may be cut off.
  expect(explainLog(body.join('\n'))?.line).toBe('(hidden)')
})

it('knows what a line says as it was written, and shows it without its secrets', () => {
  const bucket = 'arn:aws:s3:::AKIAIOSFODNN7EXAMPLE/key'
  const line = 'not authorized to perform: s3:GetObject on resource: '
  const explained = explainLog(`starting\n${line}${bucket}`)
  expect(explained?.cause?.denial?.resource).toBe(bucket)
  expect(explained?.line).toBe(`${line}arn:aws:s3:::AKIA…/key`)
})

it('takes no line for another one where a private key stands before or behind it', () => {
  const key = ['-----BEGIN EC PRIVATE KEY-----', 'MHcCAQEE', '-----END EC PRIVATE KEY-----']
  for (const lines of [
    [...key, podDenied],
    [podDenied, ...key],
  ])
    expect(explainLog(lines.join('\n'))).toMatchObject({
      line: expect.stringContaining('eks-workshop-carts-dynamo'),
      cause: { code: 'rollout-access-denied' },
    })
})

const codeOf = {
  'too-old': 'rollout-sdk-too-old',
  refused: 'rollout-credentials-refused',
  unreachable: 'rollout-agent-unreachable',
  missing: 'rollout-no-credentials',
}

const told = sdkSentences.map((sentence) => ({
  ...sentence,
  ...sdkSources.find(({ of }) => of === `${sentence.sdk}, ${sentence.trouble}`),
}))

it.each(told)('knows $trouble as $sdk writes it: $example', ({ example = '', source, trouble, since }) => {
  expect(source).toBeDefined()
  const explained = explainLog(`starting\n${example}\nError: cannot start\n`)
  expect(explained).toMatchObject({ line: example, cause: { code: codeOf[trouble] } })
  expect(since !== undefined).toBe(trouble === 'too-old')
  if (since) expect(explained?.cause?.advice).toContain(since)
})

it.each(['too-old', 'missing'] as const)('has a sentence of every SDK for %s', (trouble) => {
  const sdks = sdkSentences.filter((one) => one.trouble === trouble).map(({ sdk }) => sdk)
  const all = ['Go v1', 'Go v2', 'Java v1', 'Java v2', 'JavaScript v2', 'JavaScript v3', 'Python', 'Rust']
  const told = sdks.flatMap((sdk) => sdk.replace(/ and v2/, `, ${sdk.split(' ')[0]} v2`).split(', '))
  expect(told).toEqual(expect.arrayContaining([...all, '.NET', 'PHP', 'Ruby', 'C++']))
})

it.each<[sdk: string, line: string, advice: string]>([
  [
    'Java v2',
    'The full URI (http://[fd00:ec2::23]/v1/credentials) contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host. Host should resolve to a loopback address or have the full URI be HTTPS.',
    'set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6',
  ],
  [
    'JavaScript v2',
    'Unsupported hostname: AWS.RemoteCredentials only supports localhost,127.0.0.1,169.254.170.23 for http:; http://fd00:ec2::23 requested.',
    'Build it with the SDK for JavaScript v3',
  ],
])('distinguishes an IPv6 address that %s refuses from an SDK that is too old', (_sdk, line, advice) => {
  const explained = explainLog(line)?.cause?.advice
  expect(explained).toContain(advice)
  expect(explained).not.toContain('older than Pod Identity')
})

it.each<[why: string, line: string, code: string]>([
  [
    'Java’s instance metadata that has no role, and not the agent',
    'The requested metadata is not found at http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'undefined',
  ],
  [
    'JavaScript’s instance metadata that does not answer',
    'CredentialsProviderError: TimeoutError from instance metadata service',
    'rollout-no-credentials',
  ],
  [
    'C++’s instance metadata',
    '[ERROR] EC2MetadataClient [139] Http request to retrieve credentials failed with error code 400',
    'undefined',
  ],
])('does not take for the agent %s', (_why, line, code) => {
  expect(String(explainLog(line)?.cause?.code)).toBe(code)
})

it.each<[why: string, log: string, code: string]>([
  [
    'an SDK that does not know the agent, though the node’s role was denied later',
    `invalid endpoint host, "169.254.170.23", only loopback hosts are allowed.\n${nodeDenied}`,
    'rollout-sdk-too-old',
  ],
  [
    'what came last of an agent that did not answer and a denial',
    `dial tcp 169.254.170.23:80: connect: connection refused\n${podDenied}`,
    'rollout-access-denied',
  ],
  [
    'what keeps the agent from answering, though nothing was found anywhere else',
    'dial tcp 169.254.170.23:80: i/o timeout\nno EC2 IMDS role found',
    'rollout-agent-unreachable',
  ],
])('takes for the cause %s', (_why, log, code) => {
  expect(explainLog(log)?.cause?.code).toBe(code)
})
