import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { objectsOf } from '../../core/fleet/waves/plan.ts'
import {
  buildFleetReport,
  type FleetReport,
  FleetState,
  fitFleetReport,
} from '../../core/fleet/waves/report.ts'
import type { WaveItem } from '../../core/fleet/waves/request.ts'
import type { ResultRow } from '../../core/fleet/waves/results.ts'
import { makeHandler } from '../middleware/make-handler.ts'
import { lambda } from '../support/lambda.ts'
import { rowsOfWave } from '../support/rollout/rows.ts'
import { type RolloutServices, rolloutServicesOf } from '../support/rollout/services.ts'

const Input = FleetState.extend({ endedAt: z.string() })

/** One document of all waves, of what is in the bucket and, of a round that was not judged, of what Step Functions says. */
export const reportRollout =
  (
    services: Pick<RolloutServices, 'objects'> & {
      executions: Pick<RolloutServices['executions'], 'find' | 'history' | 'stop'>
    },
  ) =>
  async ({ endedAt, ...state }: z.output<typeof Input>): Promise<FleetReport> => {
    const { rollout, waves, mode } = state.plan
    const rows: ResultRow[] = []
    const undoRows: ResultRow[] = []
    if (mode === 'plan')
      for (const { number, rounds } of waves)
        for (let round = 1; round <= rounds; round++)
          rows.push(...(await plannedRows(services, objectsOf(rollout).items(number, round), number)))
    const reached = Math.max(0, ...state.judged.map(({ wave }) => wave))
    for (const wave of mode === 'plan' ? [] : waves) {
      // Of a wave that was not begun there is nothing to ask for, unless something ended the rollout within it.
      if (wave.number > reached + (state.failure ? 1 : 0)) break
      rows.push(...(await rowsOfWave(services, rollout, wave)))
      undoRows.push(
        ...(((await services.objects.get(objectsOf(rollout).undoRows(wave.number))) ?? []) as ResultRow[]),
      )
    }
    return fitFleetReport(buildFleetReport(state, { rows, undoRows }, Date.parse(endedAt)))
  }

/** The bindings of a round that is only planned. */
const plannedRows = async (
  { objects }: Pick<RolloutServices, 'objects'>,
  key: string,
  wave: number,
): Promise<ResultRow[]> =>
  (((await objects.get(key)) ?? []) as WaveItem[]).map(({ input: _, ...item }) => ({
    ...item,
    item: item.run,
    wave,
    result: 'not begun',
    said: '',
    before: null,
  }))

export const create = (runtime: Runtime) =>
  makeHandler(runtime, { name: 'ReportRollout', input: Input }, (input, call) =>
    reportRollout(rolloutServicesOf(call))(input),
  )

export const handler = create(lambda)
