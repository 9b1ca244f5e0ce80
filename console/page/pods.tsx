import type { SeenPod } from '../../core/replay/pods.ts'
import type { ReplayedRun } from '../../core/replay/replay.ts'
import { visible } from '../../core/text/unprintable.ts'
import type { PodEvidence } from '../../core/workload/proof/evidence.ts'
import { Head, Scrolls, Time } from './parts.tsx'

/** Counts of a rollout that are worth a bar, and what they are called. */
const counted: readonly [string, string][] = [
  ['updated', 'new'],
  ['available', 'available'],
  ['old', 'old'],
]

/** Of more looks than these the last ones are shown; the events below have all. */
const mostLooks = 50

/** How the pods were replaced, look by look, and what was seen of each one's credentials on its node. */
export const Pods = ({ view, pods }: { view: ReplayedRun; pods: readonly SeenPod[] }) => {
  const looks = view.visits.flatMap(({ looks: own }) => own)
  if (looks.length === 0 && pods.length === 0) return null
  const last = looks.at(-1)
  const nodes = Map.groupBy(pods, ({ node }) => node ?? 'on no node yet')
  return (
    <section aria-labelledby="pods-title">
      <h2 id="pods-title">Pods</h2>
      {last?.counts && (
        <dl class="counts">
          {Object.entries(last.counts).map(([name, count]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{count}</dd>
            </div>
          ))}
        </dl>
      )}
      {looks.length > 0 && (
        <details>
          <summary>
            {looks.length} looks at the rollout; the last: {visible(last?.message ?? '')}
          </summary>
          <Scrolls label="Looks at the rollout">
            <table>
              <Head columns={['When', ...counted.map(([, word]) => word), 'What Kubernetes says']} />
              <tbody>
                {looks.slice(-mostLooks).map(({ at, message, counts }, index) => (
                  <tr key={`${at} ${index}`}>
                    <td>
                      <Time at={at} />
                    </td>
                    {counted.map(([name]) => (
                      <td key={name}>{counts?.[name] ?? ''}</td>
                    ))}
                    <td>{visible(message)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scrolls>
        </details>
      )}
      {[...nodes].map(([node, own]) => (
        <section key={node} class="node" aria-label={`Node ${visible(node)}`}>
          <h3>{visible(node)}</h3>
          <ul>
            {own.map((pod) => (
              <Pod key={pod.pod} seen={pod} />
            ))}
          </ul>
        </section>
      ))}
    </section>
  )
}

const Pod = ({ seen: { pod, rollout, evidence } }: { seen: SeenPod }) => (
  <li data-seen={evidence?.seen} data-revision={rollout?.revision}>
    <code>{visible(pod)}</code>{' '}
    {rollout && (
      <>
        {rollout.goneAt === undefined ? (
          <>was last seen {visible(rollout.state)}</>
        ) : (
          <>
            was replaced, gone at <Time at={rollout.goneAt} />
          </>
        )}
        {evidence && '; '}
      </>
    )}
    {evidence && textOf(evidence)}
  </li>
)

const textOf = (seen: PodEvidence) => {
  switch (seen.seen) {
    case 'handed-out':
      return (
        <>
          was given the credentials by {visible(seen.agent)} at <Time at={seen.at} />, session{' '}
          {visible(seen.session.split('/').at(-1) ?? '')}
        </>
      )
    case 'not-asked':
      return <>has not asked {visible(seen.agent)} yet</>
    case 'refused':
      return (
        <>
          was refused by {visible(seen.agent)} at <Time at={seen.at} />: {visible(seen.reason)}
        </>
      )
    case 'out-of-reach':
      return <>is out of the agent’s reach: {visible(seen.reason)}</>
    case 'not-observable':
      return <>could not be observed: {visible(seen.reason)}</>
  }
}
