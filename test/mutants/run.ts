import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explained } from './explained.ts'
import { type FileScore, type Score, writeScores } from './scores.ts'

/**
 * `npm run mutants`: breaks the code of core, functions and adapters in one place at a time with Stryker, looks whether
 * a test of the same layer notices, prints what none has noticed, and writes the scores into docs/testing.md.
 * `npm run mutants -- core/role core/undo.ts` takes these folders and files alone. `--minutes N` (30) is when no further
 * file is begun, `--workers N` (2) how many are broken side by side, `--again` also takes what has not changed.
 */
const root = join(import.meta.dirname, '../..')
const layers = ['core', 'functions', 'adapters']
/** Made from AWS's own lists, or types alone: there is no decision in them. */
const skipped = ['core/role/actions/table.ts', 'core/kubernetes.ts']
const cache = join(root, 'node_modules/.cache/mutants')
const results = join(import.meta.dirname, 'scores.json')

const args = process.argv.slice(2)
const number = (name: string, otherwise: number): number => {
  const at = args.indexOf(name)
  return at < 0 ? otherwise : Number(args.splice(at, 2)[1])
}
const until = Date.now() + number('--minutes', 30) * 60_000
const workers = number('--workers', 2)
const again = args.includes('--again')
const chosen = args.filter((arg) => !arg.startsWith('--'))

const digestOf = (files: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}
const layerOf = (file: string): string => file.split('/')[0] ?? ''
const tests = new Map(
  layers.map((layer) => [
    layer,
    globSync(`test/${layer}/**/*`, { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
      .sort(),
  ]),
)

interface StrykerReport {
  files: Record<
    string,
    {
      source: string
      mutants: {
        status: string
        replacement: string
        mutatorName: string
        location: Record<'start' | 'end', { line: number; column: number }>
      }[]
    }
  >
}

const noticed = ['Killed', 'Timeout', 'RuntimeError']
const unnoticed = ['Survived', 'NoCoverage']

/** Runs Stryker for one file; undefined where there is nothing in it to break. */
const scoreOf = async (file: string): Promise<FileScore | undefined> => {
  const name = file.replaceAll('/', '.')
  const report = join(cache, `${name}.report.json`)
  const config = join(cache, `${name}.config.json`)
  mkdirSync(cache, { recursive: true })
  writeFileSync(report, '{"files":{}}')
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'vitest',
      vitest: { configFile: 'test/mutants/vitest.config.ts' },
      mutate: [file],
      coverageAnalysis: 'perTest',
      concurrency: workers,
      incremental: true,
      incrementalFile: join(cache, `${name}.incremental.json`),
      reporters: ['json'],
      jsonReporter: { fileName: report },
      tempDirName: '.stryker',
      // Nothing is compiled, so no tsconfig.json is to be rewritten.
      tsconfigFile: 'none.json',
      // On a busy machine a test may take long without going round in circles.
      timeoutMS: 60_000,
      allowEmpty: true,
      logLevel: 'error',
    }),
  )
  const stryker = spawn(
    process.execPath,
    [join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', config],
    {
      cwd: root,
      env: { ...process.env, PODID_MUTANTS_LAYER: layerOf(file) },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const end = () => stryker.kill()
  process.once('SIGINT', end).once('SIGTERM', end)
  const code = await new Promise((ended) => stryker.once('close', ended))
  process.off('SIGINT', end).off('SIGTERM', end)
  if (code !== 0) throw new Error(`Stryker ended with ${code} for ${file}`)
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as StrykerReport
  const found = files[file]
  if (!found) return undefined
  const lines = found.source.split('\n')
  const textOf = ({ start, end }: StrykerReport['files'][string]['mutants'][number]['location']): string =>
    lines
      .slice(start.line - 1, end.line)
      .map((line, at, all) =>
        line.slice(at === 0 ? start.column - 1 : 0, at === all.length - 1 ? end.column - 1 : undefined),
      )
      .join('\n')
  const score: FileScore = {
    on: new Date().toISOString().slice(0, 10),
    of: '',
    killed: 0,
    explained: 0,
    survived: 0,
  }
  for (const { status, replacement, location } of found.mutants) {
    if (noticed.includes(status)) score.killed++
    if (!unnoticed.includes(status)) continue
    const text = textOf(location)
    if (explained.some((row) => row.file === file && row.text === text && row.instead === replacement))
      score.explained++
    else {
      score.survived++
      process.stdout.write(
        `${status === 'NoCoverage' ? 'not run' : 'lives'}  ${file}:${location.start.line}:${location.start.column}\n  - ${text}\n  + ${replacement}\n`,
      )
    }
  }
  return score
}

const scores = JSON.parse(readFileSync(results, 'utf8')) as Score
const files = layers
  .flatMap((layer) => globSync(`${layer}/**/*.ts`, { cwd: root }))
  .filter((file) => !skipped.includes(file))
  .filter((file) => chosen.length === 0 || chosen.some((one) => file === one || file.startsWith(`${one}/`)))
  // What was never looked at comes first, then what was looked at longest ago.
  .sort((a, b) => (scores[a]?.on ?? '').localeCompare(scores[b]?.on ?? '') || a.localeCompare(b))
for (const file of Object.keys(scores)) {
  if (globSync(file, { cwd: root }).length === 0) delete scores[file]
}
let looked = 0
for (const file of files) {
  if (Date.now() > until) break
  const of = digestOf([file, ...(tests.get(layerOf(file)) ?? [])])
  if (!again && scores[file]?.of === of) continue
  const score = await scoreOf(file)
  looked++
  scores[file] = {
    ...(score ?? { on: new Date().toISOString().slice(0, 10), killed: 0, explained: 0, survived: 0 }),
    of,
  }
  const { killed, explained: listed, survived } = scores[file]
  process.stdout.write(`${file}: ${killed} killed, ${survived} live, ${listed} explained\n`)
  writeFileSync(results, `${JSON.stringify(scores, null, 2)}\n`)
}
writeScores(scores)
process.stdout.write(`${looked} of ${files.length} files\n`)
