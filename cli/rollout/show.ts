import { waveText } from '../../core/fleet/waves/plan.ts'
import type { FleetReport } from '../../core/fleet/waves/report.ts'
import { countsText } from '../../core/fleet/waves/results.ts'
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
  'under way': 'under way',
} as const

/** The waves of a rollout, as they are planned or as they went. */
export const wavesText = ({ waves, outcome }: FleetReport): string =>
  tableText(
    ['WAVE', 'CLUSTERS', 'BINDINGS', ...(outcome === 'planned' ? [] : ['STATE', 'RESULTS'])],
    waves.map(({ number, clusters, bindings, state, counts, undone }) => [
      String(number),
      String(clusters),
      String(bindings),
      ...(outcome === 'planned'
        ? []
        : [words[state], `${countsText(counts)}${undone ? `; undone: ${countsText(undone)}` : ''}`]),
    ]),
    screenOf(process.stdout).width,
  )

/** Prints a rollout's report for people, and says what to exit with. @param again how a command finds it again: `--remote production` */
export const showReport = (report: FleetReport, again: string): ExitCode => {
  const { width } = screenOf(process.stdout)
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
  const reasons = report.digest.flatMap(({ said, count, bindings }) =>
    wrapped(`${count} failed (${bindings.join(', ')}): ${said}`, width, '  '),
  )
  const back = report.waves.filter(
    ({ counts, undone }) => undone === null && counts.enabled + counts.associated > 0,
  )
  const ways = back.map(
    ({ number, bindings, clusters }) =>
      `  ${waveText({ number, bindings, clusters }, report.waves.length)}:\n    ${invokedAs()} ${command`rollout --undo ${report.rollout} --wave ${number}`}${again}`,
  )
  process.stdout.write(visible(`${wavesText(report)}\n${table}`))
  if (reasons.length > 0) process.stdout.write(visible(`\nWhy\n${reasons.join('\n')}\n`))
  process.stdout.write(visible(`\n${report.summary}\n`))
  if (report.outcome !== 'undone' && ways.length > 0)
    process.stdout.write(visible(`\nTo undo a wave\n${ways.join('\n')}\n`))
  return report.outcome === 'done' || report.outcome === 'undone' ? exit.done : exit.failed
}
