import type { RunAction } from '../../console/server/source.ts'
import type { ResultCounts } from '../../core/fleet/waves/results.ts'
import { countsText, waveText } from '../../core/fleet/waves/words.ts'
import type { SeenWaves } from '../../core/replay/waves.ts'

/** What may be done about a rollout now. */
export const rolloutActions = (seen: SeenWaves | undefined, status: string): RunAction[] => {
  if (status === 'RUNNING') return seen?.question ? ['approve', 'decline'] : []
  if (seen?.plan.mode !== 'enable') return []
  return [...(changedWaves(seen).length > 0 ? (['undo'] as const) : []), 'again']
}

/** The waves of a rollout that have changed something, and not put it back themselves. */
export const changedWaves = (seen: SeenWaves | undefined): number[] =>
  (seen?.plan.mode === 'enable' ? seen.waves : []).flatMap(({ number, judged }) =>
    judged && !judged.undoing && wereChanged(judged.counts) ? [number] : [],
  )

const wereChanged = (counts: Readonly<Record<string, number>>): boolean =>
  (counts.enabled ?? 0) + (counts.associated ?? 0) > 0

/** The lines of the question before a rollout, or one wave of it, is undone, or it is started once more. */
export const rolloutLines = (
  run: string,
  seen: SeenWaves | undefined,
  action: RunAction,
  only?: number,
): string[] =>
  action === 'again'
    ? [
        `a rollout starts with the input of ${run}: it does what is not done`,
        ...(seen ? [seen.plan.summary] : []),
      ]
    : [
        only === undefined
          ? `what ${run} changed is put back, the last wave first`
          : `what wave ${only} of ${run} changed is put back, and no other wave`,
        ...(seen?.waves ?? []).flatMap((wave) =>
          wave.judged && !wave.judged.undoing && (only ?? wave.number) === wave.number
            ? [
                `${waveText(wave, seen?.waves.length ?? 0)}: ${countsText(wave.judged.counts as ResultCounts)}`,
              ]
            : [],
        ),
      ]

/** What is said when the undoing of a rollout, or of one wave of it, has begun. */
export const undoing = (run: string, wave: number | undefined): string =>
  wave === undefined ? `${run} is being undone` : `wave ${wave} of ${run} is being undone`
