import { excerpt, redact } from '../../text/redact.ts'
import { type Denial, denialAdvice, readDenial } from './denial.ts'
import { type CredentialsTrouble, type SdkSentence, sdkAdvice, sdkSentences } from './sdk-sentences.ts'

/** What a container's last words come to. */
export interface LogExplanation {
  /** The line that says most, without secrets, shortened. */
  line: string
  /** Set where the line shows a cause that this project is about. */
  cause?: { code: CauseCode; advice: string; denial?: Denial }
}

export type CauseCode = 'rollout-access-denied' | (typeof codes)[CredentialsTrouble]

const codes = {
  'too-old': 'rollout-sdk-too-old',
  refused: 'rollout-credentials-refused',
  unreachable: 'rollout-agent-unreachable',
  missing: 'rollout-no-credentials',
} as const

const denied = /AccessDenied|not authorized to perform|UnauthorizedOperation|Access Denied/
const error = /\b(?:error|exception|fatal|panic|caused by)\b/i

/** The AWS error before any other error, that before the very last line; undefined where nothing was written. */
export const explainLog = (text: string): LogExplanation | undefined => {
  const lines = linesOf(text)
  return (
    // An SDK that does not know the agent goes on to the next provider, and what is said then is not the cause.
    bySentence(lines, ['too-old']) ??
    // Of these the last one counts: what failed before it may have been mended by asking again.
    lines
      .toReversed()
      .flatMap((line) => bySentence([line], ['refused', 'unreachable']) ?? byDenial(line) ?? [])[0] ??
    bySentence(lines, ['missing']) ??
    plain(lines.findLast(({ raw }) => error.test(raw)) ?? lines.at(-1))
  )
}

/** A line as it was written, for telling what it is, and as it may be shown. */
interface Line {
  raw: string
  shown: string
}

const linesOf = (text: string): Line[] => {
  // Before it is taken apart: a private key is only known by its first line.
  const shown = redact(text).split('\n')
  const written = text.split('\n')
  const raw = written.length === shown.length ? written : []
  return shown
    .map((line, index) => ({ raw: raw[index] ?? line, shown: line.trim() }))
    .filter((line) => line.shown !== '')
}

const bySentence = (
  lines: readonly Line[],
  troubles: readonly CredentialsTrouble[],
): LogExplanation | undefined => {
  const sentence = (line: string): SdkSentence | undefined =>
    sdkSentences.find(({ trouble, says }) => troubles.includes(trouble) && says.test(line))
  return lines.toReversed().flatMap(({ raw, shown }) => {
    const found = sentence(raw)
    return found
      ? [{ line: excerpt(shown), cause: { code: codes[found.trouble], advice: sdkAdvice(found, raw) } }]
      : []
  })[0]
}

const byDenial = ({ raw, shown }: Line): LogExplanation | undefined => {
  if (!denied.test(raw)) return undefined
  const denial = readDenial(raw)
  return {
    line: excerpt(shown),
    cause: { code: 'rollout-access-denied', advice: denialAdvice(denial), denial },
  }
}

const plain = (line: Line | undefined): LogExplanation | undefined => line && { line: excerpt(line.shown) }
