import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { waveOfRun } from '../../core/fleet/waves/request.ts'
import { prefixOf } from '../rollout/prefix.ts'
import { namesIn } from './files.ts'
import { journalFolder, journalPath, stateFolder } from './folder.ts'
import { logPath } from './log.ts'

const most = 100
const oldestMs = 90 * 86_400_000

/** The journal of a run, or the folder of a rollout. */
interface Remembered {
  kind: 'run' | 'rollout'
  name: string
  /** When it was last written, in milliseconds since 1970. */
  at: number
}

/**
 * What is old: all but the newest 100, that of `coming` among them, and what was last written more than 90 days ago. A
 * rollout and its runs are one: without the journals of its runs, no wave of it could be undone.
 */
export const outdated = (all: readonly Remembered[], coming: string, now: number): Remembered[] => {
  const groups = Map.groupBy(all, ({ kind, name }) =>
    kind === 'rollout' ? prefixOf(name) : (waveOfRun(name)?.beginsWith ?? name),
  )
  const kept = waveOfRun(coming)?.beginsWith ?? coming
  return [...groups]
    .filter(([group]) => group !== kept)
    .map(([, members]) => ({ members, at: Math.max(...members.map(({ at }) => at)) }))
    .sort((one, other) => other.at - one.at)
    .flatMap(({ members, at }, index) => (index >= most - 1 || at < now - oldestMs ? members : []))
}

/** Takes away what is old, before the journal of a run is opened. */
export const forgetOutdated = (coming: string): void => {
  const rollouts = join(stateFolder(), 'rollouts')
  const all: Remembered[] = [
    ...namesIn(journalFolder())
      .filter((file) => file.endsWith('.jsonl'))
      .map((file) => file.slice(0, -'.jsonl'.length))
      .map((name) => ({ kind: 'run' as const, name, at: writtenAt(journalPath(name)) })),
    ...namesIn(rollouts).map((name) => ({
      kind: 'rollout' as const,
      name,
      at: writtenAt(join(rollouts, name)),
    })),
  ]
  for (const { kind, name } of outdated(all, coming, Date.now())) {
    if (kind === 'rollout') rmSync(join(rollouts, name), { recursive: true, force: true })
    else for (const file of [journalPath(name), logPath(name)]) rmSync(file, { force: true })
  }
}

/** Another process may have taken it away meanwhile. */
const writtenAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
