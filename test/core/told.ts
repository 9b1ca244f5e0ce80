import type { Finding } from '../../core/findings.ts'

/**
 * All that findings say, as lines: `blocking agent-missing, SUBJECT: what was found`, under it the advice after `→`, and
 * the commands after `$`, or after `?` where they only look.
 */
export const told = (findings: readonly Finding[]): string[] =>
  findings.flatMap(({ code, severity, subject, found, remedy }) => [
    `${severity} ${code}, ${subject}: ${found}`,
    ...(remedy ? [`→ ${remedy.advice}`] : []),
    ...(remedy?.command === undefined ? [] : [`${remedy.looks ? '?' : '$'} ${remedy.command}`]),
  ])
