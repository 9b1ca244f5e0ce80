import { type Finding, lookWith } from '../../findings.ts'
import type { Event } from '../../kubernetes.ts'
import { excerpt, redact } from '../../text/redact.ts'
import { command } from '../../text/shell.ts'
import { formatWorkloadRef } from '../workload.ts'
import type { DiagnosisFacts } from './facts.ts'

/** The end of what pods wrote that nobody will be able to look at. */
export const lastWords = (facts: DiagnosisFacts): Finding[] => {
  if (!facts.leaves) return []
  return facts.logs.flatMap(({ pod, container, text }) => {
    const lines = redact(text)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-5)
      .map((line) => excerpt(line))
    if (lines.length === 0) return []
    return {
      code: 'rollout-log',
      severity: 'info' as const,
      subject: formatWorkloadRef(facts.ref),
      found: [`pod ${pod}, container ${container}, wrote at its end:`, ...lines].join('\n'),
    }
  })
}

export const newestWarnings = (facts: DiagnosisFacts): Finding[] => {
  const lines = newestFirst(facts.events)
    .filter(({ type }) => type === 'Warning')
    .map(({ reason, message, involvedObject }) => excerpt(`${involvedObject.name}: ${reason}, ${message}`))
  if (lines.length === 0) return []
  return [
    {
      code: 'rollout-warnings',
      severity: 'info',
      subject: formatWorkloadRef(facts.ref),
      found: [...new Set(lines)].slice(0, 3).join('\n'),
      remedy: lookWith(
        'See all of them.',
        command`kubectl get events -n ${facts.namespace} --field-selector type=Warning --sort-by .lastTimestamp`,
      ),
    },
  ]
}

/** What was not seen may be the cause, so it is said. */
export const notLookedAt = ({ ref, namespace, unseen = [] }: DiagnosisFacts): Finding[] =>
  unseen.length === 0
    ? []
    : [
        {
          code: 'diagnosis-incomplete',
          severity: 'warning',
          subject: formatWorkloadRef(ref),
          found: `not all that could explain its state could be looked at: ${unseen.slice(0, 3).join('; ')}${unseen.length > 3 ? `; and ${unseen.length - 3} more` : ''}`,
          remedy: lookWith('See its pods.', command`kubectl describe pods -n ${namespace}`),
        },
      ]

export const newestFirst = (events: readonly Event[]): Event[] =>
  events.toSorted((one, other) => timeOf(other) - timeOf(one))

const timeOf = (event: Event): number =>
  Date.parse(
    event.series?.lastObservedTime ??
      event.lastTimestamp ??
      event.eventTime ??
      event.metadata.creationTimestamp ??
      '',
  ) || 0
