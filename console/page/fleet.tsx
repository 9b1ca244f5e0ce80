import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { FleetCell, FleetSeen } from '../server/fleet.ts'
import type { ListedRun, ReadRun, WaveBinding } from '../server/source.ts'
import { get } from './live.ts'
import { Scrolls } from './parts.tsx'
import { BindingCell, columnsOf, statusOf, WaveHead } from './waves.tsx'
import { localTime } from './words.ts'

/**
 * ServiceAccounts by clusters: what each uses today, in which wave of a rollout it is, and its latest run; and what all of
 * them use as one bar.
 * @param looks whether clusters are looked at
 */
export const Fleet = ({
  looks,
  runs,
  starts,
}: {
  looks: boolean
  runs: readonly ListedRun[]
  starts: boolean
}) => {
  const [seen, setSeen] = useState<FleetSeen | undefined>(looks ? undefined : { cells: [], faults: [] })
  const [fault, setFault] = useState('')
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [waves, setWaves] = useState<ReadRun['bindings']>(undefined)
  useEffect(() => {
    if (looks) get<FleetSeen>('fleet').then(setSeen, (error: Error) => setFault(error.message))
  }, [])
  const rollouts = runs.filter(({ kind }) => kind === 'rollout')
  const rollout = chosen ?? rollouts[0]?.run ?? ''
  const changes = runs.filter(({ run }) => run === rollout).map(({ status }) => status)[0]
  useEffect(() => {
    setWaves(undefined)
    if (rollout === '') return
    get<ReadRun>(`runs/${encodeURIComponent(rollout)}`).then(
      ({ bindings }) => setWaves(bindings),
      (error: Error) => setFault(error.message),
    )
  }, [rollout, changes])
  return (
    <>
      <h1>Fleet</h1>
      {[fault, waves?.fault, ...(seen?.faults ?? [])].map(
        (text) =>
          text && (
            <p class="fault" role="alert" key={text}>
              {visible(text)}
            </p>
          ),
      )}
      {!looks && (
        <p class="quiet">
          What ServiceAccounts use today is not looked at: start <code>podid console</code> with{' '}
          <code>--cluster NAME</code> or <code>--all-clusters</code>.
        </p>
      )}
      {looks && !seen && fault === '' && <p class="quiet">Looking at the clusters …</p>}
      {rollouts.length > 0 && (
        <label>
          Waves of{' '}
          <select value={rollout} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
            {rollouts.map(({ run, startedAt, status }) => (
              <option key={run} value={run} title={visible(startedAt)}>
                {visible(run)}, {localTime(startedAt)}, {status.toLowerCase()}
              </option>
            ))}
            <option value="">no rollout</option>
          </select>
        </label>
      )}{' '}
      {rollout !== '' && <a href={`#/runs/${encodeURIComponent(rollout)}`}>its run</a>}
      {seen && <Uses cells={seen.cells} />}
      {seen && <Grid cells={seen.cells} bindings={waves?.items ?? []} runs={runs} starts={starts} />}
    </>
  )
}

/** The inventory's numbers as one bar. */
const Uses = ({ cells }: { cells: readonly FleetCell[] }) => (
  <ul class="share" aria-label="What ServiceAccounts with pods use">
    {[...Map.groupBy(cells, ({ uses }) => uses)].map(([use, of]) => (
      <li key={use} data-uses={use} style={{ flexGrow: of.length }}>
        {use}: {of.length}
      </li>
    ))}
  </ul>
)

const Grid = ({
  cells,
  bindings,
  runs,
  starts,
}: {
  cells: readonly FleetCell[]
  bindings: readonly WaveBinding[]
  runs: readonly ListedRun[]
  starts: boolean
}) => {
  const columns = columnsOf(
    bindings,
    cells.map(({ cluster }) => cluster),
  )
  const rows = [...new Set([...cells, ...bindings].map(({ binding }) => binding))].sort()
  const place = ({ cluster, binding }: { cluster: string; binding: string }) => `${cluster} ${binding}`
  const uses = new Map(cells.map((cell) => [place(cell), cell]))
  const waves = new Map(bindings.map((one) => [place(one), one]))
  const status = statusOf(runs)
  // The list is the newest first: of a place its latest run stays.
  const latest = new Map(
    runs
      .toReversed()
      .flatMap((run) => (run.cluster && run.binding ? [[`${run.cluster} ${run.binding}`, run]] : [])),
  ) as Map<string, ListedRun>
  if (rows.length === 0) return null
  return (
    <Scrolls label="ServiceAccounts by clusters">
      <table class="grid">
        <WaveHead columns={columns} />
        <tbody>
          {rows.map((binding) => (
            <tr key={binding}>
              <th scope="row">{visible(binding)}</th>
              {columns.map(({ cluster }) => {
                const at = place({ cluster, binding })
                const wave = waves.get(at)
                const run = latest.get(at)
                return (
                  <td key={cluster} data-uses={uses.get(at)?.uses}>
                    <Use cell={uses.get(at)} />
                    {wave && <BindingCell cell={wave} status={status} />}
                    {run && run.run !== wave?.run && (
                      <a class="latest" href={`#/runs/${encodeURIComponent(run.run)}`}>
                        {visible(`${run.mode} ${run.status.toLowerCase()}`)}
                      </a>
                    )}
                    {starts && uses.has(at) && !run && !wave && (
                      <a
                        class="latest"
                        href={`#/start?${new URLSearchParams({ cluster, ...placeFields(binding) })}`}
                        aria-label={`Start a run for ${visible(binding)} on ${visible(cluster)}`}
                      >
                        start …
                      </a>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  )
}

const placeFields = (binding: string): { namespace: string; serviceAccount: string } => {
  const [namespace = '', serviceAccount = ''] = binding.split('/')
  return { namespace, serviceAccount }
}

const Use = ({ cell }: { cell: FleetCell | undefined }) =>
  cell ? (
    <>
      {cell.uses}
      <span class="quiet">
        {cell.pods} {cell.pods === 1 ? 'pod' : 'pods'}
        {cell.role !== null && <>, {visible(cell.role.split('/').at(-1) ?? '')}</>}
        {cell.against.length > 0 && <>; against it: {visible(cell.against.join('; '))}</>}
      </span>
    </>
  ) : null
