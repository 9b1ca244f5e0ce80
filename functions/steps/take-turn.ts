import * as z from 'zod'
import type { LatestRun } from '../../adapters/records/runs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Executions } from '../../adapters/step-functions.ts'
import { Refused } from '../../core/errors.ts'
import { Request } from '../../core/request.ts'
import type { TurnStep } from '../../core/steps/answers.ts'
import { command } from '../../core/text/shell.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { type TurnServices, takeTurn } from '../support/turn.ts'
import { turnServicesOf } from '../support/turn-services.ts'

const Input = z.strictObject({ request: Request })

/**
 * Takes the turn of the run that asks, also of one that somebody started by hand.
 * @throws Refused naming the run that is at work on the binding
 */
export const takeTurnOf =
  (services: TurnServices & { executions: Pick<Executions, 'arnOf'> }) =>
  async ({ request }: z.output<typeof Input>): Promise<TurnStep> => {
    const { run, cluster, region, namespace, serviceAccount } = request
    const mode = request.mode === 'undo' ? 'undo' : 'enable'
    const binding = { cluster, region, namespace, serviceAccount }
    const inTheWay = await takeTurn(services, binding, { run, mode })
    const where = `${namespace}/${serviceAccount} on ${cluster}`
    if (inTheWay) throw new Refused(underWay(where, inTheWay, services.executions.arnOf(inTheWay.run)))
    return {
      message:
        mode === 'undo'
          ? `no other run of this stage is at work on ${where}; the sweep leaves it alone until somebody enables it again`
          : `no other run of this stage is at work on ${where}`,
    }
  }

const underWay = (where: string, { run, mode, at }: LatestRun, arn: string): string =>
  `the run ${run} (${mode}) has been at work on ${where} since ${new Date(at).toISOString()}, and two at once would undo each other's work. Start this one again when it has ended, or stop it first:\n${command`aws stepfunctions stop-execution --execution-arn ${arn} --region ${arn.split(':')[3]}`}`

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'TakeTurn', input: Input }, (input, call) =>
    takeTurnOf(turnServicesOf(call))(input),
  )

export const handler = create(lambda)
