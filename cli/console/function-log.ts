import { concurrently } from '../../adapters/concurrently.ts'
import { linesWith } from '../../adapters/deployed/logs.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { ListedRun, RunLog } from '../../console/server/source.ts'
import { kebab } from '../../core/fleet/access.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { rolloutStepEntries } from '../../core/steps/rollout-table.ts'
import { stepEntries } from '../../core/steps/table.ts'
import { redact } from '../../core/text/redact.ts'
import type { RemoteStage } from '../remote/stage.ts'

/** CloudWatch takes few of these calls a second of an account. */
const askedAtOnce = 2
const mostLines = 2000
/** A function writes its line after its answer, and clocks differ. */
const aroundMs = 60_000

/**
 * What the functions that a run has called have written about it, from CloudWatch Logs by the run's name. Where the caller may not
 * read that, or there is nothing, the note says so.
 */
export const functionLog = async (
  runtime: Runtime,
  { arn, region }: Pick<RemoteStage, 'arn' | 'region'>,
  { kind, events }: { kind: ListedRun['kind']; events: readonly RunEvent[] },
): Promise<RunLog> => {
  const machine = (arn.split(':')[6] ?? '').replace(/-(?:enable|rollout)$/, '')
  const visited = new Set(events.flatMap((event) => ('step' in event ? event.step : [])))
  const ofRuns = stepEntries.map(([name, { states }]): [string, string[]] => [name, Object.keys(states)])
  const ofRollouts: [name: string, states: readonly string[]][] = [
    ...rolloutStepEntries.map(([name, { states }]): [string, readonly string[]] => [name, states]),
    // It serves both.
    ['requestApproval', ['AwaitApproval']],
  ]
  const steps = kind === 'run' ? ofRuns : ofRollouts
  const names = steps.flatMap(([name, states]) => (states.some((state) => visited.has(state)) ? [name] : []))
  const [first] = events
  const run = first?.run ?? ''
  const last = events.at(-1)
  const ended = last?.type === 'run.succeeded' || last?.type === 'run.failed'
  const about = {
    from: Date.parse(first?.at ?? '') - aroundMs,
    to: ended ? Date.parse(last.at) + aroundMs : runtime.clock.now() + aroundMs,
    most: mostLines,
  }
  const groups = names.map((name) => `/aws/lambda/${machine}-${kebab(name)}`)
  try {
    const found = await concurrently(groups, askedAtOnce, (group) =>
      linesWith(runtime, { region, group }, run, about),
    )
    // The names of a rollout's runs begin with its own.
    const named = new RegExp(`(?<![\\w-])${run.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w-])`)
    const lines = found
      .flat()
      .filter(({ text }) => named.test(text))
      .toSorted((one, other) => one.at - other.at)
    return {
      lines: lines.slice(0, mostLines).map(({ text }) => redact(text.trimEnd())),
      note:
        lines.length === 0
          ? `CloudWatch Logs has no line with ${run} in ${groups.length} log groups ${machine}-…: they may be older than logs are kept, or not there yet`
          : `from CloudWatch Logs, by the run’s name in ${groups.length} log groups${lines.length > mostLines ? `; ${mostLines} of ${lines.length} lines` : ''}`,
    }
  } catch (error) {
    return { lines: [], note: `the log cannot be had: ${redact((error as Error).message)}` }
  }
}
