import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { SSMClient } from '@aws-sdk/client-ssm'
import { clientOptions, onlyAnswersOfAws } from './aws-client.ts'
import { restateAwsError } from './aws-errors.ts'
import { perRuntime } from './per-runtime.ts'
import type { Runtime } from './runtime.ts'

/** How long a secret that was read is used: a new one is in force everywhere this much later, without a deployment. */
const keptSeconds = 60

const provider = perRuntime(
  (runtime, region) =>
    new SSMProvider({ awsSdkV3Client: onlyAnswersOfAws(new SSMClient(clientOptions(runtime, region))) }),
)

/**
 * A secret out of a SecureString of Systems Manager, which keeps it for a minute.
 * @param arn `arn:aws:ssm:REGION:ACCOUNT:parameter/podid/STAGE/slack-bot-token`
 * @throws Error naming the parameter, and never what is in it, where it is not there or may not be read
 */
export const readSecret = async (runtime: Runtime, arn: string): Promise<string> => {
  const [, , , region = ''] = arn.split(':')
  const name = arn.slice(arn.indexOf(':parameter/') + ':parameter'.length)
  const value = await provider(runtime, region)
    .get(name, { decrypt: true, maxAge: keptSeconds })
    .catch((error: Error) => {
      // The library wraps what the SDK says.
      const cause = (error.cause ?? error) as Error
      if (cause.name === 'ParameterNotFound') return undefined
      throw restateAwsError(cause, `reading the parameter ${name}`)
    })
  // A line break at its end is none of the secret; a secret of nothing else would be one that everybody knows.
  const secret = value?.trim()
  if (!secret)
    throw new Error(
      `Systems Manager has no parameter ${name} in ${region}, or nothing is in it: put the secret there (docs/deploy.md)`,
    )
  return secret
}
