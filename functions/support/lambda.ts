import { Logger } from '@aws-lambda-powertools/logger'
import type { AwsCredentialIdentity } from '@smithy/types'
import { systemClock } from '../../adapters/clock.ts'
import type { Runtime } from '../../adapters/runtime.ts'

const logger = new Logger({ serviceName: 'podid' })

/** Lambda keeps the credentials of the function's role in the environment and renews them by a new sandbox. */
const environmentCredentials = async (): Promise<AwsCredentialIdentity> => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw new Error('the environment holds no AWS credentials; a Lambda function with a role has them')
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  }
}

/** The surroundings that Lambda gives: the environment's region, role and time, and logs in JSON. */
export const lambda: Runtime = {
  aws: { credentials: environmentCredentials },
  env: process.env,
  clock: systemClock,
  log: {
    info: (message, data = {}) => logger.info(message, data),
    warn: (message, data = {}) => logger.warn(message, data),
    error: (message, data = {}) => logger.error(message, data),
    about: (subject) => {
      logger.resetKeys()
      logger.appendKeys({ ...subject })
    },
  },
  progress: ({ step, message, detail = {} }) =>
    logger.info('progress', { step, progress: message, ...detail }),
}
