import { useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { ListedRun } from '../server/source.ts'
import type { RunList } from './live.ts'
import { Head, Mark, Scrolls, Time } from './parts.tsx'
import { durationText, standingOfStatus } from './words.ts'

type Field = 'where' | 'status' | 'mode' | 'cluster' | 'binding' | 'way' | 'by'

const fields: readonly [Field, string][] = [
  ['status', 'State'],
  ['mode', 'Asked for'],
  ['cluster', 'Cluster'],
  ['binding', 'Binding'],
  ['way', 'Way in'],
  ['by', 'Asked by'],
  ['where', 'Of'],
]

/** The list of runs, with a filter for each thing that they differ by. */
export const Runs = ({ list }: { list: RunList | undefined }) => {
  const [chosen, setChosen] = useState<Partial<Record<Field, string>>>({})
  const [text, setText] = useState('')
  if (!list) return <p class="quiet">Looking for runs …</p>
  const shown = list.items.filter(
    (run) =>
      fields.every(([field]) => !chosen[field] || run[field] === chosen[field]) &&
      [run.run, run.binding, run.cluster].some((part) => part?.toLowerCase().includes(text.toLowerCase())),
  )
  return (
    <>
      <h1>Runs</h1>
      {list.faults.map((fault) => (
        <p class="fault" role="alert" key={fault}>
          {visible(fault)}
        </p>
      ))}
      <search class="filters" aria-label="Filter the runs">
        <label>
          Name
          <input type="search" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        {fields.map(([field, title]) => {
          const values = [...new Set(list.items.flatMap((run) => run[field] ?? []))].sort()
          return values.length < 2 ? null : (
            <label key={field}>
              {title}
              <select
                value={chosen[field] ?? ''}
                onChange={({ currentTarget }) => setChosen({ ...chosen, [field]: currentTarget.value })}
              >
                <option value="">any</option>
                {values.map((value) => (
                  <option key={value} value={value}>
                    {visible(value)}
                  </option>
                ))}
              </select>
            </label>
          )
        })}
      </search>
      {list.items.length === 0 ? (
        <p>
          There are no runs yet. <code>podid enable</code> makes one, and it is shown here while it goes.
        </p>
      ) : (
        <RunTable runs={shown} />
      )}
      <p class="quiet" role="status">
        {shown.length} of {list.items.length}
      </p>
    </>
  )
}

const RunTable = ({ runs }: { runs: readonly ListedRun[] }) => (
  <Scrolls label="Table of runs">
    <table>
      <Head
        columns={[
          'State',
          'Run',
          'Binding',
          'Cluster',
          'Asked for',
          'Way in',
          'Asked by',
          'Of',
          'Started',
          'Took',
        ]}
      />
      <tbody>
        {runs.map((run) => (
          <tr key={`${run.where} ${run.run}`} data-status={run.status} data-kind={run.kind}>
            <td>
              <Mark standing={standingOfStatus(run.status)} word={run.status.toLowerCase()} />
            </td>
            <th scope="row">
              <a href={`#/runs/${encodeURIComponent(run.run)}`}>{visible(run.run)}</a>
            </th>
            <td>{visible(run.binding ?? '—')}</td>
            <td>{visible(run.cluster ?? '—')}</td>
            <td>{visible(run.mode ?? '—')}</td>
            <td>{visible(run.way ?? '—')}</td>
            <td>{visible(run.by ?? '—')}</td>
            <td>{visible(run.where)}</td>
            <td>
              <Time at={run.startedAt} />
            </td>
            <td>
              {run.endedAt === null ? '' : durationText(Date.parse(run.endedAt) - Date.parse(run.startedAt))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scrolls>
)
