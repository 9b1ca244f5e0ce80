import type { RunAction } from '../../console/server/source.ts'
import type { ResultCounts } from '../../core/fleet/waves/results.ts'
import { countsText, waveText } from '../../core/fleet/waves/words.ts'
import type { SeenWaves } from '../../core/replay/waves.ts'

/** What may be done about a rollout now. */
export const rolloutActions = (seen: SeenWaves | undefined, status: string): RunAction[] => {
  if (status === 'RUNNING') return seen?.question ? ['approve', 'decline'] : []
  if (seen?.plan.mode !== 'enable') return []
  const changed = seen.waves.some(({ judged }) => judged && !judged.undoing && wereChanged(judged.counts))
  return [...(changed ? (['undo'] as const) : []), 'again']
}

const wereChanged = (counts: Readonly<Record<string, number>>): boolean =>
  (counts.enabled ?? 0) + (counts.associated ?? 0) > 0

/** The lines of the question before a rollout is undone, or started once more. */
export const rolloutLines = (run: string, seen: SeenWaves | undefined, action: RunAction): string[] =>
  action === 'again'
    ? [
        `a rollout starts with the input of ${run}: it does what is not done`,
        ...(seen ? [seen.plan.summary] : []),
      ]
    : [
        `what ${run} changed is put back, the last wave first`,
        ...(seen?.waves ?? []).flatMap((wave) =>
          wave.judged && !wave.judged.undoing
            ? [
                `${waveText(wave, seen?.waves.length ?? 0)}: ${countsText(wave.judged.counts as ResultCounts)}`,
              ]
            : [],
        ),
      ]
