/** The namespace of the metrics in CloudWatch. */
export const metricNamespace = 'podid'

/**
 * What is counted and measured of a stage's runs and sweeps. Each metric has the dimension `service` (`podid-STAGE`), and
 * `Runs` also how a run ended: CloudWatch charges each combination, so that no name of a cluster, binding, role or pod is one.
 * For whom runs fail is in the log: its lines have run, cluster and ServiceAccount.
 */
export const metrics = {
  Runs: { unit: 'Count', what: 'a run ended, by its outcome and its cause' },
  UndoIncomplete: { unit: 'Count', what: 'a run could not put everything back' },
  RunsBroken: {
    unit: 'Count',
    what: 'a run ended by a fault of podid or of the workflow, not by what it found',
  },
  RunsTimedOut: { unit: 'Count', what: 'a run, or a step of it again and again, took longer than it may' },
  StepsThrottled: { unit: 'Count', what: 'Lambda turned away a call of a step' },
  NeedsDenied: { unit: 'Count', what: 'findings of a role that does not allow what its workload needs' },
  Propagation: { unit: 'Milliseconds', what: 'until new pods are given credentials' },
  Rollout: { unit: 'Milliseconds', what: 'until the restarted workload is complete' },
  TimeToProof: {
    unit: 'Milliseconds',
    what: "from a run's start until its pods are seen with credentials, of runs that waited for no person",
  },
  BindingsChecked: { unit: 'Count', what: 'bindings that a sweep looked at' },
  Drift: { unit: 'Count', what: 'bindings that a sweep found not in force' },
  NotChecked: { unit: 'Count', what: 'clusters, or regions, that a sweep could not look at' },
  SweepRounds: { unit: 'Count', what: 'a sweep came to the end of its round' },
  RunsOpenTooLong: { unit: 'Count', what: 'runs that are open for longer than their limits add up to' },
} as const satisfies Record<string, { unit: 'Count' | 'Milliseconds'; what: string }>

export type MetricName = keyof typeof metrics

/** One figure; `by` are its dimensions besides the stage. */
export interface Metric {
  name: MetricName
  value: number
  by?: { outcome: string; cause: string }
}
