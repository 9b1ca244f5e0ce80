import type { Runtime } from '../../../adapters/runtime.ts'

/** A line of the log. */
export interface Line {
  level: 'info' | 'warn' | 'error'
  message: string
  data: Record<string, unknown>
}

/** Surroundings whose time stands still until it is set, and which remember what was logged. */
export const surroundings = (): Runtime & { lines: Line[]; at: (ms: number) => void } => {
  const lines: Line[] = []
  let now = 0
  const writer =
    (level: Line['level']) =>
    (message: string, data: Record<string, unknown> = {}) =>
      void lines.push({ level, message, data })
  return {
    lines,
    at: (ms) => {
      now = ms
    },
    aws: { credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }) },
    clock: { now: () => now, sleep: async () => {} },
    log: { info: writer('info'), warn: writer('warn'), error: writer('error') },
    progress: () => {},
  }
}
