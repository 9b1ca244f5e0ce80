import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process of this or another machine, distinguished from a later one that got the same number. */
export interface ProcessMark {
  pid: number
  host: string
  /** When it was started, as the kernel counts; empty where the system does not say. */
  started: string
}

/** Field 22 of /proc/PID/stat, which Linux has: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in parentheses, which may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

export const thisProcess = (): ProcessMark => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid),
})

/** Whether the process is there, and on this machine: of another machine's nothing can be seen. */
export const isAlive = ({ pid, host, started }: ProcessMark): boolean => {
  if (host !== hostname()) return false
  try {
    // Signal 0 only looks.
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === started
}
