/** What started a run. */
export type Trigger = 'slack' | 'webhook' | 'cluster-created' | 'agent-installed' | 'sweep'

/** Where a run comes from. Not part of the execution's input, where a sender could claim anything. */
export interface Origin {
  trigger: Trigger
  /** Who requested it, as `slack:U012AB3CD` or `caller:ci`; null for a run that an event or the sweep started. */
  by: string | null
  /** The Slack channel in which it was requested. */
  channel?: string
}

/** What podid stores about a run besides its execution: where it comes from and where it is shown. */
export interface RunRecord {
  /** Null for a run that was started manually, in the console or with other tools. */
  origin: Origin | null
  /** The one Slack message that shows the run. */
  message: RunMessagePlace | null
  /** The approval that the run waits for, or waited for last. */
  approval: string | null
  /** The run that has undone it. */
  undoneBy?: string
}

/** Where a run's message is. */
export interface RunMessagePlace {
  /** Empty where no channel accepts it. */
  channel: string
  /** Null while a function is posting it. */
  ts: string | null
  /** When that function started to, in milliseconds. */
  at: number
}
