import type { Drift, DriftDigest, NotChecked } from '../events.ts'
import type { Finding } from '../findings.ts'
import { clip } from '../text/clip.ts'
import { byCodeUnits } from '../text/order.ts'
import { dayOf, type SweepRun } from './mending.ts'

/** What sweeps have found and not yet seen put right, and what they have told of it. */
export interface DriftNotes {
  /** By `REGION/CLUSTER/BINDING`, or `REGION/CLUSTER` and `REGION/` for what could not be looked at. */
  entries: Record<string, DriftEntry>
  /** Those for which there was no room. */
  more: number
  /** When the latest digest was sent, in milliseconds; null before the first one. */
  toldAt: number | null
  mends: SweepRun[]
}

export type DriftEntry = (Drift | (NotChecked & { binding: null })) & {
  /** When it was first seen, in milliseconds. */
  since: number
}

export const nothingNoted: DriftNotes = { entries: {}, more: 0, toldAt: null, mends: [] }

/** A record of DynamoDB has 400 KB at most; what is more is counted. */
const mostEntries = 200
/** An event of EventBridge has 256 KB at most. */
const mostTold = 100

const shortened = (findings: readonly Finding[]): Finding[] =>
  findings.slice(0, 3).map(({ code, severity, subject, found }) => ({
    code,
    severity,
    subject: clip(subject, 150),
    found: clip(found, 300),
  }))

export const driftKey = ({
  region,
  cluster,
  binding,
}: {
  region: string
  cluster: string
  binding: string
}): string => `${region}/${cluster}/${binding}`
const notCheckedKey = ({ region, cluster }: NotChecked): string => `${region}/${cluster ?? ''}`

/** The notes of a sweep while it goes on. */
export const takeNotes = (before: DriftNotes, now: number) => {
  const entries = new Map(Object.entries(before.entries))
  let more = 0
  const note = (key: string, entry: Drift | (NotChecked & { binding: null })): void => {
    const since = entries.get(key)?.since ?? now
    if (!entries.has(key) && entries.size >= mostEntries) more++
    else entries.set(key, { ...entry, findings: shortened(entry.findings), since })
  }
  return {
    drift: (drift: Drift): void => note(driftKey(drift), drift),
    notChecked: (detail: NotChecked): void => note(notCheckedKey(detail), { ...detail, binding: null }),
    /** It is as declared. */
    inForce: (place: { region: string; cluster: string; binding: string }): void =>
      void entries.delete(driftKey(place)),
    /** Of a cluster that was looked at, what is no binding of it any more is no drift, nor that it was not checked. */
    looked: (region: string, cluster: string, bindings: ReadonlySet<string | null>): void => {
      for (const [key, entry] of entries)
        if (entry.region === region && entry.cluster === cluster && !bindings.has(entry.binding))
          entries.delete(key)
    },
    /** Of regions that nothing is declared for any more, nothing is drift, nor not checked. */
    declared: (regions: ReadonlySet<string>): void => {
      for (const [key, entry] of entries) if (!regions.has(entry.region)) entries.delete(key)
    },
    /** Of a region that was listed, what is on clusters that are not there any more, or that nothing is declared for, is no drift, nor that it was not checked. */
    listed: (region: string, clusters: ReadonlySet<string | null>): void => {
      for (const [key, entry] of entries)
        if (entry.region === region && !clusters.has(entry.cluster)) entries.delete(key)
    },
    end: (mends: SweepRun[]): DriftNotes => ({
      entries: Object.fromEntries([...entries].toSorted(([one], [other]) => byCodeUnits(one, other))),
      more,
      toldAt: before.toldAt,
      mends,
    }),
  }
}

export type NoteTaker = ReturnType<typeof takeNotes>

const dayMs = 86_400_000

/**
 * The digest that is due: one a day (UTC), of what is not as declared by then. It waits for a sweep that has come to
 * every cluster, but for no longer than a day.
 */
export const digestOf = (
  { entries, more, toldAt }: DriftNotes,
  { now, complete, stopped }: { now: number; complete: boolean; stopped: string | null },
): DriftDigest | undefined => {
  const all = Object.values(entries)
  if (all.length === 0 || (toldAt !== null && dayOf(toldAt) === dayOf(now))) return undefined
  if (!complete && all.every(({ since }) => now - since < dayMs)) return undefined
  const drifted = all.filter((one): one is Drift & { since: number } => one.binding !== null)
  const notChecked = all.filter((one) => one.binding === null)
  return {
    day: dayOf(now),
    drifted: drifted
      .slice(0, mostTold)
      .map(({ since, ...drift }) => ({ ...drift, since: new Date(since).toISOString() })),
    notChecked: notChecked
      .slice(0, mostTold)
      .map(({ cluster, region, findings }) => ({ cluster, region, findings })),
    total: { drifted: drifted.length + more, notChecked: notChecked.length },
    stopped,
  }
}
