/** Names of runs begin with their way in: core/triggers/run-name.ts. */
const waysIn: Readonly<Record<string, string>> = {
  slack: 'Slack',
  webhook: 'the webhook',
  cluster: 'a new cluster',
  agent: 'a new agent',
  sweep: 'the sweep',
  podid: 'the command line',
  rollout: 'a rollout',
}

/** The way in of a run, by its name; null where the name is none that podid gives. */
export const wayIn = (run: string): string | null => waysIn[run.split('-')[0] ?? ''] ?? null
