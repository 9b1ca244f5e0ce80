import * as z from 'zod'
import { digest } from '../../adapters/digest.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { InvalidRequest, Refused } from '../../core/errors.ts'
import { type FleetPlan, objectsOf, planFleet } from '../../core/fleet/waves/plan.ts'
import {
  type FleetItem,
  type FleetRequest,
  fleetItems,
  PlainItem,
  readFleetRequest,
  type WaveItem,
} from '../../core/fleet/waves/request.ts'
import { command } from '../../core/text/shell.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { expandSettings } from '../support/rollout/expand.ts'
import { rowsOfWave, undoItemsOf } from '../support/rollout/rows.ts'
import { type RolloutServices, rolloutServicesOf } from '../support/rollout/services.ts'
import { turnOfRollouts } from '../support/turn.ts'

const Input = z.strictObject({
  input: z.unknown(),
  execution: z.object({ arn: z.string(), startTime: z.string() }),
  /** RFC 3339, by the workflow's own clock. */
  now: z.string(),
})

type PlanServices = Pick<RolloutServices, 'config' | 'objects' | 'clusters'> & {
  executions: Pick<RolloutServices['executions'], 'find' | 'history' | 'stop'>
  /** Takes the turn of a rollout that changes something; answers the one that is in the way. */
  takeTurn: ReturnType<typeof turnOfRollouts>
}

/**
 * Finds a rollout's bindings, divides them into waves and leaves those in the bucket.
 * @throws InvalidRequest naming every fault of the request and of its bindings
 * @throws Refused naming the rollout that is under way: two at once would get in each other's way
 */
export const planWaves =
  (services: PlanServices) =>
  async ({ input, execution, now }: z.output<typeof Input>): Promise<FleetPlan> => {
    const [, , , region = '', account = '', , , rollout = ''] = execution.arn.split(':')
    const request = readFleetRequest(input, services.config.rollout)
    const items = await itemsOf(services, request, { account, region })
    if (request.mode !== 'plan') {
      const other = await services.takeTurn(rollout, request.mode)
      if (other !== undefined) throw new Refused(underWay(other, execution.arn))
    }
    const { plan, waves } = planFleet(items, request, {
      rollout,
      startedAt: execution.startTime,
      now: Date.parse(now),
      bucket: services.objects.bucket,
      digest: digest(rollout, 12),
    })
    const at = objectsOf(rollout)
    for (const { number, rounds } of waves)
      for (const [index, round] of rounds.entries())
        await services.objects.put(at.items(number, index + 1), round)
    await services.objects.put(at.plan, plan)
    return plan
  }

const underWay = (other: string, arn: string): string =>
  `the rollout ${other} is under way, and one at a time is. Start this one again when it has ended, or stop it first:\n${command`aws stepfunctions stop-execution --execution-arn ${[...arn.split(':').slice(0, 7), other].join(':')} --region ${arn.split(':')[3]}`}`

const itemsOf = async (
  services: PlanServices,
  { subject }: FleetRequest,
  where: { account: string; region: string },
): Promise<FleetItem[]> => {
  const read = (items: readonly PlainItem[]) =>
    fleetItems(
      items.map(({ name, input }) => ({ name, input: { ...input, mode: 'enable' } })),
      where,
    )
  switch (subject.of) {
    case 'settings':
      return read(await expandSettings(services, subject))
    case 'items':
      return read(subject.items)
    case 'object': {
      const list = z.array(PlainItem).safeParse(await services.objects.get(subject.key))
      if (!list.success)
        throw new InvalidRequest(`itemsAt: the bucket has no list of bindings at ${subject.key}`)
      return read(list.data)
    }
    case 'rollout':
      return undoItems(services, subject)
  }
}

/** What undoes the waves of an earlier rollout, the last wave first. */
const undoItems = async (
  services: PlanServices,
  { rollout, waves: wanted }: Extract<FleetRequest['subject'], { of: 'rollout' }>,
): Promise<FleetItem[]> => {
  const { objects } = services
  const at = objectsOf(rollout)
  const plan = (await objects.get(at.plan)) as FleetPlan | undefined
  if (!plan)
    throw new InvalidRequest(
      `undo: there is no rollout ${rollout}, or it was longer ago than what is kept of one`,
    )
  const unknown = wanted?.filter((wave) => !plan.waves.some(({ number }) => number === wave)) ?? []
  if (unknown.length > 0)
    throw new InvalidRequest(
      `undo: ${rollout} has ${plan.waves.length} waves, and no wave ${unknown.join(' or ')}`,
    )
  const found: FleetItem[] = []
  for (const wave of plan.waves.toReversed()) {
    if (wanted && !wanted.includes(wave.number)) continue
    const items = new Map<string, WaveItem>()
    for (let round = 1; round <= wave.rounds; round++)
      for (const item of ((await objects.get(at.items(wave.number, round))) ?? []) as WaveItem[])
        items.set(item.run, item)
    found.push(...(await undoItemsOf(services, await rowsOfWave(services, rollout, wave), items)))
  }
  return found
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'PlanWaves', input: Input }, (input, call) => {
    const services = rolloutServicesOf(call)
    return planWaves({ ...services, takeTurn: turnOfRollouts(services) })(input)
  })

export const handler = create(lambda)
