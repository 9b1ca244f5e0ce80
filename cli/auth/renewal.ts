import { credentialsAdvice } from '../../adapters/aws-errors.ts'
import { orElse } from '../../core/text/distance.ts'
import { command } from '../../core/text/shell.ts'
import { profileNames } from './profiles.ts'

/** Whether the SDK found no credentials, or could not get those that it knows of: no service has seen any. */
export const hasNoCredentials = ({ name, code }: Error & { code?: unknown }): boolean =>
  ['CredentialsProviderError', 'TokenProviderError'].includes(name) || code === 'ENOENT'

/**
 * How a person comes by credentials that are accepted, by what the SDK says and by where this environment has its
 * credentials from; undefined for errors that are not about credentials.
 */
export const renewal = (error: Error & { code?: unknown }, env: NodeJS.ProcessEnv): string | undefined => {
  const { name, message } = error
  const { AWS_PROFILE: profile } = env
  const login = profile ? command`aws sso login --profile ${profile}` : 'aws sso login'
  if (hasNoCredentials(error)) {
    if (/\baws login\b|[/\\]login[/\\]cache[/\\]/.test(message))
      return `Renew the session: ${profile ? command`aws login --profile ${profile}` : 'aws login'}`
    if (/\bsso\b/i.test(message)) return `Renew the session: ${login}`
    if (/no terminal to ask at/.test(message))
      return `Take its credentials into this environment, and run it without the profile: eval "$(${command`aws configure export-credentials --profile ${profile ?? 'default'} --format env`})"; unset AWS_PROFILE`
    if (env.AWS_WEB_IDENTITY_TOKEN_FILE)
      return 'They come from AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN: see whether the file is there, and whether the role trusts its issuer'
    if (env.AWS_CONTAINER_CREDENTIALS_FULL_URI || env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)
      return 'They come from where AWS_CONTAINER_CREDENTIALS_FULL_URI (or …RELATIVE_URI) points: see whether that answers, or unset it'
    const profiles = profileNames(env)
    if (profile && !profiles.includes(profile))
      return `There is no profile ${profile} in the AWS configuration${orElse(profile, profiles)}`
    return profile
      ? `See what the profile has: ${command`aws configure list --profile ${profile}`}`
      : 'Name a profile in AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws configure sso makes a profile'
  }
  // The environment's keys come before those of a profile only where none is named.
  if (/^ExpiredToken/.test(name) && env.AWS_ACCESS_KEY_ID && !profile)
    return 'They are those of AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN in this environment: set new ones, or unset them to use a profile'
  return credentialsAdvice(error)?.replace('aws sso login', login)
}
