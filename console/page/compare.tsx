import { useEffect, useState } from 'preact/hooks'
import { replay } from '../../core/replay/replay.ts'
import { compareRuns } from '../../core/replay/timeline.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { ListedRun, ReadRun } from '../server/source.ts'
import { get } from './live.ts'
import { Head } from './parts.tsx'
import { durationText, localTime, stateText } from './words.ts'

/** Beside another run of the same binding, the one before unless another one is chosen. */
export const Compare = ({
  listed,
  events,
  others,
}: {
  listed: ListedRun
  events: readonly RunEvent[]
  others: readonly ListedRun[]
}) => {
  const alike = others.filter(
    (other) =>
      other.run !== listed.run &&
      other.binding === listed.binding &&
      other.cluster === listed.cluster &&
      other.mode === listed.mode &&
      listed.binding !== null,
  )
  const before =
    alike.find(({ startedAt }) => Date.parse(startedAt) < Date.parse(listed.startedAt)) ?? alike[0]
  const [open, setOpen] = useState(false)
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [other, setOther] = useState<ReadRun | undefined>(undefined)
  const [fault, setFault] = useState('')
  const wanted = chosen ?? before?.run
  useEffect(() => {
    if (!open || wanted === undefined) return
    get<ReadRun>(`runs/${encodeURIComponent(wanted)}`).then(setOther, (error: Error) =>
      setFault(error.message),
    )
  }, [open, wanted])
  if (before === undefined) return null
  const rows = other ? compareRuns(replay(other.events), replay(events)) : []
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Compare with an earlier run of this binding</summary>
      <label>
        With{' '}
        <select value={wanted} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {alike.map(({ run, startedAt, status }) => (
            <option key={run} value={run} title={visible(startedAt)}>
              {visible(run)}, {localTime(startedAt)}, {status.toLowerCase()}
            </option>
          ))}
        </select>
      </label>
      {fault !== '' && (
        <p class="fault" role="alert">
          {visible(fault)}
        </p>
      )}
      <table>
        <Head columns={['Step', 'then', 'now', 'difference']} />
        <tbody>
          {rows.map(({ step, before: then, now }) => (
            <tr key={step}>
              <th scope="row">{stateText(step)}</th>
              <td>{then === null ? 'not reached' : durationText(then)}</td>
              <td>{now === null ? 'not reached' : durationText(now)}</td>
              <td>
                {then === null || now === null
                  ? ''
                  : `${now < then ? '−' : '+'}${durationText(Math.abs(now - then))}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
