import { type GateQuestion, gateText } from '../../core/fleet/waves/gate.ts'
import type { FleetPlan } from '../../core/fleet/waves/plan.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import { digestText, type ResultCounts } from '../../core/fleet/waves/results.ts'
import type { FleetView } from '../../core/fleet/waves/view.ts'
import { countsText, waveText } from '../../core/fleet/waves/words.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import { type ExitCode, exit } from '../exit.ts'
import { invokedAs } from '../invoked.ts'
import { screenOf, wrapped } from '../render/screen.ts'
import { tableText } from '../render/table.ts'

const words = {
  passed: 'done',
  beyond: 'stopped',
  'not begun': 'not begun',
  'under way': 'not finished',
} as const

/** The waves of a rollout, as they are planned or as they went. */
export const wavesText = ({ waves, outcome }: FleetReport, width = screenOf(process.stdout).width): string =>
  tableText(
    ['WAVE', 'CLUSTERS', 'BINDINGS', ...(outcome === 'planned' ? [] : ['STATE', 'RESULTS'])],
    waves.map(({ number, clusters, bindings, state, counts, undone }) => [
      String(number),
      String(clusters),
      String(bindings),
      ...(outcome === 'planned'
        ? []
        : [
            words[state],
            `${state === 'not begun' ? '' : countsText(counts)}${undone ? `; undone: ${countsText(undone)}` : ''}`,
          ]),
    ]),
    width,
  )

/** The waves of a rollout that has no report, as far as they were judged. */
export const viewText = ({ judged, underWay }: FleetView, plan: FleetPlan, width: number): string =>
  tableText(
    ['WAVE', 'CLUSTERS', 'BINDINGS', 'STATE', 'RESULTS'],
    plan.waves.map(({ number, clusters, bindings, rounds }) => {
      const own = judged.filter(({ wave }) => wave === number)
      const [done, undone] = [own.filter(({ undoing }) => !undoing), own.filter(({ undoing }) => undoing)]
      const state =
        underWay?.wave === number
          ? 'under way'
          : own.some(({ beyond }) => beyond)
            ? words.beyond
            : done.length === 0
              ? words['not begun']
              : done.length < rounds
                ? 'under way'
                : words.passed
      const results = [
        ...done.slice(-1).map(({ counts }) => countsText(counts as ResultCounts)),
        ...undone.slice(-1).map(({ counts }) => `undone: ${countsText(counts as ResultCounts)}`),
      ]
      return [String(number), String(clusters), String(bindings), state, results.join('; ')]
    }),
    width,
  )

/** What to exit with after a rollout, by its report. */
export const exitOf = ({ outcome, waves }: Pick<FleetReport, 'outcome' | 'waves'>): ExitCode =>
  outcome === 'planned'
    ? waves.length > 0
      ? exit.changes
      : exit.done
    : outcome === 'done' || outcome === 'undone'
      ? exit.done
      : exit.failed

/** Which bindings each wave of a plan would take. */
const planText = ({ bindings, more, summary }: FleetReport, width: number): string =>
  [
    tableText(
      ['WAVE', 'CLUSTER', 'BINDING', 'SERVICEACCOUNT'],
      bindings.map(({ wave, cluster, binding, namespace, serviceAccount }) => [
        String(wave),
        cluster,
        binding,
        `${namespace}/${serviceAccount}`,
      ]),
      width,
    ),
    more > 0 ? `and ${more} more\n` : '',
    `\n${wrapped(summary, width).join('\n')}\n`,
  ].join('')

/**
 * A rollout's report for people.
 * @param again how a command finds it again: `--remote production`
 */
export const reportText = (report: FleetReport, again: string, width: number): string => {
  if (report.outcome === 'planned') return planText(report, width)
  const table = tableText(
    ['BINDING', 'CLUSTER', 'WAVE', 'RESULT', 'RUN', 'SUMMARY'],
    report.bindings.map(({ binding, cluster, wave, result, run, said }) => [
      binding,
      cluster,
      String(wave),
      result,
      result === 'not begun' ? '' : run,
      said,
    ]),
    width,
  )
  const reasons = report.digest.flatMap((one) => wrapped(digestText(one), width, '  '))
  const back =
    report.outcome === 'undone'
      ? []
      : report.waves.filter(({ counts, undone }) => undone === null && counts.enabled + counts.associated > 0)
  const ways = back.flatMap(({ number, bindings, clusters }) => [
    ...wrapped(`${waveText({ number, bindings, clusters }, report.waves.length)}:`, width, '  '),
    `    ${invokedAs()} ${command`rollout --undo ${report.rollout} --wave ${number}`}${again}`,
  ])
  const part = (title: string, lines: readonly string[]) =>
    lines.length > 0 ? `\n${title}\n${lines.join('\n')}\n` : ''
  return [
    `${wavesText(report, width)}\n${table}${report.more > 0 ? `and ${report.more} more\n` : ''}`,
    part('Why', reasons),
    `\n${wrapped(report.summary, width).join('\n')}\n`,
    part('To undo a wave', ways),
  ].join('')
}

/** The question between two waves: what the wave before came to, and what is next. Ends with a line break. */
export const gateLines = (
  rollout: string,
  { before, ...gate }: Pick<GateQuestion, 'before' | 'wave' | 'waves' | 'bindings' | 'clusters' | 'plan'>,
  width: number,
): string =>
  [`The rollout ${rollout} would ${gateText({ before, ...gate })}`, `before it: ${before}`]
    .map((line, at) => `${wrapped(visible(line), width, at === 0 ? '' : '  ', 2).join('\n')}\n`)
    .join('')
