import { once } from 'node:events'
import { connect } from 'node:net'
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import type { AwsCredentialIdentityProvider } from '@smithy/types'
import { clientOptions, onlyAnswersOfAws } from '../adapters/aws-client.ts'
import { isNetworkFailure } from '../adapters/aws-errors.ts'
import { withPatience } from '../adapters/patience.ts'
import { redact } from '../core/text/redact.ts'
import { visible } from '../core/text/unprintable.ts'
import { codeOf, isAsking } from './auth/mfa.ts'
import { hasNoCredentials, renewal } from './auth/renewal.ts'
import { NoAnswer } from './usage-error.ts'

/** By what the environment says of credentials, so that a command asks once, and a person types a code once. */
let latest: { key: string; provider: AwsCredentialIdentityProvider } | undefined

/** Credentials the SDK's way: environment, profile, SSO, container, instance. */
export const ownCredentials = (): AwsCredentialIdentityProvider => {
  const { env } = process
  const said = Object.entries(env).filter(([name]) => name.startsWith('AWS_') || name === 'HOME')
  const key = JSON.stringify(said)
  if (latest?.key !== key) latest = { key, provider: defaultProvider({ mfaCodeProvider: codeOf, logger }) }
  return latest.provider
}

/** The SDK warns of one thing, in eight lines. */
const logger = {
  debug: () => {},
  info: () => {},
  warn: (text: unknown) => {
    const { AWS_PROFILE: profile } = process.env
    const line = String(text).includes('Multiple credential sources')
      ? `AWS_PROFILE and AWS_ACCESS_KEY_ID are both set; the profile ${profile} counts`
      : String(text)
    process.stderr.write(visible(`podid: ${line}\n`))
  },
  error: () => {},
}

/** How long the caller is found out for, in milliseconds of real time. */
export interface Limits {
  /** A credential process may ask a person for a code. */
  credentialsMs: number
  /** Each of three attempts at STS. */
  stsMs: number
  /** From then on whoever waits is informed what for. */
  silentMs: number
}

const limits: Limits = { credentialsMs: 120_000, stsMs: 5000, silentMs: 3000 }

/**
 * The account the credentials belong to, from STS only where the credentials do not contain it.
 * @param say called with what is waited for, where it takes long
 * @throws NoAnswer where there are no credentials, or they are not accepted, or nothing answers in time.
 */
export const accountOf = async (
  credentials: AwsCredentialIdentityProvider,
  region: string,
  say: (line: string) => void = (line) => void process.stderr.write(visible(`${line}\n`)),
  { credentialsMs, stsMs, silentMs }: Limits = limits,
): Promise<string> => {
  const waiting = async <Answer>(what: string, work: Promise<Answer>): Promise<Answer> => {
    const notice = setTimeout(() => isAsking() || say(`waiting for ${what} …`), silentMs)
    return work.finally(() => clearTimeout(notice))
  }
  try {
    const { accountId } = await waiting(
      `AWS credentials${process.env.AWS_PROFILE ? ` of the profile ${process.env.AWS_PROFILE}` : ''}`,
      withPatience(credentialsMs, undefined, (signal) => orGiveUp(signal, credentials())),
    )
    if (accountId) {
      await endpointAnswers()
      return accountId
    }
    const { Account } = await waiting(
      `${endpoint() ?? `AWS STS in ${region}`} to say whose the credentials are`,
      callerIdentity(credentials, region, stsMs),
    )
    if (!Account) throw new Error('the answer of STS names no account')
    return Account
  } catch (error) {
    if (error instanceof NoAnswer) throw error
    throw new NoAnswer(
      `${problemOf(error as Error & { code?: string })}. Check with: aws sts get-caller-identity`,
    )
  }
}

const callerIdentity = async (credentials: AwsCredentialIdentityProvider, region: string, stsMs: number) => {
  // Loaded only where it is needed: it costs more than all else that a run does before its first call.
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const sts = onlyAnswersOfAws(new STSClient(clientOptions({ aws: { credentials } }, region, stsMs)))
  return sts.send(new GetCallerIdentityCommand({}))
}

/** Who the credentials are, by ARN. @throws NoAnswer where STS does not say it */
export const callerArn = async (
  credentials: AwsCredentialIdentityProvider,
  region: string,
): Promise<string> => {
  const { Arn } = await callerIdentity(credentials, region, limits.stsMs).catch((error: Error) => {
    throw new NoAnswer(`${problemOf(error)}. Check with: aws sts get-caller-identity`)
  })
  if (!Arn) throw new NoAnswer('the answer of STS names nobody')
  return Arn
}

/**
 * Connects once to where an environment variable points the calls, which a run would try again and again.
 * @throws NoAnswer where nobody listens there
 */
export const endpointAnswers = async (): Promise<void> => {
  const url = URL.parse(endpoint() ?? '')
  if (!url) return
  const port = Number(url.port) || (url.protocol === 'http:' ? 80 : 443)
  const socket = connect({ host: url.hostname.replace(/^\[|\]$/g, ''), port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(limits.stsMs) })
  } catch (error) {
    // What is only slow has the calls' own limits.
    if (isNetworkFailure(error as Error)) throw new NoAnswer(problemOf(error as Error))
  } finally {
    socket.destroy()
  }
}

/** A provider that does not answer in time is not waited for; nothing can end it. */
const orGiveUp = <Answer>(signal: AbortSignal, work: Promise<Answer>): Promise<Answer> =>
  Promise.race([
    work,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () =>
        reject(new Error(`no credentials came: ${(signal.reason as Error).message}`)),
      )
    }),
  ])

/** Where an environment variable points the calls to STS. */
const endpoint = (): string | undefined =>
  process.env.AWS_ENDPOINT_URL_STS || process.env.AWS_ENDPOINT_URL || undefined

const problemOf = (error: Error & { code?: string }): string => {
  const { name, code } = error
  const said = redact(error.message).replace(/\.+$/, '') || code || name
  if (name === 'AnswerNotFromAws') return `AWS was not reached: ${said}`
  if (isNetworkFailure(error)) {
    return endpoint()
      ? `nothing answers at ${endpoint()}, where AWS_ENDPOINT_URL points (${said}); podid local may have been stopped`
      : `AWS cannot be reached (${said}): check ${code === 'ENOTFOUND' ? 'the region (--region, AWS_REGION), and ' : ''}this machine's network and proxy settings`
  }
  const advice = renewal(error, process.env)
  const what = hasNoCredentials(error) ? 'there are no AWS credentials' : 'AWS did not accept the credentials'
  return `${what}: ${said}${advice ? `. ${advice}` : ''}`
}
