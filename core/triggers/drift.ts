import type { Finding } from '../findings.ts'
import { blocking } from '../findings.ts'
import type { AssociationCheck, WorkloadCheck } from '../steps/answers.ts'
import { describeLook, type TrailLook } from '../workload/proof/trail.ts'

export interface DriftDecision {
  /** none: all is as declared. mend: a run would repair it. report: only a person can. */
  action: 'none' | 'mend' | 'report'
  findings: Finding[]
}

/**
 * Whether a binding is still in force: its association exists and has the declared role, and every pod of its
 * workload has the credentials. A workload that does not exist yet needs only the association.
 */
export const decideDrift = (
  binding: { namespace: string; serviceAccount: string; role: string },
  association: AssociationCheck,
  workload: WorkloadCheck | null,
): DriftDecision => {
  const serviceAccount = `${binding.namespace}/${binding.serviceAccount}`
  const drifts = [
    ...(association.action === 'create'
      ? [
          drift(
            'association-missing',
            serviceAccount,
            'it has no association: it was never created, or it was deleted',
          ),
        ]
      : []),
    ...(association.action === 'repoint'
      ? [
          drift(
            'association-repointed',
            serviceAccount,
            `its association grants ${association.before?.roleArn}, and ${binding.role} is declared`,
          ),
        ]
      : []),
    ...(association.action === 'keep' && workload?.exists && !workload.injected
      ? [
          drift(
            'credentials-missing',
            serviceAccount,
            'it has its association, but pods run without credentials',
          ),
        ]
      : []),
  ]
  const obstacles = [...blocking(association.findings), ...(workload ? blocking(workload.findings) : [])]
  if (obstacles.length > 0) return { action: 'report', findings: [...drifts, ...obstacles] }
  return { action: drifts.length > 0 ? 'mend' : 'none', findings: drifts }
}

/** What CloudTrail showed of the binding's pods at an earlier sweep, beside what has drifted. By itself it is no drift: many applications call AWS seldom. */
export const lookFinding = (
  { namespace, serviceAccount }: { namespace: string; serviceAccount: string },
  look: TrailLook,
): Finding => ({
  code: 'credentials-in-cloudtrail',
  severity: 'info',
  subject: `serviceaccount ${namespace}/${serviceAccount}`,
  found: describeLook(look),
})

const drift = (code: string, serviceAccount: string, found: string): Finding => ({
  code,
  severity: 'warning',
  subject: `serviceaccount ${serviceAccount}`,
  found,
})
