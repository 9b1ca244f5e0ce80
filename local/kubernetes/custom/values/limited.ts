import { type Context, createContext, Script } from 'node:vm'

/** What did not come to an end in its time. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

let machine: { context: Context & { run?: (() => unknown) | undefined }; script: Script } | undefined

/**
 * The result of `run`, which is broken off after so many milliseconds: a pattern or a rule of somebody's schema must
 * not stop the server. Throws `TookTooLong` then; what `run` throws is thrown on.
 */
export const withinTime = <T>(limitMs: number, run: () => T): T => {
  machine ??= { context: createContext({}), script: new Script('run()') }
  const { context, script } = machine
  const outer = context.run
  context.run = run
  try {
    return script.runInContext(context, { timeout: limitMs }) as T
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new TookTooLong(`not done within ${limitMs} ms`)
    throw error
  } finally {
    context.run = outer
  }
}
