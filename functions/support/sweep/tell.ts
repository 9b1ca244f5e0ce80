import { digest } from '../../../adapters/digest.ts'
import type { Log } from '../../../adapters/runtime.ts'
import { notChecked, regionNotChecked } from '../../../core/cluster.ts'
import type { Drift, DriftDigest, NotChecked, PodidEvent } from '../../../core/events.ts'
import type { Finding } from '../../../core/findings.ts'
import { excerpt } from '../../../core/text/redact.ts'
import type { NoteTaker } from '../../../core/triggers/digest.ts'
import type { Once } from '../once.ts'
import type { Services } from '../services.ts'

/** What a sweep did. */
export interface Swept {
  /** How many bindings it looked at, each on each cluster that it is for. */
  checked: number
  drifted: Drift[]
  /** How many it looked for in CloudTrail. */
  looked: number
  /** Clusters, or regions, that it could not look at; it went on with the others. */
  notChecked: NotChecked[]
  /** How many bindings it saw and could not start the run of, or not tell of. The next sweep does it. */
  failed: number
  /** How many clusters its time was too short for: the next sweep begins with them. */
  left: number
  /** Runs that are open for longer than their limits add up to; null where they could not be looked at. */
  openTooLong: string[] | null
  /** The sweep that was at work already, so that this one did nothing. */
  atWork?: string
}

/**
 * Tells of what was found: the same once a day, and whenever a run is started for it, not at every sweep. What cannot be
 * told now is left to the next sweep.
 */
export const tellerOf = (
  { once, bus, log }: Pick<Services, 'bus'> & { once: Once; log: Pick<Log, 'warn'> },
  swept: Swept,
  notes: Pick<NoteTaker, 'drift' | 'notChecked'>,
) => {
  const failed = (what: string, about: Record<string, unknown>, error: unknown): void => {
    swept.failed++
    log.warn(what, { ...about, why: excerpt((error as Error).message) })
  }
  const put = async (key: string, event: PodidEvent): Promise<boolean> => {
    let told = true
    const { cluster, region } = event.detail as { cluster?: string | null; region?: string }
    await once(key, () => bus.put(event)).catch((error: unknown) => {
      told = false
      failed(`${event.type} was not told`, { cluster, region }, error)
    })
    return told
  }
  return {
    failed,
    /** The digest of the day; false where it could not be told. */
    digest: (detail: DriftDigest): Promise<boolean> =>
      put(`digest/${detail.day}`, { type: 'Drift Digest', resources: [], detail }),
    drift: async (drift: Drift, arn: string, seen: Finding | undefined): Promise<void> => {
      swept.drifted.push(drift)
      notes.drift(drift)
      const detail = seen ? { ...drift, findings: [...drift.findings, seen] } : drift
      await put(`drift/${arn}/${digest(JSON.stringify(drift), 32)}`, {
        type: 'Drift Found',
        resources: [arn],
        detail,
      })
    },
    notChecked: async (
      { region, name }: { region: string; name: string | null },
      error: Error,
    ): Promise<void> => {
      const detail: NotChecked = {
        cluster: name,
        region,
        findings: [name === null ? regionNotChecked(region, error) : notChecked({ name, region }, error)],
      }
      swept.notChecked.push(detail)
      notes.notChecked(detail)
      await put(`not-checked/${region}/${name ?? ''}`, { type: 'Cluster Not Checked', resources: [], detail })
    },
  }
}

export type Teller = ReturnType<typeof tellerOf>
