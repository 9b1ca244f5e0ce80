import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * Where this user's podid leaves what outlives a process, by the XDG Base Directory Specification: XDG_STATE_HOME
 * where it is an absolute path, or else ~/.local/state. https://specifications.freedesktop.org/basedir/latest/
 */
export const stateFolder = (env: NodeJS.ProcessEnv = process.env): string => {
  const { XDG_STATE_HOME: home = '' } = env
  return join(isAbsolute(home) ? home : join(homedir(), '.local', 'state'), 'podid')
}

/** The folder of the journals, one file for each run that may change anything. */
export const journalFolder = (env?: NodeJS.ProcessEnv): string => join(stateFolder(env), 'runs')

/** The journal of a run. */
export const journalPath = (run: string, env?: NodeJS.ProcessEnv): string =>
  join(journalFolder(env), `${run}.jsonl`)
