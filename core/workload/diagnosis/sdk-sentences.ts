import { podIdentityService } from '../../names.ts'

/** What a sentence of an AWS SDK says of Pod Identity. */
export type CredentialsTrouble =
  | 'too-old' // the SDK does not know the agent's address
  | 'refused' // the agent answered with an error of EKS Auth or its own
  | 'unreachable' // the agent did not answer
  | 'missing' // the SDK found no credentials anywhere

export interface SdkSentence {
  sdk: string
  trouble: CredentialsTrouble
  says: RegExp
  /** The oldest version that knows Pod Identity. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html */
  since?: string
}

/**
 * How SDKs say that they got no credentials by Pod Identity; sdk-sources.ts says where each sentence is from. What several generations say alike is in the first row that
 * has it. The order is that in which a line is looked for.
 */
export const sdkSentences: readonly SdkSentence[] = [
  {
    sdk: 'Go v1 and v2',
    trouble: 'too-old',
    says: /only loopback hosts are allowed/,
    since: 'v1 1.47.11, v2 release-2023-11-14',
  },
  {
    sdk: 'Java v1',
    trouble: 'too-old',
    says: /contained withing environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host/,
    since: '1.12.746',
  },
  {
    sdk: 'Java v2',
    trouble: 'too-old',
    says: /contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host/,
    since: '2.21.30',
  },
  {
    sdk: 'JavaScript v2',
    trouble: 'too-old',
    says: /Unsupported hostname: AWS\.RemoteCredentials only supports/,
    since: '2.1550.0',
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'too-old',
    says: /is not a valid container metadata service hostname/,
    since:
      '3.458.0 (or the application calls fromContainerMetadata itself, which does not know Pod Identity in any version)',
  },
  {
    sdk: 'Python',
    trouble: 'too-old',
    says: /Unsupported host '(?:169\.254\.170\.23|fd00:ec2::23)'/,
    since: 'boto3 1.34.41',
  },
  {
    sdk: 'Rust',
    trouble: 'too-old',
    says: /URI did not refer to the loopback interface/,
    since: 'release-2024-03-13',
  },
  {
    sdk: '.NET',
    trouble: 'too-old',
    says: /the full URI contains an invalid host/,
    since: '3.7.734.0',
  },
  {
    sdk: 'Ruby',
    trouble: 'too-old',
    says: /AWS_CONTAINER_CREDENTIALS_FULL_URI must use a loopback/,
    since: '3.188.0',
  },
  {
    sdk: 'C++',
    trouble: 'too-old',
    says: /AWS_CONTAINER_CREDENTIALS_FULL_URI is not HTTPS and is not within loop back CIDR/,
    since: '1.11.263',
  },
  {
    sdk: 'PHP',
    trouble: 'too-old',
    says: /Uri '[^']*(?:169\.254\.170\.23|fd00:ec2::23)[^']*' contains an unsupported host/,
    since: '3.287.1',
  },
  {
    sdk: 'any, as the agent answered',
    trouble: 'refused',
    says: /EKS does not have permissions to assume|\[[\da-f]{8}-[\da-f-]{27}\]: \(\w+\)|fetch credentials from EKS Auth|Service account token (?:cannot|is)|eks-auth:AssumeRoleForPodIdentity/,
  },
  {
    sdk: 'Python',
    trouble: 'refused',
    says: /Received non 200 response \(?\d{3}\)? from (?:container|ECS) metadata/,
  },
  {
    sdk: 'PHP',
    trouble: 'refused',
    says: /Error retrieving credentials? from (?:ECS|container).*resulted in a `\d{3}/i,
  },
  {
    sdk: 'Go v1',
    trouble: 'refused',
    says: /failed to decode endpoint credentials/,
  },
  {
    sdk: 'Go v2',
    trouble: 'refused',
    says: /failed to load credentials, .*failed to decode error message/,
  },
  {
    sdk: 'Java v1 and v2',
    trouble: 'refused',
    says: /The requested metadata is not found at http:\/\/(?:169\.254\.170\.23|\[fd00:ec2::23\])/,
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'refused',
    says: /CredentialsProviderError: Server responded with status: [45]\d\d/,
  },
  {
    sdk: 'Rust',
    trouble: 'refused',
    says: /Non-success status from HTTP credential provider/,
  },
  {
    sdk: '.NET',
    trouble: 'refused',
    says: /Unable to retrieve credentials\. Message = "[^"]*(?:returned an error: \(|status code does not indicate success: )[45]\d\d/,
  },
  {
    sdk: 'C++',
    trouble: 'refused',
    says: /ECSCredentialsClient.*Http request to retrieve credentials failed with error code [45]\d\d/,
  },
  {
    sdk: 'any, with the agent’s address',
    trouble: 'unreachable',
    says: /(?:169\.254\.170\.23|fd00:ec2::23).*(?:refused|timed? ?out|unreachable|no route|reset|ECONN|EHOST|ETIMEDOUT|deadline|(?:could not|couldn’t|failed to|unable to) connect|cURL error)|(?:refused|timed? ?out|unreachable|no route|reset|ECONN|EHOST|ETIMEDOUT|deadline|(?:could not|couldn't|failed to|unable to) connect|cURL error).*(?:169\.254\.170\.23|fd00:ec2::23)/i,
  },
  {
    sdk: '.NET',
    trouble: 'unreachable',
    says: /Unable to retrieve credentials\. Message = /,
  },
  {
    sdk: 'Python',
    trouble: 'unreachable',
    says: /retrieving credentials from container-role/,
  },
  {
    sdk: 'Java v1',
    trouble: 'unreachable',
    says: /ContainerCredentialsProvider\w*(?:@\w+)?: Failed to connect to service endpoint/,
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'unreachable',
    says: /CredentialsProviderError: TimeoutError: /,
  },
  {
    sdk: 'C++',
    trouble: 'unreachable',
    says: /ECSCredentialsClient.*Http request to retrieve credentials failed/,
  },
  {
    sdk: 'PHP',
    trouble: 'unreachable',
    says: /Error retrieving credentials? from (?:ECS|container)/i,
  },
  {
    sdk: 'Go v1',
    trouble: 'missing',
    says: /NoCredentialProviders/,
  },
  {
    sdk: 'Go v2',
    trouble: 'missing',
    says: /no EC2 IMDS role found|failed to refresh cached credentials/,
  },
  {
    sdk: 'Java v1 and v2',
    trouble: 'missing',
    says: /Unable to load (?:AWS )?credentials from any (?:of the )?provider/,
  },
  {
    sdk: 'JavaScript v2',
    trouble: 'missing',
    says: /Missing credentials in config/,
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'missing',
    says: /Could not load credentials|CredentialsProviderError/,
  },
  {
    sdk: 'Python',
    trouble: 'missing',
    says: /Unable to (?:locate|load) (?:AWS )?credentials/,
  },
  {
    sdk: 'Rust',
    trouble: 'missing',
    says: /no providers in chain provided credentials|credential provider was not enabled/,
  },
  {
    sdk: '.NET',
    trouble: 'missing',
    says: /Unable to get IAM security credentials from EC2 Instance Metadata Service/,
  },
  {
    sdk: 'PHP',
    trouble: 'missing',
    says: /Error retrieving credentials from the instance profile metadata service/,
  },
  {
    sdk: 'Ruby',
    trouble: 'missing',
    says: /unable to sign request without credentials set/,
  },
  {
    sdk: 'C++',
    trouble: 'missing',
    says: /Unable to retrieve credentials: (?:ECS Credentials client is not initialized|failed to open Auth Token file)/,
  },
]

const versions = 'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html'

/** SDKs that know the agent’s IPv4 address in versions that refuse its IPv6 address with the same sentence. */
const ipv6Advice: Readonly<Record<string, string>> = {
  'Java v2':
    'Its AWS SDK for Java v2 refuses the agent’s IPv6 address: set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6 in its environment (aws-sdk-java-v2 #7086).',
  'JavaScript v2':
    'Its AWS SDK for JavaScript v2 refuses the agent’s IPv6 address: the newest that was read (aws-sdk-js at 0cadcc3) takes 169.254.170.23 alone. Build it with the SDK for JavaScript v3.',
}

/** What to do where a pod writes such a sentence. */
export const sdkAdvice = ({ sdk, trouble, since }: SdkSentence, line: string): string => {
  switch (trouble) {
    case 'too-old':
      return (
        (line.includes('fd00:ec2::23') && ipv6Advice[sdk]) ||
        `Its AWS SDK (${sdk}) is older than Pod Identity: build it with ${since} or newer, see ${versions}`
      )
    case 'refused':
      return refusalAdvice(line)
    case 'unreachable':
      return 'The agent did not answer the pod: look whether its pod on that node is ready, and whether a NetworkPolicy or a proxy (NO_PROXY lacks 169.254.170.23 and [fd00:ec2::23]) keeps the pod from 169.254.170.23 port 80.'
    case 'missing':
      return `Check that its AWS SDK knows Pod Identity: ${versions}`
  }
}

const refusalAdvice = (line: string): string => {
  if (/eks-auth:AssumeRoleForPodIdentity/.test(line))
    return 'Allow eks-auth:AssumeRoleForPodIdentity to the role of the nodes (AmazonEKSWorkerNodePolicy does).'
  if (/permissions to assume|Unauthorized Exception/.test(line))
    return `EKS could not assume the role: its trust must allow ${podIdentityService} sts:AssumeRole and sts:TagSession, under conditions that fit this cluster and ServiceAccount.`
  if (/Service account token/.test(line))
    return 'The application must send the content of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE as it is, as AWS SDKs do.'
  return 'The agent answered with an error: the log of its pod on that node says more.'
}
