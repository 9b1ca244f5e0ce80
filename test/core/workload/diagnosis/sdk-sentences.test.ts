import { expect, it } from 'vitest'
import { sdkAdvice, sdkSentences } from '../../../../core/workload/diagnosis/sdk-sentences.ts'
import { sdkSources } from '../../../../core/workload/diagnosis/sdk-sources.ts'

it('knows from which version on each SDK knows Pod Identity', () => {
  const since = sdkSentences.filter(({ trouble }) => trouble === 'too-old').map((one) => [one.sdk, one.since])
  expect(Object.fromEntries(since)).toEqual({
    'Go v1 and v2': 'v1 1.47.11, v2 release-2023-11-14',
    'Java v1': '1.12.746',
    'Java v2': '2.21.30',
    'JavaScript v2': '2.1550.0',
    'JavaScript v3':
      '3.458.0 (or the application calls fromContainerMetadata itself, which does not know Pod Identity in any version)',
    Python: 'boto3 1.34.41',
    Rust: 'release-2024-03-13',
    '.NET': '3.7.734.0',
    Ruby: '3.188.0',
    'C++': '1.11.263',
    PHP: '3.287.1',
  })
})

it.each(sdkSources)('the sentence of $of has a repository and a file that it is of', ({ source }) => {
  expect(source).toMatch(/^[\w-]+\/[\w-]+(?: \S|$)/)
})

const refused = 'The agent answered with an error: the log of its pod on that node says more.'
const trust =
  'EKS could not assume the role: its trust must allow pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession, under conditions that fit this cluster and ServiceAccount.'
const token =
  'The application must send the content of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE as it is, as AWS SDKs do.'
const nodes =
  'Allow eks-auth:AssumeRoleForPodIdentity to the role of the nodes (AmazonEKSWorkerNodePolicy does).'
const unreachable =
  'The agent did not answer the pod: look whether its pod on that node is ready, and whether a NetworkPolicy or a proxy (NO_PROXY lacks 169.254.170.23 and [fd00:ec2::23]) keeps the pod from 169.254.170.23 port 80.'
const versions = 'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html'
const missing = `Check that its AWS SDK knows Pod Identity: ${versions}`
const request = '[01234567-89ab-cdef-0123-456789abcdef]: (AccessDeniedException): no'
const agent = '169.254.170.23'

it.each<[line: string, sdk: string | undefined, advice?: string]>([
  ['EKS does not have permissions to assume the associated role', 'any, as the agent answered', trust],
  ['Unauthorized Exception! EKS does not have permissions to assume', 'any, as the agent answered', trust],
  [request, 'any, as the agent answered', refused],
  ['0[0123456-89ab-cdef-0123-456789abcdef]: (X)', undefined],
  ['[01234567-89ab-cdef-0123-456789abcde]: (X)', undefined],
  ['[01234567-89ab-cdef-0123-456789abcdef]: ()', undefined],
  ['could not fetch credentials from EKS Auth', 'any, as the agent answered', refused],
  ['Service account token cannot be empty', 'any, as the agent answered', token],
  ['Service account token is malformed', 'any, as the agent answered', token],
  [
    'no identity-based policy allows the eks-auth:AssumeRoleForPodIdentity action',
    'any, as the agent answered',
    nodes,
  ],
  ['Received non 200 response 400 from container metadata', 'Python', refused],
  ['Received non 200 response (500) from ECS metadata', 'Python', refused],
  ['Error retrieving credential from container server, resulted in a `403 Forbidden', 'PHP', refused],
  ['Error retrieving credentials from ECS: GET x resulted in a `500', 'PHP', refused],
  ['Error retrieving credentials from ECS: GET x resulted in a `5x0', 'PHP', unreachable],
  ['Error retrieving credential from ecs', 'PHP', unreachable],
  [`dial tcp ${agent}:80: connection refused`, 'any, with the agent’s address', unreachable],
  [`time out at [fd00:ec2::23]`, 'any, with the agent’s address', unreachable],
  [`${agent} timed out`, 'any, with the agent’s address', unreachable],
  [`timeout of ${agent}`, 'any, with the agent’s address', unreachable],
  [`timedout ${agent}`, 'any, with the agent’s address', unreachable],
  [`fd00:ec2::23 timeout`, 'any, with the agent’s address', unreachable],
  [`couldn't connect to ${agent}`, 'any, with the agent’s address', unreachable],
  [`${agent}: unable to connect`, 'any, with the agent’s address', unreachable],
  [`${agent} answered`, undefined],
  ['ContainerCredentialsProvider@1f2e: Failed to connect to service endpoint', 'Java v1', unreachable],
  ['ContainerCredentialsProviderX: Failed to connect to service endpoint', 'Java v1', unreachable],
  ['ContainerCredentialsProvider: Failed to connect to service endpoint', 'Java v1', unreachable],
  ['Unable to load AWS credentials from any provider in the chain', 'Java v1 and v2', missing],
  ['Unable to load credentials from any of the providers', 'Java v1 and v2', missing],
  ['Unable to load credentials', 'Python', missing],
  ['Unable to locate AWS credentials', 'Python', missing],
  [
    `Unsupported host '${agent}'`,
    'Python',
    `Its AWS SDK (Python) is older than Pod Identity: build it with boto3 1.34.41 or newer, see ${versions}`,
  ],
  [
    'The full URI (http://[fd00:ec2::23]/v1/credentials) contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host',
    'Java v2',
    'Its AWS SDK for Java v2 refuses the agent’s IPv6 address: set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6 in its environment (aws-sdk-java-v2 #7086).',
  ],
  [
    'Unsupported hostname: AWS.RemoteCredentials only supports 127.0.0.1,169.254.170.2, not fd00:ec2::23',
    'JavaScript v2',
    'Its AWS SDK for JavaScript v2 refuses the agent’s IPv6 address: the newest that was read (aws-sdk-js at 0cadcc3) takes 169.254.170.23 alone. Build it with the SDK for JavaScript v3.',
  ],
])('%s', (line, sdk, advice) => {
  const found = sdkSentences.find(({ says }) => says.test(line))
  expect(found?.sdk).toBe(sdk)
  expect(found && sdkAdvice(found, line)).toBe(advice)
})
