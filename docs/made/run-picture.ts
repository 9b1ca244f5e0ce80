import { styleText } from 'node:util'
import { summary } from '../../cli/render/report.ts'
import { type Screen, widthOf } from '../../cli/render/screen.ts'
import { createStepLines } from '../../cli/render/steps.ts'
import type { Report } from '../../core/report.ts'
import { readRecorded } from '../../test/cli/golden/recorded.ts'

const columns = 104
const [characterWidth, lineHeight, margin] = [7.8, 18, 16]

/** The codes of styleText that the display uses, and what ends each. */
const looks: Readonly<Record<string, string>> = {
  1: 'font-weight="bold"',
  2: 'fill="#8b949e"',
  31: 'fill="#ff7b72"',
  32: 'fill="#7ee787"',
  33: 'fill="#e3b341"',
  36: 'fill="#79c0ff"',
}

/** A recorded run as a terminal of its width shows it in colours: what was typed, its steps, its report. */
const screenText = (name: string, typed: string, heading: string): string[] => {
  const screen: Screen = {
    width: columns,
    paint: (look, text) => styleText(look, text, { validateStream: false }),
  }
  const recorded = readRecorded(name)
  const steps = createStepLines({ screen: () => screen, live: true, timeOfDay: () => '' })
  const lines = recorded.flatMap((one) =>
    'event' in one ? steps.event(one.event) : steps.progress(one.progress),
  )
  const last = recorded.at(-1)
  const report = last && 'event' in last && 'report' in last.event ? (last.event.report as Report) : undefined
  return [
    `${screen.paint('dim', '$')} ${typed}`,
    screen.paint('bold', heading),
    ...lines,
    ...(report ? summary(report, screen).trimEnd().split('\n') : []),
  ]
}

const escapeCode = new RegExp(`(${String.fromCharCode(27)}\\[\\d+m)`)

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A line with the codes of its colours as an SVG text. */
const textOf = (line: string, row: number): string => {
  let look = ''
  let column = 0
  const spans = line.split(escapeCode).flatMap((part) => {
    const [, code] = /^.\[(\d+)m$/.exec(part) ?? []
    if (code !== undefined) {
      look = looks[code] ?? ''
      return []
    }
    const from = column
    column += part.length
    // A browser may draw several blanks as one, so that what follows them has a place of its own.
    return [...part.matchAll(/\S+(?: \S+)*/g)].map((found) => {
      const [words] = found
      const x = (margin + (from + found.index) * characterWidth).toFixed(1)
      const length = (words.length * characterWidth).toFixed(1)
      return `<tspan x="${x}" textLength="${length}"${look ? ` ${look}` : ''}>${escaped(words)}</tspan>`
    })
  })
  const y = margin + 14 + row * lineHeight
  return spans.length > 0 ? `  <text y="${y}">${spans.join('')}</text>\n` : ''
}

/** A run of `npm run demo` as a picture, made of what its display was given when it was recorded. */
export const runPicture = (): string => {
  const lines = screenText(
    'enable',
    'npm run demo',
    'enable carts/carts → role eks-workshop-carts-dynamo on eks-workshop (stand-ins on this machine)',
  )
  // A word that is longer than a line has one of its own, and is not cut off.
  const longest = Math.max(columns, ...lines.map(widthOf))
  const width = Math.round(2 * margin + longest * characterWidth)
  const height = 2 * margin + lines.length * lineHeight
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#e6edf3">
  <title id="title">podid enables Pod Identity for the carts service of the EKS workshop, and reports what it changed and saw</title>
  <rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${lines.map(textOf).join('')}</svg>
`
}
