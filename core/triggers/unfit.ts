import type { Drift } from '../events.ts'
import type { ExpansionFinding } from '../fleet/expand/findings.ts'

/** A binding that cannot be what the settings say on a cluster, as sweeps and events tell it. */
export const unfitBinding = (
  finding: ExpansionFinding,
  { name: cluster, region }: { name: string; region: string },
): Drift => {
  const { at, binding, code, severity, subject, found, remedy } = finding
  return {
    binding,
    cluster,
    region,
    findings: [{ code, severity, subject, found: `${at.join(' and ')}: ${found}` }],
    run: null,
    undoneBy: null,
    held: remedy?.advice.replace(/\.$/, '') ?? null,
  }
}
