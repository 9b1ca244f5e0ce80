import type { Trigger } from './origin.ts'

const prefixes: Record<Trigger, string> = {
  slack: 'slack',
  webhook: 'webhook',
  'cluster-created': 'cluster',
  'agent-installed': 'agent',
  sweep: 'sweep',
}

/**
 * The name of an execution: readable, and the same for the same cause, so that what is delivered twice is one
 * run. Step Functions keeps names for 90 days and takes 80 characters.
 * @param digest of everything that makes the cause what it is, 20 hexadecimal digits
 */
export const runName = (
  trigger: Trigger,
  { cluster, serviceAccount }: { cluster: string; serviceAccount: string },
  digest: string,
): string =>
  [prefixes[trigger], cluster.slice(0, 24), serviceAccount.slice(0, 24), digest.slice(0, 20)].join('-')
