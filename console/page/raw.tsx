import { useEffect, useState } from 'preact/hooks'
import type { RunEvent } from '../../core/run-events/event.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { RawRun, RunLog } from '../server/source.ts'
import { get } from './live.ts'
import { Scrolls } from './parts.tsx'

const tabs = ['Events', 'Input', 'Output', 'History', 'Log'] as const
type Tab = (typeof tabs)[number]

/** How much of a long text is put on the page at once. */
const mostLines = 500

/** The texts behind a run. They are read when they are first looked at. */
export const Raw = ({
  run,
  events,
  saved,
}: {
  run: string
  events: readonly RunEvent[]
  saved: { raw: RawRun; log: RunLog } | undefined
}) => {
  const [tab, setTab] = useState<Tab | undefined>(undefined)
  const [raw, setRaw] = useState<RawRun | undefined>(saved?.raw)
  const [log, setLog] = useState<RunLog | undefined>(saved?.log)
  const [fault, setFault] = useState('')
  useEffect(() => {
    if (tab === undefined || tab === 'Events' || saved) return
    const failed = (error: Error) => setFault(error.message)
    setFault('')
    if (tab === 'Log') get<RunLog>(`runs/${encodeURIComponent(run)}/log`).then(setLog, failed)
    else get<RawRun>(`runs/${encodeURIComponent(run)}/raw`).then(setRaw, failed)
  }, [tab, events.length])
  const text = tab === undefined ? '' : tab === 'Log' ? logText(log) : textOf(tab, events, raw)
  const lines = text.split('\n')
  return (
    <section aria-labelledby="raw-title">
      <h2 id="raw-title">As it is</h2>
      <div role="tablist" aria-label="Texts behind the run" class="tabs">
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={tab === name}
            aria-controls="raw-text"
            onClick={() => setTab(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div
        id="raw-text"
        role="tabpanel"
        aria-labelledby={`tab-${tab ?? 'Events'}`}
        hidden={tab === undefined}
      >
        {fault !== '' && (
          <p class="fault" role="alert">
            {visible(fault)}
          </p>
        )}
        {tab === 'Log' && log && <p class="quiet">{visible(log.note)}</p>}
        <Scrolls class="raw" label={tab ?? 'Text'}>
          <pre>
            <code>{visible(lines.slice(0, mostLines).join('\n'))}</code>
          </pre>
        </Scrolls>
        {lines.length > mostLines && (
          <p class="quiet">
            and {lines.length - mostLines} lines more; the export and <code>podid runs show --json</code> have
            all
          </p>
        )}
      </div>
    </section>
  )
}

const logText = (log: RunLog | undefined): string => (log ? log.lines.join('\n') : 'reading …')

const textOf = (tab: Exclude<Tab, 'Log'>, events: readonly RunEvent[], raw: RawRun | undefined): string => {
  if (tab === 'Events') return events.map((event) => JSON.stringify(event)).join('\n')
  if (!raw) return 'reading …'
  if (tab === 'History')
    return raw.history === null
      ? 'A run of this machine has events; Step Functions, which writes histories, has no part in it.'
      : raw.history.map((event) => JSON.stringify(event)).join('\n')
  return JSON.stringify(tab === 'Input' ? raw.input : raw.output, null, 2)
}
