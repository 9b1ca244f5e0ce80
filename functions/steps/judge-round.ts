import * as z from 'zod'
import { digest } from '../../adapters/digest.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type GateQuestion, gateQuestion } from '../../core/fleet/waves/gate.ts'
import { failuresIn, decideRound as judge } from '../../core/fleet/waves/judge.ts'
import { FleetPlan, objectsOf, waveText } from '../../core/fleet/waves/plan.ts'
import type { WaveJudged } from '../../core/fleet/waves/report.ts'
import { type WaveItem, waveRunName } from '../../core/fleet/waves/request.ts'
import { countsText, failureDigest, type ResultRow, resultCounts } from '../../core/fleet/waves/results.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { keptRows, readRound, undoItemsOf } from '../support/rollout/rows.ts'
import { type RolloutServices, rolloutServicesOf } from '../support/rollout/services.ts'

const Input = z.strictObject({
  plan: FleetPlan,
  wave: z.number(),
  round: z.number(),
  /** Whether the round has put back what the wave changed. */
  undoing: z.boolean(),
  /** Whether the Map stopped because too many failed. */
  exceeded: z.boolean(),
})

/** What the workflow goes on with: the wave as it was judged, and the question before the next one. */
export interface RoundJudged {
  judged: WaveJudged
  question: GateQuestion | null
}

interface JudgeServices extends Pick<RolloutServices, 'objects' | 'bus'> {
  executions: Pick<RolloutServices['executions'], 'find' | 'history' | 'stop'>
  rollouts: Pick<RolloutServices['rollouts'], 'arnOf'>
}

/** Judges the wave by all of its rounds up to this one, keeps what each binding came to, and prepares what is next. */
export const judgeRound =
  (services: JudgeServices) =>
  async (input: z.output<typeof Input>): Promise<RoundJudged> => {
    const { plan, wave, round, undoing, exceeded } = input
    const { objects } = services
    const at = objectsOf(plan.rollout)
    const items = ((await objects.get(undoing ? at.undoItems(wave) : at.items(wave, round))) ??
      []) as WaveItem[]
    const prefix = undoing ? at.undoResults(wave) : at.results(wave, round)
    const own = await readRound(services, items, { wave, prefix })
    await objects.put(undoing ? at.undoRows(wave) : at.rows(wave, round), own)
    const rows = undoing ? own : [...(await earlierRounds(services, input)), ...own]
    const planned = plan.waves[wave - 1] ?? { number: wave, clusters: 0, bindings: 0, rounds: 0 }
    const judgement = judge({ ...planned, roundsDone: round, ...(undoing ? { rounds: 1 } : {}) }, rows, {
      tolerated: plan.toleratedFailurePercentage,
      exceeded,
      undoOnFailure: plan.undoOnFailure,
      lastWave: undoing || wave >= plan.waves.length,
      mode: undoing || plan.mode === 'undo' ? 'undo' : 'enable',
    })
    const toUndo = judgement.next === 'undo' ? await prepareUndo(services, input, judgement.undo) : 0
    const next = judgement.next === 'undo' && toUndo === 0 ? 'report' : judgement.next
    const counts = resultCounts(rows)
    const message = `${undoing ? 'undone: ' : ''}${waveText(planned, plan.waves.length)}${planned.rounds > 1 && !undoing ? `, round ${round} of ${planned.rounds}` : ''}: ${countsText(counts)}`
    const judged: WaveJudged = {
      wave,
      round,
      undoing,
      next,
      beyond: judgement.beyond,
      counts,
      failures: failuresIn(counts),
      digest: failureDigest(rows).slice(0, 5),
      toUndo,
      message,
    }
    await services.bus.put({
      type: 'Rollout Wave Judged',
      resources: [services.rollouts.arnOf(plan.rollout)],
      detail: { rollout: plan.rollout, ...judged },
    })
    const question =
      next === 'next' && plan.approval === 'required' ? await questionOf(services, input, message) : null
    return { judged, question }
  }

const earlierRounds = async (
  services: JudgeServices,
  { plan, wave, round }: z.output<typeof Input>,
): Promise<ResultRow[]> => {
  const rows: ResultRow[] = []
  for (let earlier = 1; earlier < round; earlier++)
    rows.push(...((await keptRows(services, plan.rollout, wave, earlier)) ?? []))
  return rows
}

/** Leaves in the bucket what puts the rows' changes back; answers how many there are. */
const prepareUndo = async (
  services: JudgeServices,
  { plan, wave, round }: z.output<typeof Input>,
  rows: readonly ResultRow[],
): Promise<number> => {
  const at = objectsOf(plan.rollout)
  const items = new Map<string, WaveItem>()
  for (let one = 1; one <= round; one++)
    for (const item of ((await services.objects.get(at.items(wave, one))) ?? []) as WaveItem[])
      items.set(item.run, item)
  const undo = await undoItemsOf(services, rows, items)
  const named = undo.map((item, index): WaveItem => {
    const which = { wave, index: index + 1, undo: true }
    return { ...item, run: waveRunName(plan.rollout, which, digest(plan.rollout, 12)) }
  })
  if (named.length > 0) await services.objects.put(at.undoItems(wave), named)
  return named.length
}

const questionOf = async (
  { objects }: JudgeServices,
  { plan, wave }: z.output<typeof Input>,
  before: string,
): Promise<GateQuestion> => {
  const at = objectsOf(plan.rollout)
  const rounds = plan.waves[wave]?.rounds ?? 0
  const items: WaveItem[] = []
  for (let round = 1; round <= rounds; round++)
    items.push(...(((await objects.get(at.items(wave + 1, round))) ?? []) as WaveItem[]))
  return gateQuestion(plan, wave + 1, items, { before, digest: digest(JSON.stringify(items), 32) })
}

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'JudgeRound', input: Input }, (input, call) =>
    judgeRound(rolloutServicesOf(call))(input),
  )

export const handler = create(lambda)
