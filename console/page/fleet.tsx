import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { FleetSeen } from '../server/fleet.ts'
import { get } from './live.ts'
import { Scrolls } from './parts.tsx'

/** ServiceAccounts by clusters: what each uses today, and all of them as one bar. */
export const Fleet = () => {
  const [seen, setSeen] = useState<FleetSeen | undefined>(undefined)
  const [fault, setFault] = useState('')
  useEffect(() => {
    get<FleetSeen>('fleet').then(setSeen, (error: Error) => setFault(error.message))
  }, [])
  if (fault !== '')
    return (
      <p class="fault" role="alert">
        {fault}
      </p>
    )
  if (!seen) return <p class="quiet">Looking at the clusters …</p>
  const clusters = [...new Set(seen.cells.map(({ cluster }) => cluster))].sort()
  const bindings = [...new Set(seen.cells.map(({ binding }) => binding))].sort()
  const uses = Map.groupBy(seen.cells, (cell) => cell.uses)
  return (
    <>
      <h1>Fleet</h1>
      {seen.faults.map((text) => (
        <p class="fault" role="alert" key={text}>
          {visible(text)}
        </p>
      ))}
      <ul class="share" aria-label="What ServiceAccounts with pods use">
        {[...uses].map(([use, cells]) => (
          <li key={use} data-uses={use} style={{ flexGrow: cells.length }}>
            {use}: {cells.length}
          </li>
        ))}
      </ul>
      <Scrolls label="ServiceAccounts by clusters">
        <table class="grid">
          <thead>
            <tr>
              <th scope="col">ServiceAccount</th>
              {clusters.map((cluster) => (
                <th scope="col" key={cluster}>
                  {visible(cluster)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bindings.map((binding) => (
              <tr key={binding}>
                <th scope="row">{visible(binding)}</th>
                {clusters.map((cluster) => {
                  const cell = seen.cells.find((one) => one.cluster === cluster && one.binding === binding)
                  return (
                    <td key={cluster} data-uses={cell?.uses}>
                      {cell && (
                        <>
                          {cell.uses}
                          <span class="quiet">
                            {' '}
                            {cell.pods} {cell.pods === 1 ? 'pod' : 'pods'}
                            {cell.role !== null && <>, {visible(cell.role.split('/').at(-1) ?? '')}</>}
                            {cell.against.length > 0 && <>; against it: {visible(cell.against.join('; '))}</>}
                          </span>
                        </>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </>
  )
}
