import * as z from 'zod'

/**
 * blocking: acting would fail or do harm, so nothing is touched.
 * warning: acting works, and somebody should still look.
 * info: worth knowing when reading the report.
 */
export const Severity = z.enum(['blocking', 'warning', 'info'])
export type Severity = z.infer<typeof Severity>

/** What to do about a finding. */
export const Remedy = z.object({
  /** What to do, or what the command does, in a sentence or two. */
  advice: z.string(),
  /** One or several whole shell commands, a line each or more, that can be pasted unchanged. */
  command: z.string().exactOptional(),
  /** True where the command only shows more: it changes nothing, and the finding stays. */
  looks: z.literal(true).exactOptional(),
})
export type Remedy = z.infer<typeof Remedy>

/** A remedy that no command can be given for. */
export const advise = (advice: string): Remedy => ({ advice })

/** A remedy whose commands, run one after another, make the finding go. */
export const mendWith = (advice: string, ...commands: string[]): Remedy => ({
  advice,
  command: commands.join('\n'),
})

/** A remedy whose commands show more about the finding and change nothing. */
export const lookWith = (advice: string, ...commands: string[]): Remedy => ({
  ...mendWith(advice, ...commands),
  looks: true,
})

/** A remedy as lines of text: the advice, then the commands. */
export const remedyLines = ({ advice, command }: Remedy): string[] => [
  advice,
  ...(command === undefined ? [] : command.split('\n')),
]

/** One thing a check found out. Data, not an error: all findings of all checks are reported together. */
export const Finding = z.object({
  /** Stable and kebab-case, for machines: `trust-tag-session-missing`. */
  code: z.string(),
  severity: Severity,
  /** What it is about, as a person names it: `role eks-workshop-carts-dynamo`, `deployment/carts`. */
  subject: z.string(),
  /** What was found, with the values that were seen. */
  found: z.string(),
  remedy: Remedy.exactOptional(),
})
export type Finding = z.infer<typeof Finding>

/** The findings that forbid acting. */
export const blocking = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.severity === 'blocking')
