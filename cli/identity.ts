import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import type { AwsCredentialIdentityProvider } from '@smithy/types'
import { UsageError } from './binding.ts'

/** Credentials the SDK's way: environment, profile, SSO, container, instance. */
export const ownCredentials = (): AwsCredentialIdentityProvider => defaultProvider()

/**
 * The account the credentials belong to, asked of STS only where they do not tell themselves.
 * @throws UsageError where there are no credentials, or they are not accepted.
 */
export const accountOf = async (
  credentials: AwsCredentialIdentityProvider,
  region: string,
): Promise<string> => {
  try {
    const { accountId } = await credentials()
    if (accountId) return accountId
    const sts = new STSClient({ region, credentials })
    const { Account } = await sts.send(new GetCallerIdentityCommand({}))
    return Account ?? ''
  } catch (error) {
    throw new UsageError(
      `AWS does not know who is calling: ${(error as Error).message}. Check with: aws sts get-caller-identity`,
    )
  }
}
