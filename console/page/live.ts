import { useEffect, useState } from 'preact/hooks'
import type { RunEvent } from '../../core/run-events/event.ts'
import type { Graph } from '../../workflows/graph.ts'
import type { Graphs } from '../server/server.ts'
import type { ActionDone, ListedRun, RawRun, ReadRun, RunAction, RunLog } from '../server/source.ts'

/** What stands in the page: a live one asks its server for the rest, an exported one has all it shows. */
export type PageData =
  | {
      live: true
      graphs: Graphs
      sources: string[]
      /** Of these, where a run may be started. */
      starts: string[]
      /** Whether clusters are looked at. */
      fleet: boolean
    }
  | { live: false; graph: Graph; read: ReadRun; raw: RawRun; log: RunLog }

/** The address of something of the server's, below the token. */
const address = (path: string): string => new URL(path, location.href.split('#')[0]).href

const answerOf = async <Answer>(response: Response): Promise<Answer> => {
  const body = (await response.json()) as Answer & { error?: string }
  if (!response.ok) throw new Error(body.error ?? `the server answered ${response.status}`)
  return body
}

export const get = async <Answer>(path: string): Promise<Answer> => answerOf(await fetch(address(path)))

const post = async <Answer>(path: string, body: object): Promise<Answer> =>
  answerOf(
    await fetch(address(path), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  )

export const actOn = (run: string, action: RunAction, wave?: number): Promise<ActionDone> =>
  post(`runs/${encodeURIComponent(run)}/${action}`, { confirmed: true, wave })

/** What a run is started for: a binding of podid.yaml, or one by its fields. */
export interface StartAsked {
  where: string
  binding?: string
  fields?: Record<string, string>
}

export const startQuestion = (start: StartAsked): Promise<{ changes: string[] }> => post('start', start)

export const startConfirmed = (start: StartAsked): Promise<ActionDone> =>
  post('start', { ...start, confirmed: true })

export const exportAddress = (run: string): string => address(`runs/${encodeURIComponent(run)}/export`)

/** What a stream has told last, and what is wrong with it now. */
export interface Streamed<Value> {
  value?: Value
  fault?: string
}

/** Follows a stream of the server's; nothing that was told is lost when it breaks, and it is taken up again. */
const useStream = <Message, Value>(
  path: string | undefined,
  next: (message: Message, before: Value | undefined) => Value,
): Streamed<Value> => {
  const [state, setState] = useState<Streamed<Value> & { path?: string | undefined }>({})
  useEffect(() => {
    if (path === undefined) return
    const source = new EventSource(address(path))
    source.onmessage = ({ data }) =>
      setState((before) => ({
        path,
        value: next(JSON.parse(data), before.path === path ? before.value : undefined),
      }))
    source.addEventListener('fault', (event) => {
      const { error } = JSON.parse((event as MessageEvent<string>).data) as { error: string }
      setState((before) => ({ ...before, path, fault: error }))
    })
    source.onerror = () =>
      setState((before) => ({
        ...before,
        path,
        fault: 'podid console does not answer: it may have been stopped',
      }))
    return () => source.close()
  }, [path])
  return state.path === path ? state : {}
}

export interface RunList {
  items: ListedRun[]
  faults: string[]
}

export const useRuns = (): Streamed<RunList> => useStream<RunList, RunList>('runs/events', (list) => list)

interface NewEvents extends Omit<ReadRun, 'events'> {
  from: number
  events: RunEvent[]
}

/** A run, live. */
export const useRun = (run: string): Streamed<ReadRun> =>
  useStream<NewEvents, ReadRun>(
    `runs/${encodeURIComponent(run)}/events`,
    ({ from, events, ...rest }, before) => ({
      ...rest,
      events: [...(before?.events ?? []).slice(0, from), ...events],
    }),
  )

/** The time now, again and again while something is under way. */
export const useNow = (ticking: boolean): number => {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
