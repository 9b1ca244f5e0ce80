import { defaultProvider } from '@aws-sdk/credential-provider-node'
import type { AwsCredentialIdentityProvider } from '@smithy/types'
import { UsageError } from './binding.ts'

/** Credentials the SDK's way: environment, profile, SSO, container, instance. */
export const ownCredentials = (): AwsCredentialIdentityProvider => defaultProvider()

/**
 * The account the credentials belong to, from STS only where the credentials do not contain it.
 * @throws UsageError where there are no credentials, or they are not accepted.
 */
export const accountOf = async (
  credentials: AwsCredentialIdentityProvider,
  region: string,
): Promise<string> => {
  try {
    const { accountId } = await credentials()
    if (accountId) return accountId
    // Loaded only where it is needed: it costs more than all else that a run does before its first call.
    const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
    const sts = new STSClient({ region, credentials })
    const { Account } = await sts.send(new GetCallerIdentityCommand({}))
    return Account ?? ''
  } catch (error) {
    throw new UsageError(
      `${problemOf(error as Error & { code?: string })}. Check with: aws sts get-caller-identity`,
    )
  }
}

const problemOf = ({ code, message }: Error & { code?: string }): string => {
  const said = message.replace(/\.+$/, '')
  if (code === undefined || !unreachable.has(code)) return `AWS did not accept the credentials: ${said}`
  const endpoint = process.env.AWS_ENDPOINT_URL_STS ?? process.env.AWS_ENDPOINT_URL
  return endpoint
    ? `nothing answers at ${endpoint}, where AWS_ENDPOINT_URL points (${said}); podid local may have been stopped`
    : `AWS cannot be reached (${said}): check this machine's network and proxy settings`
}

/** What Node's sockets and resolvers report when a host cannot be reached. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
