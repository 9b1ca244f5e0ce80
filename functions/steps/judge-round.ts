import * as z from 'zod'
import { digest } from '../../adapters/digest.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { type GateQuestion, gateQuestion } from '../../core/fleet/waves/gate.ts'
import { failuresIn, isBeyond, decideRound as judge } from '../../core/fleet/waves/judge.ts'
import { FleetPlan, objectsOf } from '../../core/fleet/waves/plan.ts'
import type { WaveJudged } from '../../core/fleet/waves/report.ts'
import { type WaveItem, waveRunName } from '../../core/fleet/waves/request.ts'
import {
  addCounts,
  addDigests,
  type FailureDigest,
  failureDigest,
  type ResultCounts,
  type ResultRow,
  resultCounts,
} from '../../core/fleet/waves/results.ts'
import { countsText, waveText } from '../../core/fleet/waves/words.ts'
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
    const planned = plan.waves[wave - 1] as FleetPlan['waves'][number]
    const earlier = undoing ? noTally : await tallyBefore(services, input)
    const counts = addCounts(earlier.counts, resultCounts(own))
    const tally: Tally = { counts, digest: addDigests(earlier.digest, failureDigest(own)).slice(0, 20) }
    if (!undoing) await objects.put(at.tally(wave, round), tally)
    const mode = undoing || plan.mode === 'undo' ? 'undo' : 'enable'
    const limits = { tolerated: plan.toleratedFailurePercentage, exceeded }
    // Only what has to be undone is looked up binding by binding: a wave may have a thousand rounds.
    const all = mode === 'enable' && isBeyond(planned, counts, limits)
    const rows = all ? [...(await earlierRounds(services, input)), ...own] : own
    const judgement = judge({ ...planned, roundsDone: round, ...(undoing ? { rounds: 1 } : {}) }, rows, {
      ...limits,
      undoOnFailure: plan.undoOnFailure,
      lastWave: undoing || wave >= plan.waves.length,
      mode,
      counts,
    })
    const toUndo = judgement.next === 'undo' ? await prepareUndo(services, input, judgement.undo) : 0
    const next = judgement.next === 'undo' && toUndo === 0 ? 'report' : judgement.next
    const message = `${undoing ? 'undone: ' : ''}${waveText(planned, plan.waves.length)}${planned.rounds > 1 && !undoing ? `, round ${round} of ${planned.rounds}` : ''}: ${countsText(counts)}`
    const judged: WaveJudged = {
      wave,
      round,
      undoing,
      next,
      beyond: judgement.beyond,
      counts,
      failures: failuresIn(counts),
      digest: tally.digest.slice(0, 5),
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

/** What a wave has come to, up to one of its rounds. */
interface Tally {
  counts: ResultCounts
  digest: FailureDigest[]
}

const noTally: Tally = { counts: resultCounts([]), digest: [] }

const tallyBefore = async (services: JudgeServices, input: z.output<typeof Input>): Promise<Tally> => {
  const { plan, wave, round } = input
  if (round === 1) return noTally
  const found = (await services.objects.get(objectsOf(plan.rollout).tally(wave, round - 1))) as
    | Tally
    | undefined
  if (found) return found
  // A rollout that began before there were tallies.
  const rows = await earlierRounds(services, input)
  return { counts: resultCounts(rows), digest: failureDigest(rows) }
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
