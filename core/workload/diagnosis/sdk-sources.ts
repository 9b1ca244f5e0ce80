/** An SDK's sentence as it writes it, and the repository and file that it is in. */
export interface SdkSource {
  /** SDK and trouble of the row of sdk-sentences.ts. */
  of: string
  example: string
  source: string
}

const uri = 'http://169.254.170.23/v1/credentials'

/** For people and tests: what a function needs of a sentence is in sdk-sentences.ts, so that it does not carry this along. */
export const sdkSources: readonly SdkSource[] = [
  {
    of: 'Go v1 and v2, too-old',
    example: 'invalid endpoint host, "169.254.170.23", only loopback hosts are allowed.',
    source:
      'aws/aws-sdk-go aws/defaults/defaults.go at 0836e40; aws/aws-sdk-go-v2 config/resolve_credentials.go at 02d654c',
  },
  {
    of: 'Java v1, too-old',
    example: `The full URI (${uri}) contained withing environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host. Host can only be one of [localhost, 127.0.0.1]`,
    source: 'aws/aws-sdk-java aws-java-sdk-core/…/auth/ContainerCredentialsProvider.java at 06a2180',
  },
  {
    of: 'Java v2, too-old',
    example: `The full URI (${uri}) contained within environment variable AWS_CONTAINER_CREDENTIALS_FULL_URI has an invalid host. Host should resolve to a loopback address or have the full URI be HTTPS.`,
    source: 'aws/aws-sdk-java-v2 core/auth/…/credentials/ContainerCredentialsProvider.java at 0173e12',
  },
  {
    of: 'JavaScript v2, too-old',
    example:
      'Unsupported hostname: AWS.RemoteCredentials only supports localhost,127.0.0.1 for http:; http://169.254.170.23 requested.',
    source: 'aws/aws-sdk-js lib/credentials/remote_credentials.js at 0cadcc3',
  },
  {
    of: 'JavaScript v3, too-old',
    example: 'CredentialsProviderError: 169.254.170.23 is not a valid container metadata service hostname',
    source:
      'smithy-lang/smithy-typescript packages/credential-provider-imds/src/fromContainerMetadata.ts at 0c75f4c; before that aws/aws-sdk-js-v3 at 0cc9701',
  },
  {
    of: 'Python, too-old',
    example:
      "Unsupported host '169.254.170.23'.  Can only retrieve metadata from these hosts: 169.254.170.2, localhost, 127.0.0.1",
    source: 'boto/botocore botocore/utils.py (ContainerMetadataFetcher); punk-security/dnsReaper issue 189',
  },
  {
    of: 'Rust, too-old',
    example: `invalid full URI for ECS provider (${uri}): URI did not refer to the loopback interface`,
    source: 'smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/ecs.rs at 00299fa',
  },
  {
    of: '.NET, too-old',
    example: `Cannot fetch credentials from container - the full URI contains an invalid host: ${uri}`,
    source:
      'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/GenericContainerCredentials.cs at 1bc5d0d',
  },
  {
    of: 'Ruby, too-old',
    example: 'AWS_CONTAINER_CREDENTIALS_FULL_URI must use a loopback address when using the http scheme.',
    source: 'aws/aws-sdk-ruby gems/aws-sdk-core/lib/aws-sdk-core/ecs_credentials.rb at 0001955',
  },
  {
    of: 'C++, too-old',
    example:
      "Can't use General HTTP Provider: AWS_CONTAINER_CREDENTIALS_FULL_URI is not HTTPS and is not within loop back CIDR: 169.254.170.23",
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/auth/GeneralHTTPCredentialsProvider.cpp at 0eb8317',
  },
  {
    of: 'PHP, too-old',
    example: `Aws\\Exception\\CredentialsException: Uri '${uri}' contains an unsupported host.`,
    source: 'aws/aws-sdk-php src/Credentials/EcsCredentialProvider.php (isCompatibleUri)',
  },
  {
    of: 'any, as the agent answered, refused',
    example:
      '[042d8e16-eb43-43e3-a069-08c51a744ef6]: (AccessDeniedException): Unauthorized Exception! EKS does not have permissions to assume the associated role., fault: client',
    source: 'aws/eks-pod-identity-agent at d4dc0f3, and public logs of Python’s SDK',
  },
  {
    of: 'Python, refused',
    example:
      'Error when retrieving credentials from container-role: Error retrieving metadata: Received non 200 response 404 from container metadata:',
    source: 'boto/botocore botocore/utils.py (ContainerMetadataFetcher)',
  },
  {
    of: 'PHP, refused',
    example: `Error retrieving credential from ECS (Client error: \`GET ${uri}\` resulted in a \`400 Bad Request\` response: Service account token cannot be empty`,
    source: 'aws/aws-sdk-php src/Credentials/EcsCredentialProvider.php; its issue 3188',
  },
  {
    of: 'Go v1, refused',
    example:
      "caused by: SerializationError: failed to decode endpoint credentials caused by: invalid character '-' after array element",
    source: 'aws/aws-sdk-go aws/credentials/endpointcreds/provider.go at 0871133',
  },
  {
    of: 'Go v2, refused',
    example:
      "failed to refresh cached credentials, failed to load credentials, : deserialization failed, failed to decode error message, invalid character '-' after array element",
    source: 'aws/aws-sdk-go-v2 credentials/endpointcreds/internal/client/middleware.go at 173522b',
  },
  {
    of: 'Java v1 and v2, refused',
    example: `ContainerCredentialsProvider(): The requested metadata is not found at ${uri}`,
    source:
      'aws/aws-sdk-java …/internal/EC2ResourceFetcher.java at 06a2180, aws/aws-sdk-java-v2 …/regions/util/HttpResourcesUtils.java at 0c4ed76',
  },
  {
    of: 'JavaScript v3, refused',
    example: 'CredentialsProviderError: Server responded with status: 400',
    source: 'aws/aws-sdk-js-v3 packages/credential-provider-http/src/fromHttp/requestHelpers.ts at 2764d47',
  },
  {
    of: 'Rust, refused',
    example: 'Non-success status from HTTP credential provider: StatusCode(400)',
    source: 'smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/http_credential_provider.rs at 01720a9',
  },
  {
    of: '.NET, refused',
    example:
      'Unable to retrieve credentials. Message = "The remote server returned an error: (400) Bad Request."',
    source:
      'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/GenericContainerCredentials.cs at 1bc5d0d, and its test of other statuses than 200',
  },
  {
    of: 'C++, refused',
    example:
      '[ERROR] ECSCredentialsClient [139] Http request to retrieve credentials failed with error code 400',
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/internal/AWSHttpResourceClient.cpp at 05a21b6',
  },
  {
    of: 'any, with the agent’s address, unreachable',
    example: `failed to load credentials, Get "${uri}": dial tcp 169.254.170.23:80: connect: connection refused`,
    source:
      'aws/aws-sdk-go-v2 credentials/endpointcreds/provider.go; the sockets’ own words in every language',
  },
  {
    of: '.NET, unreachable',
    example: 'Unable to retrieve credentials. Message = "Connection refused"',
    source:
      'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/GenericContainerCredentials.cs at 1bc5d0d',
  },
  {
    of: 'Python, unreachable',
    example:
      'Error when retrieving credentials from container-role: Error retrieving metadata: Received error when attempting to retrieve container metadata: Read timeout on endpoint URL',
    source: 'boto/botocore botocore/exceptions.py (CredentialRetrievalError) at 00a9f97',
  },
  {
    of: 'Java v1, unreachable',
    example:
      'com.amazonaws.auth.EC2ContainerCredentialsProviderWrapper@574a89e2: Failed to connect to service endpoint:',
    source: 'aws/aws-sdk-java …/internal/EC2ResourceFetcher.java at 06a2180',
  },
  {
    of: 'JavaScript v3, unreachable',
    example:
      'CredentialsProviderError: TimeoutError: Socket timed out without establishing a connection within 1000 ms',
    source:
      'aws/aws-sdk-js-v3 packages/credential-provider-http/src/fromHttp/fromHttp.ts at 3595d07, and the handler’s own words',
  },
  {
    of: 'C++, unreachable',
    example: '[ERROR] ECSCredentialsClient [139] Http request to retrieve credentials failed',
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/internal/AWSHttpResourceClient.cpp at 05a21b6',
  },
  {
    of: 'PHP, unreachable',
    example:
      'Error retrieving credential from ECS (cURL error 28: Connection timed out after 1001 milliseconds)',
    source: 'aws/aws-sdk-php src/Credentials/EcsCredentialProvider.php at 04d3484',
  },
  {
    of: 'Go v1, missing',
    example: 'NoCredentialProviders: no valid providers in chain. Deprecated.',
    source: 'aws/aws-sdk-go aws/credentials/chain_provider.go',
  },
  {
    of: 'Go v2, missing',
    example:
      'failed to refresh cached credentials, no EC2 IMDS role found, operation error ec2imds: GetMetadata',
    source: 'aws/aws-sdk-go-v2 credentials/ec2rolecreds/provider.go, aws/credential_cache.go',
  },
  {
    of: 'Java v1 and v2, missing',
    example:
      'Unable to load credentials from any of the providers in the chain AwsCredentialsProviderChain(…)',
    source:
      'aws/aws-sdk-java AWSCredentialsProviderChain.java, aws/aws-sdk-java-v2 AwsCredentialsProviderChain.java',
  },
  {
    of: 'JavaScript v2, missing',
    example:
      'CredentialsError: Missing credentials in config, if using AWS_CONFIG_FILE, set AWS_SDK_LOAD_CONFIG=1',
    source: 'aws/aws-sdk-js lib/config.js',
  },
  {
    of: 'JavaScript v3, missing',
    example: 'CredentialsProviderError: Could not load credentials from any providers',
    source: 'aws/aws-sdk-js-v3 packages/credential-provider-node/src/defaultProvider.ts',
  },
  {
    of: 'Python, missing',
    example: 'botocore.exceptions.NoCredentialsError: Unable to locate credentials',
    source: 'boto/botocore botocore/exceptions.py (NoCredentialsError) at 00a9f97',
  },
  {
    of: 'Rust, missing',
    example: 'the credential provider was not enabled: no providers in chain provided credentials',
    source: 'smithy-lang/smithy-rs aws/rust-runtime/aws-config/src/meta/credentials/chain.rs',
  },
  {
    of: '.NET, missing',
    example: 'Unable to get IAM security credentials from EC2 Instance Metadata Service.',
    source: 'aws/aws-sdk-net sdk/src/Core/Amazon.Runtime/Credentials/DefaultInstanceProfileAWSCredentials.cs',
  },
  {
    of: 'PHP, missing',
    example:
      'Error retrieving credentials from the instance profile metadata service. (cURL error 28: Connection timed out after 1001 milliseconds)',
    source: 'aws/aws-sdk-php src/Credentials/InstanceProfileProvider.php',
  },
  {
    of: 'Ruby, missing',
    example: 'Aws::Errors::MissingCredentialsError: unable to sign request without credentials set',
    source: 'aws/aws-sdk-ruby gems/aws-sdk-core/lib/aws-sdk-core/plugins/sign.rb',
  },
  {
    of: 'C++, missing',
    example: 'Unable to retrieve credentials: ECS Credentials client is not initialized.',
    source: 'aws/aws-sdk-cpp src/aws-cpp-sdk-core/source/auth/GeneralHTTPCredentialsProvider.cpp at 0eb8317',
  },
]
