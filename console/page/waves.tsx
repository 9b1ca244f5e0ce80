import type { ResultCounts } from '../../core/fleet/waves/results.ts'
import { countsText, waveText } from '../../core/fleet/waves/words.ts'
import type { Standing } from '../../core/replay/replay.ts'
import type { SeenWave, SeenWaves } from '../../core/replay/waves.ts'
import { command } from '../../core/text/shell.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { ListedRun, ReadRun, WaveBinding } from '../server/source.ts'
import { Actions } from './actions.tsx'
import { Copied, Head, Mark, Scrolls } from './parts.tsx'
import { standingOfStatus } from './words.ts'

const states: Readonly<Record<SeenWave['state'], [standing: Standing | undefined, word: string]>> = {
  'not begun': [undefined, 'not begun'],
  'under way': ['running', 'under way'],
  passed: ['succeeded', 'passed'],
  beyond: ['failed', 'beyond its tolerance'],
  undoing: ['retrying', 'being undone'],
  undone: ['caught', 'undone'],
}

/** What has become of a binding as a standing; undefined where nothing has yet. */
export const standingOfBinding = (
  { result, run }: Pick<WaveBinding, 'result' | 'run'>,
  status: ReadonlyMap<string, string>,
): [standing: Standing | undefined, word: string] => {
  if (result === 'failed') return ['failed', 'failed']
  if (result === 'stopped') return ['stopped', 'stopped']
  if (result === 'undone') return ['caught', 'undone']
  if (result === 'not begun') return [undefined, 'not begun']
  if (result !== null) return ['succeeded', result]
  const now = status.get(run)
  return now === undefined ? [undefined, 'not begun'] : [standingOfStatus(now), now.toLowerCase()]
}

export const statusOf = (runs: readonly ListedRun[]): ReadonlyMap<string, string> =>
  new Map(runs.map(({ run, status }) => [run, status]))

/** A rollout's waves, the question before the next one, and its bindings wave by wave. */
export const Waves = ({
  seen,
  read: { listed, bindings, actions, changedWaves = [] },
  others,
}: {
  seen: SeenWaves
  read: Pick<ReadRun, 'listed' | 'bindings' | 'actions' | 'changedWaves'>
  others: readonly ListedRun[]
}) => {
  const { plan, waves, question, report } = seen
  const undoable = actions.includes('undo') ? changedWaves : []
  return (
    <section aria-labelledby="waves-title">
      <h2 id="waves-title">Waves</h2>
      <p class="quiet">
        {visible(plan.summary)}; of a wave {plan.toleratedFailurePercentage} % may fail
        {plan.approval === 'required' && ', and a person agrees to each one after the first'}
      </p>
      {question && (
        <p class="card" role="status">
          It waits for an answer: {visible(waveText({ ...question, number: question.wave }, question.waves))}.
          Before it: {visible(question.before)}
        </p>
      )}
      <Scrolls label="Table of waves">
        <table>
          <Head
            columns={[
              'Wave',
              'State',
              'Clusters',
              'Bindings',
              'Results',
              ...(undoable.length > 0 ? ['Undo it alone'] : []),
            ]}
          />
          <tbody>
            {waves.map((wave) => {
              const [standing, word] = states[wave.state]
              return (
                <tr key={wave.number} data-wave={wave.number} data-state={wave.state}>
                  <th scope="row">{wave.number}</th>
                  <td>{standing ? <Mark standing={standing} word={word} /> : word}</td>
                  <td>{wave.clusters}</td>
                  <td>{wave.bindings}</td>
                  <td>{wave.judged && visible(countsText(wave.judged.counts as ResultCounts))}</td>
                  {undoable.length > 0 && (
                    <td>
                      {undoable.includes(wave.number) && (
                        <Actions listed={listed} actions={['undo']} wave={wave.number} />
                      )}
                    </td>
                  )}
                </tr>
              )
            })}
          </tbody>
        </table>
      </Scrolls>
      {waves.some(({ judged }) => judged?.digest.length) && (
        <>
          <h3>Why bindings failed</h3>
          <ul>
            {waves.flatMap(({ number, judged }) =>
              (judged?.digest ?? []).map(({ said, count, bindings: which }) => (
                <li key={`${number} ${said}`}>
                  wave {number}, {count} of {visible(which.join(', '))}: {visible(said)}
                </li>
              )),
            )}
          </ul>
        </>
      )}
      <BindingGrid bindings={bindings?.items ?? []} others={others} />
      {bindings?.fault != null && <p class="fault">{visible(bindings.fault)}</p>}
      {report && report.outcome !== 'undone' && (
        <details>
          <summary>What undoes a wave by hand</summary>
          {waves
            .filter(({ judged }) => judged && !judged.undoing)
            .map(({ number }) => (
              <Copied
                key={number}
                text={command`podid rollout --undo ${listed.run} --wave ${number}`}
                label={`the command that undoes wave ${number}`}
              />
            ))}
        </details>
      )}
    </section>
  )
}

/** Bindings by clusters, those of a wave beside each other, each with its run. */
const BindingGrid = ({
  bindings,
  others,
}: {
  bindings: readonly WaveBinding[]
  others: readonly ListedRun[]
}) => {
  if (bindings.length === 0) return null
  const status = statusOf(others)
  const columns = columnsOf(bindings)
  const rows = [...new Set(bindings.map(({ binding }) => binding))].sort()
  const cells = new Map(bindings.map((one) => [`${one.cluster} ${one.binding}`, one]))
  // Where nearly every place of a grid would be empty, a list shows more.
  if (rows.length * columns.length > 20 * bindings.length + 400)
    return <BindingList bindings={bindings} status={status} />
  return (
    <Scrolls label="Bindings by clusters and waves">
      <table class="grid">
        <WaveHead columns={columns} />
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">{visible(row)}</th>
              {columns.map(({ cluster }) => {
                const cell = cells.get(`${cluster} ${row}`)
                return <td key={cluster}>{cell && <BindingCell cell={cell} status={status} />}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  )
}

const BindingList = ({
  bindings,
  status,
}: {
  bindings: readonly WaveBinding[]
  status: ReadonlyMap<string, string>
}) => (
  <Scrolls class="raw" label="Bindings by clusters and waves">
    <table>
      <Head columns={['Wave', 'Cluster', 'ServiceAccount', 'Result']} />
      <tbody>
        {bindings.map((one) => (
          <tr key={`${one.cluster} ${one.binding}`}>
            <td>{one.wave}</td>
            <td>{visible(one.cluster)}</td>
            <th scope="row">{visible(one.binding)}</th>
            <td>
              <BindingCell cell={one} status={status} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Scrolls>
)

export interface Column {
  cluster: string
  /** Null for a cluster that is in no wave. */
  wave: number | null
}

/** The clusters in the order of their waves. */
export const columnsOf = (bindings: readonly WaveBinding[], more: readonly string[] = []): Column[] => {
  const waves = new Map(bindings.map(({ cluster, wave }) => [cluster, wave]))
  return [...new Set([...waves.keys(), ...more])]
    .map((cluster) => ({ cluster, wave: waves.get(cluster) ?? null }))
    .sort(
      (one, other) =>
        (one.wave ?? Number.POSITIVE_INFINITY) - (other.wave ?? Number.POSITIVE_INFINITY) ||
        one.cluster.localeCompare(other.cluster),
    )
}

/** The head of a grid: the waves, and the clusters of each. */
export const WaveHead = ({ columns }: { columns: readonly Column[] }) => {
  const groups = [...Map.groupBy(columns, ({ wave }) => wave)]
  return (
    <thead>
      {groups.some(([wave]) => wave !== null) && (
        <tr>
          <td />
          {groups.map(([wave, of]) => (
            <th key={wave} scope="colgroup" colSpan={of.length}>
              {wave === null ? 'in no wave' : `Wave ${wave}`}
            </th>
          ))}
        </tr>
      )}
      <tr>
        <th scope="col">ServiceAccount</th>
        {columns.map(({ cluster }) => (
          <th scope="col" key={cluster}>
            {visible(cluster)}
          </th>
        ))}
      </tr>
    </thead>
  )
}

/** What has become of a binding, which leads to its run where there is one. */
export const BindingCell = ({ cell, status }: { cell: WaveBinding; status: ReadonlyMap<string, string> }) => {
  const [standing, word] = standingOfBinding(cell, status)
  if (!standing) return <span class="quiet">{visible(word)}</span>
  return (
    <a href={`#/runs/${encodeURIComponent(cell.run)}`} data-state={standing} title={visible(cell.said)}>
      <Mark standing={standing} word={word} />
    </a>
  )
}
