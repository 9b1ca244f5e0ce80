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
  /** As the SDK writes it, for people and tests. */
  example: string
  /** The repository and file that the sentence is in, or a public thread that shows it. */
  source: string
  /** The oldest version that knows Pod Identity. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html */
  since?: string
}

const uri = 'http://169.254.170.23/v1/credentials'

/**
 * How SDKs say that they got no credentials by Pod Identity. What several generations say alike is in the first row that
 * has it. The order is that in which a line is looked for.
 */
export const sdkSentences: readonly SdkSentence[] = [
  {
    sdk: 'Go v1 and v2',
    trouble: 'too-old',
    says: /only loopback hosts are allowed/,
    example: 'invalid endpoint host, "169.254.170.23", only loopback hosts are allowed.',
    source: 'aws/aws-sdk-go aws/defaults/defaults.go at 0836e40; runatlantis/helm-charts issue 349',
    since: 'v1 1.47.11, v2 release-2023-11-14',
  },
  {
    sdk: 'Java v1',
    trouble: 'too-old',
    says: /contained withing environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host/,
    example: `The full URI (${uri}) contained withing environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host. Host can only be one of [localhost, 127.0.0.1]`,
    source: 'aws/aws-sdk-java aws-java-sdk-core/…/auth/ContainerCredentialsProvider.java at 06a2180',
    since: '1.12.746',
  },
  {
    sdk: 'Java v2',
    trouble: 'too-old',
    says: /contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host/,
    example: `The full URI (${uri}) contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host. Host should resolve to a loopback address or have the full URI be HTTPS.`,
    source: 'aws/aws-sdk-java-v2 core/auth/…/credentials/ContainerCredentialsProvider.java at 0173e12',
    since: '2.21.30',
  },
  {
    sdk: 'JavaScript v2',
    trouble: 'too-old',
    says: /Unsupported hostname: AWS\.RemoteCredentials only supports/,
    example:
      'Unsupported hostname: AWS.RemoteCredentials only supports localhost,127.0.0.1 for http:; http://169.254.170.23 requested.',
    source: 'aws/aws-sdk-js lib/credentials/remote_credentials.js at 0cadcc3',
    since: '2.1550.0',
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'too-old',
    says: /is not a valid container metadata service hostname/,
    example: 'CredentialsProviderError: 169.254.170.23 is not a valid container metadata service hostname',
    source: 'smithy-lang/smithy-typescript issue 1143; aws/aws-sdk-js-v3 issue 5709',
    since:
      '3.458.0 (or the application calls fromContainerMetadata itself, which does not know Pod Identity in any version)',
  },
  {
    sdk: 'Python',
    trouble: 'too-old',
    says: /Unsupported host '(?:169\.254\.170\.23|fd00:ec2::23)'/,
    example:
      "Unsupported host '169.254.170.23'.  Can only retrieve metadata from these hosts: 169.254.170.2, localhost, 127.0.0.1",
    source: 'boto/botocore botocore/utils.py (ContainerMetadataFetcher); punk-security/dnsReaper issue 189',
    since: 'boto3 1.34.41',
  },
  {
    sdk: 'Rust',
    trouble: 'too-old',
    says: /URI did not refer to the loopback interface/,
    example: `invalid full URI for ECS provider (${uri}): URI did not refer to the loopback interface`,
    source: 'smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/ecs.rs at 00299fa',
    since: 'release-2024-03-13',
  },
  {
    sdk: '.NET',
    trouble: 'too-old',
    says: /the full URI contains an invalid host/,
    example: `Cannot fetch credentials from container - the full URI contains an invalid host: ${uri}`,
    source:
      'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/GenericContainerCredentials.cs at 1bc5d0d',
    since: '3.7.734.0',
  },
  {
    sdk: 'Ruby',
    trouble: 'too-old',
    says: /AWS_CONTAINER_CREDENTIALS_FULL_URI must use a loopback/,
    example: 'AWS_CONTAINER_CREDENTIALS_FULL_URI must use a loopback address when using the http scheme.',
    source: 'aws/aws-sdk-ruby gems/aws-sdk-core/lib/aws-sdk-core/ecs_credentials.rb at 0001955',
    since: '3.188.0',
  },
  {
    sdk: 'C++',
    trouble: 'too-old',
    says: /AWS_CONTAINER_CREDENTIALS_FULL_URI is not HTTPS and is not within loop back CIDR/,
    example:
      "Can't use General HTTP Provider: AWS_CONTAINER_CREDENTIALS_FULL_URI is not HTTPS and is not within loop back CIDR: 169.254.170.23",
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/auth/GeneralHTTPCredentialsProvider.cpp at 0eb8317',
    since: '1.11.263',
  },
  {
    sdk: 'any, as the agent answered',
    trouble: 'refused',
    says: /EKS does not have permissions to assume|\[[\da-f]{8}-[\da-f-]{27}\]: \(\w+\)|fetch credentials from EKS Auth|Service account token (?:cannot|is)|eks-auth:AssumeRoleForPodIdentity/,
    example:
      '[042d8e16-eb43-43e3-a069-08c51a744ef6]: (AccessDeniedException): Unauthorized Exception! EKS does not have permissions to assume the associated role., fault: client',
    source: 'aws/eks-pod-identity-agent at d4dc0f3, and public logs of Python’s SDK',
  },
  {
    sdk: 'Python',
    trouble: 'refused',
    says: /Received non 200 response \(?\d{3}\)? from (?:container|ECS) metadata/,
    example:
      'Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response 404 from container metadata:',
    source: 'boto/botocore botocore/utils.py (ContainerMetadataFetcher)',
  },
  {
    sdk: 'PHP',
    trouble: 'refused',
    says: /Error retrieving credentials? from (?:ECS|container).*resulted in a `\d{3}/i,
    example: `Error retrieving credential from ECS (Client error: \`GET ${uri}\` resulted in a \`400 Bad Request\` response: Service account token cannot be empty`,
    source: 'aws/aws-sdk-php src/Credentials/EcsCredentialProvider.php; its issue 3188',
  },
  {
    sdk: 'any, with the agent’s address',
    trouble: 'unreachable',
    says: /(?:169\.254\.170\.23|fd00:ec2::23).*(?:refused|timed? ?out|unreachable|no route|reset|ECONN|EHOST|ETIMEDOUT|deadline|(?:could not|couldn’t|failed to|unable to) connect|cURL error)|(?:refused|timed? ?out|unreachable|no route|reset|ECONN|EHOST|ETIMEDOUT|deadline|(?:could not|couldn't|failed to|unable to) connect|cURL error).*(?:169\.254\.170\.23|fd00:ec2::23)/i,
    example: `failed to load credentials, Get "${uri}": dial tcp 169.254.170.23:80: connect: connection refused`,
    source:
      'aws/aws-sdk-go-v2 credentials/endpointcreds/provider.go; the sockets’ own words in every language',
  },
  {
    sdk: '.NET',
    trouble: 'unreachable',
    says: /Unable to retrieve credentials\. Message = /,
    example: 'Unable to retrieve credentials. Message = "Connection refused"',
    source:
      'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/GenericContainerCredentials.cs at 1bc5d0d',
  },
  {
    sdk: 'Python',
    trouble: 'unreachable',
    says: /retrieving credentials from container-role/,
    example:
      'Error when retrieving credentials from container-role: Error retrieving metadata: Received error when attempting to retrieve container metadata: Read timeout on endpoint URL',
    source: 'boto/botocore botocore/exceptions.py (CredentialRetrievalError) at 00a9f97',
  },
  {
    sdk: 'PHP',
    trouble: 'unreachable',
    says: /Error retrieving credentials? from (?:ECS|container)/i,
    example:
      'Error retrieving credential from ECS (cURL error 28: Connection timed out after 1001 milliseconds)',
    source: 'aws/aws-sdk-php src/Credentials/EcsCredentialProvider.php at 04d3484',
  },
  {
    sdk: 'Go v1',
    trouble: 'missing',
    says: /NoCredentialProviders/,
    example: 'NoCredentialProviders: no valid providers in chain. Deprecated.',
    source: 'aws/aws-sdk-go aws/credentials/chain_provider.go',
  },
  {
    sdk: 'Go v2',
    trouble: 'missing',
    says: /no EC2 IMDS role found|failed to refresh cached credentials/,
    example:
      'failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata',
    source: 'aws/aws-sdk-go-v2 credentials/ec2rolecreds/provider.go, aws/credential_cache.go',
  },
  {
    sdk: 'Java v1 and v2',
    trouble: 'missing',
    says: /Unable to load (?:AWS )?credentials from any (?:of the )?provider/,
    example:
      'Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(…)',
    source:
      'aws/aws-sdk-java AWSCredentialsProviderChain.java, aws/aws-sdk-java-v2 AwsCredentialsProviderChain.java',
  },
  {
    sdk: 'JavaScript v2',
    trouble: 'missing',
    says: /Missing credentials in config/,
    example:
      'CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1',
    source: 'aws/aws-sdk-js lib/config.js',
  },
  {
    sdk: 'JavaScript v3',
    trouble: 'missing',
    says: /Could not load credentials|CredentialsProviderError/,
    example: 'CredentialsProviderError: Could not load credentials from any providers',
    source: 'aws/aws-sdk-js-v3 packages/credential-provider-node/src/defaultProvider.ts',
  },
  {
    sdk: 'Python',
    trouble: 'missing',
    says: /Unable to (?:locate|load) (?:AWS )?credentials/,
    example: 'botocore.exceptions.NoCredentialsError: Unable to locate credentials',
    source: 'boto/botocore botocore/exceptions.py (NoCredentialsError) at 00a9f97',
  },
  {
    sdk: 'Rust',
    trouble: 'missing',
    says: /no providers in chain provided credentials|credential provider was not enabled/,
    example: 'the credential provider was not enabled: no providers in chain provided credentials',
    source: 'smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/meta/credentials/chain.rs',
  },
  {
    sdk: '.NET',
    trouble: 'missing',
    says: /Unable to get IAM security credentials from EC2 Instance Metadata Service/,
    example: 'Unable to get IAM security credentials from EC2 Instance Metadata Service.',
    source: 'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/DefaultInstanceProfileAWSCredentials.cs',
  },
  {
    sdk: 'PHP',
    trouble: 'missing',
    says: /Error retrieving credentials from the instance profile metadata service/,
    example:
      'Error retrieving credentials from the instance profile metadata service. (cURL error 28: Connection timed out after 1001 milliseconds)',
    source: 'aws/aws-sdk-php src/Credentials/InstanceProfileProvider.php',
  },
  {
    sdk: 'Ruby',
    trouble: 'missing',
    says: /unable to sign request without credentials set/,
    example: 'Aws::Errors::MissingCredentialsError: unable to sign request without credentials set',
    source: 'aws/aws-sdk-ruby gems/aws-sdk-core/lib/aws-sdk-core/plugins/sign.rb',
  },
  {
    sdk: 'C++',
    trouble: 'missing',
    says: /Unable to retrieve credentials: (?:ECS Credentials client is not initialized|failed to open Auth Token file)/,
    example: 'Unable to retrieve credentials: ECS Credentials client is not initialized.',
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/auth/GeneralHTTPCredentialsProvider.cpp at 0eb8317',
  },
]

const versions = 'https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html'

/** What to do where a pod writes such a sentence. */
export const sdkAdvice = ({ sdk, trouble, since }: SdkSentence, line: string): string => {
  switch (trouble) {
    case 'too-old':
      return line.includes('fd00:ec2::23') && sdk === 'Java v2'
        ? 'Its AWS SDK for Java v2 refuses the agent’s IPv6 address: set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6 in its environment (aws-sdk-java-v2 #7086).'
        : `Its AWS SDK (${sdk}) is older than Pod Identity: build it with ${since} or newer, see ${versions}`
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
