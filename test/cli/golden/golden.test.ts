import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { summary } from '../../../cli/render/report.ts'
import { type Screen, widthOf } from '../../../cli/render/screen.ts'
import { createStepLines } from '../../../cli/render/steps.ts'
import type { Report } from '../../../core/report.ts'
import { type Recorded, readRecorded, recordedNames } from './recorded.ts'

const timeOfDay = (time: number) => new Date(time).toISOString().slice(11, 19)

/** The steps as they are shown on a terminal, each state of the redrawn line once. */
const stepLines = (recorded: readonly Recorded[], screen: Screen, live: boolean): string[] => {
  const steps = createStepLines({ screen: () => screen, live, timeOfDay })
  let now = 0
  let drawn: string | undefined
  return recorded.flatMap((one) => {
    if ('event' in one) now = Date.parse(one.event.at)
    const lines = 'event' in one ? steps.event(one.event) : steps.progress(one.progress)
    const next = live ? steps.now(now) : undefined
    const redrawn = next !== undefined && next !== drawn ? [`${next}  (redrawn)`] : []
    drawn = next
    return [...lines, ...redrawn]
  })
}

const reportOf = (recorded: readonly Recorded[]): Report | undefined => {
  const last = recorded.flatMap((one) => ('event' in one ? [one.event] : [])).at(-1)
  return last && 'report' in last ? (last.report as Report) : undefined
}

/** A run as a person sees it, without colours. */
const shown = (name: string, width: number, live: boolean): string => {
  const recorded = readRecorded(name)
  const screen: Screen = { width, paint: (_look, text) => text }
  const report = reportOf(recorded)
  return `${stepLines(recorded, screen, live).join('\n')}\n${report ? summary(report, screen) : ''}`
}

/** Lines that are wrapped: neither a command to paste nor a word that is longer than the line. */
const tooLong = (text: string, width: number): string[] =>
  text
    .split('\n')
    .filter((line) => widthOf(line) > width && !line.startsWith('    ') && line.trim().includes(' '))

/** What a report says where it has no room for what was found. */
const briefly = 'cluster, agent, role, workload, association; --json has what was found'

// After a change on purpose: npx vitest run test/cli/golden -u, and look at what it wrote.
describe.each(recordedNames)('the display of the run %s', (name) => {
  it.each([60, 80, 120, 200])('at %i columns', async (width) => {
    const text = shown(name, width, width === 80)
    expect(tooLong(text, width + (width === 80 ? '  (redrawn)'.length : 0))).toEqual([])
    await expect(text).toMatchFileSnapshot(join(import.meta.dirname, `${name}.${width}.txt`))
  })

  it('in a pipe, where no line is wrapped', () => {
    const words = (text: string) => text.split(/\s+/).filter((word) => !/^(?:\\|\S*…)$/.test(word))
    const wide = new Set(words(`${shown(name, Number.POSITIVE_INFINITY, false)} ${briefly}`))
    expect(words(shown(name, 60, false)).filter((word) => !wide.has(word))).toEqual([])
  })
})

it('a report has at most 24 lines at 60 and 80 columns where the run ended well, and ends with what to paste where not', () => {
  for (const name of ['plan', 'plan-repoint', 'enable'])
    for (const width of [60, 80]) {
      const report = reportOf(readRecorded(name))
      const lines = report
        ? summary(report, { width, paint: (_look, text) => text })
            .trimStart()
            .split('\n')
        : []
      // A terminal shows a line that is too long on two; the way back has two more.
      const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / width)), 0)
      const most = name === 'enable' ? 22 : 24
      expect({ name, width, fits: rows <= most }).toEqual({ name, width, fits: true })
    }
  const report = reportOf(readRecorded('blocked'))
  const command = report?.findings.find(({ severity }) => severity === 'blocking')?.remedy?.command ?? '?'
  const text = report ? summary(report, { width: 60, paint: (_look, line) => line }) : ''
  // What is too long goes on after a backslash.
  const pasted = text
    .replaceAll(/ \\\n +/g, ' ')
    .trimEnd()
    .split('\n')
  expect(pasted.slice(-command.split('\n').length).map((line) => line.slice(4))).toEqual(command.split('\n'))
  expect(text.split('\n').slice(0, 3).join(' ')).toContain('nothing was changed')
})
