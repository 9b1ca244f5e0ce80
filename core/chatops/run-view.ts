import type { Finding } from '../findings.ts'
import type { Report } from '../report.ts'
import type { RunEvent } from '../run-events/event.ts'
import { stepLabels } from '../steps/table.ts'

/** One step as a message shows it, by its latest visit. */
export interface StepView {
  step: string
  label: string
  /** `refused`: it came to its end, and found what prevents the run. */
  state: 'running' | 'retrying' | 'waiting' | 'done' | 'refused' | 'failed'
  /** Its own message, or why it failed. */
  note?: string
  seconds?: number
}

/** The state of a run, as a message shows it. */
export interface RunView {
  steps: StepView[]
  findings: Finding[]
  /** Whether it waits for a person's answer. */
  awaitsAnswer: boolean
  end: { succeeded: boolean; message: string; report: Report | undefined } | null
}

/** Folds a run's events, the first to the latest. */
export const viewRun = (events: readonly RunEvent[]): RunView => {
  const steps = new Map<string, StepView>()
  const findings: Finding[] = []
  const refused = new Set<string>()
  let end: RunView['end'] = null
  const show = (step: string, change: Omit<StepView, 'step' | 'label'>) => {
    const label = stepLabels[step]
    if (label) steps.set(step, { step, label, ...change })
  }
  for (const event of events) {
    switch (event.type) {
      case 'step.started':
        refused.delete(event.step)
        // A loop's next look at the same thing goes on where the last one was.
        show(event.step, { state: 'running', ...noteOf(steps.get(event.step)?.note) })
        break
      case 'step.retrying':
        show(event.step, {
          state: 'retrying',
          note: `${event.error}, retry ${event.attempt}${event.of ? `/${event.of}` : ''}`,
        })
        break
      case 'step.waiting':
        if (event.for === 'answer') show(event.step, { state: 'waiting' })
        break
      case 'rollout.progress':
        show(event.step, { state: 'running', note: event.message })
        break
      case 'step.succeeded':
        show(event.step, {
          state: refused.has(event.step) ? 'refused' : 'done',
          seconds: event.duration,
          ...noteOf(event.message),
        })
        break
      case 'step.failed':
        show(event.step, { state: 'failed', seconds: event.duration, note: event.message || event.error })
        break
      case 'finding':
        findings.push(event.finding)
        if (event.finding.severity === 'blocking') refused.add(event.step)
        break
      case 'run.succeeded':
      case 'run.failed':
        end = endOf(event)
        break
    }
  }
  const views = [...steps.values()]
  return { steps: views, findings, end, awaitsAnswer: !end && views.some(({ state }) => state === 'waiting') }
}

const noteOf = (note: string | undefined): { note?: string } => (note ? { note } : {})

const endOf = (event: Extract<RunEvent, { type: 'run.succeeded' | 'run.failed' }>): RunView['end'] => {
  const report = isReport(event.report) ? event.report : undefined
  const succeeded = event.type === 'run.succeeded'
  const message = report?.summary ?? (succeeded ? 'done' : `${event.error}: ${event.message}`)
  return { succeeded, message, report }
}

/** Whether a run's answer is a report, as far as its readers rely on it. */
const isReport = (value: unknown): value is Report =>
  typeof value === 'object' &&
  value !== null &&
  'outcome' in value &&
  'summary' in value &&
  'binding' in value
