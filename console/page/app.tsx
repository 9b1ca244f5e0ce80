import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { Graphs } from '../server/server.ts'
import type { ListedRun } from '../server/source.ts'
import { Fleet } from './fleet.tsx'
import { type PageData, useRun, useRuns } from './live.ts'
import { RunPage } from './run.tsx'
import { Runs } from './runs.tsx'
import { StartRun } from './start.tsx'

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
    <Live {...data} />
  ) : (
    <main>
      <RunPage graph={data.graph} read={data.read} saved={{ raw: data.raw, log: data.log }} />
    </main>
  )

const Live = ({ graphs, sources, starts, fleet }: Extract<PageData, { live: true }>) => {
  const [path = '', query] = useRoute().split('?')
  const [, kind, name = ''] = path.split('/')
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
          <a href="#/fleet" {...here('fleet')}>
            Fleet
          </a>
          {starts.length > 0 && (
            <a href="#/start" {...here('start')}>
              Start a run
            </a>
          )}
        </nav>
        <span class="quiet">of {sources.join(' and ')}</span>
      </header>
      <main>
        {runs.fault !== undefined && <Fault text={runs.fault} />}
        {kind === 'runs' ? (
          <LiveRun key={name} graphs={graphs} name={decoded(name)} list={runs.value?.items ?? []} />
        ) : kind === 'fleet' ? (
          <Fleet looks={fleet} runs={runs.value?.items ?? []} starts={starts.length > 0} />
        ) : kind === 'start' ? (
          <StartRun key={query} places={starts} given={new URLSearchParams(query)} />
        ) : (
          <Runs list={runs.value} />
        )}
      </main>
    </>
  )
}

/** A name in an address, which somebody may have cut off within an escape. */
const decoded = (name: string): string => {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

const LiveRun = ({ graphs, name, list }: { graphs: Graphs; name: string; list: readonly ListedRun[] }) => {
  const { value, fault } = useRun(name)
  return (
    <>
      {fault !== undefined && <Fault text={fault} />}
      {value ? (
        <RunPage graph={graphs[value.listed.kind]} read={value} others={list} />
      ) : (
        fault === undefined && <p class="quiet">Reading {visible(name)} …</p>
      )}
    </>
  )
}

export const Fault = ({ text }: { text: string }) => (
  <p class="fault" role="alert">
    {visible(text)}
  </p>
)
