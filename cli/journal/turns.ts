import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from '../../core/request.ts'
import { stateFolder } from './folder.ts'
import type { ProcessMark } from './process.ts'

/** Who has the turn on a ServiceAccount, on this machine. */
export interface Holder extends ProcessMark {
  run: string
}

/**
 * Takes the turn on a ServiceAccount, unless another run has it. Turns are numbered files, each made by a hard
 * link, so that of several processes one gets a number; the highest number counts and is never removed.
 * @param isHolding whether a holder still has its turn
 * @returns the holder that is in the way; undefined where the turn is taken
 */
export const takeLocalTurn = (
  { account, region, cluster, namespace, serviceAccount }: Request,
  holder: Holder,
  isHolding: (holder: Holder) => boolean,
): Holder | undefined => {
  const folder = join(stateFolder(), 'turns')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const place = [account, region, cluster, namespace, serviceAccount].join('/')
  const key = createHash('sha256').update(place).digest('hex').slice(0, 32)
  const numbers = () =>
    readdirSync(folder)
      .flatMap((file) => (file.startsWith(`${key}.`) ? [Number(file.slice(key.length + 1))] : []))
      .filter(Number.isInteger)
  const file = (number: number) => join(folder, `${key}.${number}`)
  for (;;) {
    const latest = Math.max(0, ...numbers())
    const other = latest === 0 ? undefined : readHolder(file(latest))
    if (other && isHolding(other)) return other
    const mine = latest + 1
    if (!claim(file(mine), holder)) continue
    // Who looked long ago may have got a number that was free again.
    if (numbers().some((number) => number > mine)) {
      rmSync(file(mine), { force: true })
      continue
    }
    for (const number of numbers()) if (number < mine) rmSync(file(number), { force: true })
    return undefined
  }
}

/** Undefined where it is gone or was cut short, as by a machine that lost power. */
const readHolder = (path: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/** Makes the file with its content at once; false where it is there already. */
const claim = (path: string, holder: Holder): boolean => {
  const draft = `${path}.${process.pid}.draft`
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
