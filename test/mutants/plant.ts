import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Instrumenter } from '@stryker-mutator/instrumenter'

/** One change of the code. Lines count from 1, columns from 0. */
export interface Mutant {
  id: string
  file: string
  line: number
  column: number
  /** What is replaced, and what stands instead of it. */
  text: string
  instead: string
}

/** The files with every mutant in them, each behind a switch that `runner.ts` turns. */
export interface Planted {
  code: Record<string, string>
  mutants: Mutant[]
}

const silent = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  fatal() {},
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
}

/** Has Stryker plant its mutants in these files of the repository. */
export const plant = async (root: string, names: readonly string[]): Promise<Planted> => {
  const sources = new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))
  const planted = await new Instrumenter(silent).instrument(
    [...sources].map(([name, content]) => ({ name, content, mutate: true })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  )
  return {
    code: Object.fromEntries(planted.files.map(({ name, content }) => [name, switchedWhenCalled(content)])),
    mutants: planted.mutants.map(({ id, fileName, location: { start, end }, replacement }) => ({
      id,
      file: fileName,
      line: start.line + 1,
      column: start.column,
      text: textOf(sources.get(fileName) ?? '', start, end),
      instead: replacement,
    })),
  }
}

/**
 * Stryker replaces a function where it is made, which for most of them is when the file is loaded. Here it is replaced
 * where it is called: no file has to be loaded again for that.
 */
const switchedWhenCalled = (code: string): string =>
  `// @ts-nocheck
function stryFn(id, fn) { return (...args) => stryMutAct_9fa48(id) ? undefined : (stryCov_9fa48(id), fn(...args)) }
${code.replaceAll(/stryMutAct_9fa48\(("\d+")\) \? \(\) => undefined : \(stryCov_9fa48\(\1\), /g, 'stryFn($1, ')}`

interface Place {
  line: number
  column: number
}

const textOf = (source: string, start: Place, end: Place): string =>
  source
    .split('\n')
    .slice(start.line, end.line + 1)
    .map((line, at, all) =>
      line.slice(at === 0 ? start.column : 0, at === all.length - 1 ? end.column : undefined),
    )
    .join('\n')
