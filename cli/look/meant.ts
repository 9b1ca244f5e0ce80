import type { Runtime } from '../../adapters/runtime.ts'
import { PreflightFailed } from '../../core/errors.ts'
import type { Finding } from '../../core/findings.ts'
import type { Report } from '../../core/report.ts'
import { orElse } from '../../core/text/distance.ts'
import { parseWorkloadRef } from '../../core/workload/workload.ts'
import { clusterApi } from '../../functions/support/kubernetes.ts'
import { regionOf } from '../binding.ts'
import { orNearestRole } from '../bindings/defaults.ts'
import {
  clusterNames,
  orElseWorkload,
  reachable,
  requireNamespace,
  serviceAccountNames,
  workloadNames,
} from './cluster.ts'

type Input = Record<string, unknown>

/**
 * A run's report, its findings about names that are not there with what may have been meant. Asked with the caller's own
 * credentials once the run is over, so that no run takes longer and no function of a stage may list anything; where
 * nobody may ask, a finding stays as it is.
 */
export const withMeant = async (runtime: Runtime, input: Input, report: Report): Promise<Report> => ({
  ...report,
  findings: await Promise.all(
    report.findings.map(async (finding) => {
      const meant = await meantBy(runtime, input, finding).catch(() => '')
      return meant === '' ? finding : { ...finding, found: `${finding.found}${meant}` }
    }),
  ),
})

const meantBy = async (runtime: Runtime, input: Input, { code }: Finding): Promise<string> => {
  const region = regionOf(input)
  const { cluster, namespace, serviceAccount, role, workload } = Object.fromEntries(
    Object.entries(input).map(([field, value]) => [field, String(value)]),
  ) as Record<string, string>
  const api = async () => clusterApi(runtime, await reachable(runtime, { cluster: cluster ?? '', region }))
  switch (code) {
    case 'cluster-missing':
      return orElse(cluster ?? '', await clusterNames(runtime, region))
    case 'role-missing':
      return orNearestRole(runtime, region, role?.split('/').at(-1) ?? '')
    case 'service-account-missing': {
      const connection = await api()
      return orElse(serviceAccount ?? '', await serviceAccountNames(connection, namespace ?? ''))
    }
    case 'workload-missing': {
      const connection = await api()
      const missing = await requireNamespace(connection, namespace ?? '').catch((error: unknown) => error)
      if (missing instanceof PreflightFailed) return `; ${missing.message}`
      return orElseWorkload(
        [parseWorkloadRef(workload ?? '')],
        await workloadNames(connection, namespace ?? ''),
      )
    }
    default:
      return ''
  }
}
