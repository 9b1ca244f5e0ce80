import { eks } from '../../../adapters/eks/eks.ts'
import type { Runtime } from '../../../adapters/runtime.ts'
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

type CodedRow = Row & { code: string }

const steps = { verifyRole, checkAgent, checkAssociation, verifyWorkload }

/** The step of Preflight that makes findings of a code. */
const stepOf = (code: string): keyof typeof steps => {
  if (Object.hasOwn(roleRows, code)) return 'verifyRole'
  if (code.startsWith('agent-')) return 'checkAgent'
  return code.startsWith('association-') ? 'checkAssociation' : 'verifyWorkload'
}

/** Whether what is found, and what mends it, is in the account alone: account-remedies.test.ts runs these. */
export const isOfAccount = ({ code, findings }: CodedRow): boolean =>
  !findings && ['verifyRole', 'checkAssociation'].includes(stepOf(code))

/** Of each world: a second look has the clients and the connections of the first. */
const runtimes = new WeakMap<Workshop['aws'], Runtime>()

/**
 * Asks the one step of Preflight that knows of a row for what it finds: as a plan does, which asks all of them. Each
 * step is asked once for the same request.
 */
export const findingsBySteps = ({ aws, clock }: Pick<Workshop, 'aws' | 'clock'>) => {
  const runtime = runtimes.get(aws) ?? quietRuntime(aws.url, { credentials: aws.credentials, clock })
  runtimes.set(aws, runtime)
  const asked = new Map<string, Promise<readonly Finding[]>>()
  const ask = ({ code, input = {} }: CodedRow): Promise<readonly Finding[]> => {
    const request = resolveRequest(
      { ...workshopBinding({ aws }), mode: 'plan', ...input },
      {
        arn: `arn:aws:states:${aws.region}:${aws.account}:execution:podid:run-1`,
        startTime: '2026-11-26T00:00:00.000Z',
      },
    )
    return clock.work(async () => {
      const cluster = await eks(runtime, aws.region).describeCluster(request.cluster)
      return (await steps[stepOf(code)](runtime)({ request, cluster })).findings
    })
  }
  return (row: CodedRow): Promise<readonly Finding[]> => {
    const key = `${stepOf(row.code)} ${JSON.stringify(row.input)}`
    const answer = asked.get(key) ?? ask(row)
    asked.set(key, answer)
    return answer
  }
}
