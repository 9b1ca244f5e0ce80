import { eks } from '../../../adapters/eks/eks.ts'
import type { Finding } from '../../../core/findings.ts'
import { resolveRequest } from '../../../core/request-input.ts'
import { create as checkAgent } from '../../../functions/steps/check-agent.ts'
import { create as checkAssociation } from '../../../functions/steps/check-association.ts'
import { create as verifyRole } from '../../../functions/steps/verify-role.ts'
import { create as verifyWorkload } from '../../../functions/steps/verify-workload.ts'
import { workshopBinding } from '../../../local/scenarios/workshop/binding.ts'
import type { Workshop } from '../../support/run.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { roleRows } from './role-rows.ts'
import type { Row } from './row.ts'

/** The step of Preflight that makes findings of a code. */
const stepOf = (code: string) => {
  if (Object.hasOwn(roleRows, code)) return verifyRole
  if (code.startsWith('agent-')) return checkAgent
  return code.startsWith('association-') ? checkAssociation : verifyWorkload
}

/** What the one step of Preflight that knows of it finds: as a plan does, which asks all of them. */
export const foundByStep = async (
  { aws, clock }: Workshop,
  { code, input = {} }: Row & { code: string },
): Promise<Finding | undefined> => {
  const runtime = quietRuntime(aws.url, { credentials: aws.credentials, clock })
  const request = resolveRequest(
    { ...workshopBinding({ aws }), mode: 'plan', ...input },
    {
      arn: `arn:aws:states:${aws.region}:${aws.account}:execution:podid:run-1`,
      startTime: '2026-11-26T00:00:00.000Z',
    },
  )
  const { findings } = await clock.work(async () => {
    const cluster = await eks(runtime, aws.region).describeCluster(request.cluster)
    return stepOf(code)(runtime)({ request, cluster })
  })
  return findings.find((finding) => finding.code === code)
}
