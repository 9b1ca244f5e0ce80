import type { Clock } from '../adapters/clock.ts'
import type { Log } from '../adapters/runtime.ts'
import { kebab } from '../core/fleet/access.ts'
import { redact } from '../core/text/redact.ts'
import type { LogGroups } from '../local/aws/logs.ts'

/**
 * What functions write, in the groups that Lambda would give them: a function's lines begin with its name. What has
 * another beginning is in no group.
 */
export const groupedLog = (groups: LogGroups, clock: Clock, log: Log): Log => {
  const write =
    (level: 'info' | 'warn' | 'error'): Log['info'] =>
    (message, data = {}) => {
      log[level](message, data)
      if (!/^[A-Z][A-Za-z]+$/.test(message)) return
      const now = clock.now()
      const line = { level: level.toUpperCase(), message, timestamp: new Date(now).toISOString(), ...data }
      groups.write(
        `/aws/lambda/podid-local-${kebab(message).replace(/^-/, '')}`,
        now,
        redact(JSON.stringify(line)),
      )
    }
  return {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    ...(log.about ? { about: log.about } : {}),
  }
}
