/** What a run was started by. */
export type Trigger = 'slack' | 'webhook' | 'cluster-created' | 'agent-installed' | 'sweep'

/** Where a run comes from; its execution's input does not say so, since a sender could claim anything there. */
export interface Origin {
  trigger: Trigger
  /** Who asked, as `slack:U012AB3CD` or `caller:ci`; null where nobody did. */
  by: string | null
  /** The Slack channel in which it was asked for. */
  channel?: string
}

/** What is kept of a run besides its execution: where it comes from and where it is shown. */
export interface RunRecord {
  /** Null for a run that was started by hand in the console or by other tools. */
  origin: Origin | null
  /** The one Slack message that shows the run. */
  message: RunMessagePlace | null
  /** The approval that the run waits for, or waited for last. */
  approval: string | null
}

/** Where a run's message is. */
export interface RunMessagePlace {
  /** Empty where no channel takes it. */
  channel: string
  /** Null while somebody is about to post it. */
  ts: string | null
  /** When somebody began to, in milliseconds. */
  at: number
}
