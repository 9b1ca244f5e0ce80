import { assumptionsOf } from '../../../adapters/cloudtrail.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
import { roleArn } from '../../../local/scenarios/workshop/account.ts'
import type { Workshop } from '../../support/run.ts'

/** What CloudTrail tells of the last hour's assumptions of the workshop's role. */
export const lookUp = ({ aws, clock }: Workshop) => {
  const runtime = {
    aws: { endpoint: aws.url, credentials: async () => aws.credentials },
    clock,
  } as unknown as Runtime
  return clock.work(() =>
    assumptionsOf(runtime, aws.region, roleArn(aws.state), new Date(clock.now() - 3600_000)),
  )
}
