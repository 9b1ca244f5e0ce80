import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { ListedRun } from '../server/source.ts'
import { Fleet } from './fleet.tsx'
import { type PageData, useRun, useRuns } from './live.ts'
import { RunPage } from './run.tsx'
import { Runs } from './runs.tsx'

/** The part of the address after `#`, which says what is shown. */
const useRoute = (): string => {
  const [route, setRoute] = useState(location.hash)
  useEffect(() => {
    const onChange = () => setRoute(location.hash)
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}

export const Page = ({ data }: { data: PageData }) =>
  data.live ? (
    <Live graph={data.graph} sources={data.sources} fleet={data.fleet} />
  ) : (
    <main>
      <RunPage graph={data.graph} read={data.read} raw={data.raw} />
    </main>
  )

const Live = ({ graph, sources, fleet }: { graph: Graph; sources: string[]; fleet: boolean }) => {
  const [, kind, name = ''] = useRoute().split('/')
  const runs = useRuns()
  const here = (which: string | undefined) => (which === kind ? { 'aria-current': 'page' as const } : {})
  return (
    <>
      <header class="top">
        <strong>podid</strong>
        <nav aria-label="Views">
          <a href="#/" {...here(undefined)}>
            Runs
          </a>
          {fleet && (
            <a href="#/fleet" {...here('fleet')}>
              Fleet
            </a>
          )}
        </nav>
        <span class="quiet">of {sources.join(' and ')}</span>
      </header>
      <main>
        {runs.fault !== undefined && <Fault text={runs.fault} />}
        {kind === 'runs' ? (
          <LiveRun key={name} graph={graph} name={decodeURIComponent(name)} list={runs.value?.items ?? []} />
        ) : kind === 'fleet' ? (
          <Fleet />
        ) : (
          <Runs list={runs.value} />
        )}
      </main>
    </>
  )
}

const LiveRun = ({ graph, name, list }: { graph: Graph; name: string; list: readonly ListedRun[] }) => {
  const { value, fault } = useRun(name)
  return (
    <>
      {fault !== undefined && <Fault text={fault} />}
      {value ? (
        <RunPage graph={graph} read={value} others={list} />
      ) : (
        fault === undefined && <p class="quiet">Reading {visible(name)} …</p>
      )}
    </>
  )
}

export const Fault = ({ text }: { text: string }) => (
  <p class="fault" role="alert">
    {text}
  </p>
)
