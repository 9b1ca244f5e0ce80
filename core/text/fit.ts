import type { Finding } from '../findings.ts'
import { clip } from './clip.ts'

/** How long a value is as JSON, in bytes. */
export const bytesOf = (value: unknown): number =>
  new TextEncoder().encode(JSON.stringify(value) ?? '').length

/**
 * Findings that are together no longer than so many bytes of JSON: where they are longer, the longest commands are
 * left out, then long texts are cut, then the last findings are counted instead of shown. What was left out is said.
 */
export const fitFindings = (findings: readonly Finding[], most: number): Finding[] => {
  let shown: Finding[] = [...findings]
  if (bytesOf(shown) <= most) return shown
  for (const limit of [20_000, 5_000, 1_000]) {
    shown = shown.map((finding) => withShorterCommand(finding, limit))
    if (bytesOf(shown) <= most) return shown
  }
  shown = shown.map((finding) => ({
    ...finding,
    subject: clip(finding.subject, 200),
    found: clip(finding.found, 500),
    ...(finding.remedy && { remedy: { ...finding.remedy, advice: clip(finding.remedy.advice, 300) } }),
  })) as Finding[]
  if (bytesOf(shown) <= most) return shown
  // Those that block come first, as they say why the run stopped.
  const ranked = [
    ...shown.filter(({ severity }) => severity === 'blocking'),
    ...shown.filter(({ severity }) => severity !== 'blocking'),
  ]
  let size = 500
  const end = ranked.findIndex((next) => {
    size += bytesOf(next) + 1
    return size > most
  })
  const first = ranked.slice(0, end)
  const left = ranked.slice(end)
  return [
    ...first,
    {
      code: 'findings-left-out',
      severity: left.some(({ severity }) => severity === 'blocking') ? 'blocking' : 'warning',
      subject: 'this report',
      found: `${left.length} more findings are not shown, since a report may not be longer`,
    },
  ]
}

const withShorterCommand = (finding: Finding, most: number): Finding => {
  const length = finding.remedy?.command?.length ?? 0
  if (!finding.remedy || length <= most) return finding
  const advice = `${finding.remedy.advice} (The command has ${length} characters, which are too many for this report; with fewer needs it is shown.)`
  return { ...finding, remedy: { advice } }
}
