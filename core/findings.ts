/**
 * blocking: acting would fail or do harm, so nothing is touched.
 * warning: acting works, and somebody should still look.
 * info: worth knowing when reading the report.
 */
export type Severity = 'blocking' | 'warning' | 'info'

/** One thing a check found out. Data, not an error: all findings of all checks are reported together. */
export interface Finding {
  /** Stable and kebab-case, for machines: `trust-tag-session-missing`. */
  code: string
  severity: Severity
  /** What it is about, as a person names it: `role eks-workshop-carts-dynamo`, `deployment/carts`. */
  subject: string
  /** What was found, with the values that were seen. */
  found: string
  /** What to do about it, as text or commands that can be copied and run as they stand. */
  remedy?: string
}

/** The findings that forbid acting. */
export const blocking = (findings: readonly Finding[]): Finding[] =>
  findings.filter((finding) => finding.severity === 'blocking')
