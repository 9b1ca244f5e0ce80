import { Logger } from '@aws-lambda-powertools/logger'
import { systemClock } from '../../adapters/clock.ts'
import type { Runtime } from '../../adapters/runtime.ts'

const logger = new Logger({ serviceName: 'podid' })

/** The surroundings that Lambda gives: the environment's region, role and time, and logs in JSON. */
export const lambda: Runtime = {
  aws: {},
  clock: systemClock,
  log: {
    info: (message, data = {}) => logger.info(message, data),
    warn: (message, data = {}) => logger.warn(message, data),
    error: (message, data = {}) => logger.error(message, data),
  },
  progress: ({ step, message, detail = {} }) =>
    logger.info('progress', { step, progress: message, ...detail }),
}
