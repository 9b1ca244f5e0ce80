import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { explanations } from './explained.ts'
import { importsOf } from './imports.ts'
import { plant } from './plant.ts'
import { type Score, writeScores } from './scores.ts'
import { tryMutants } from './try.ts'

/**
 * `npm run mutants`: has Stryker break the code of core, functions and adapters in one place at a time, looks whether a
 * test of the same layer notices, prints what none has noticed, and writes the scores into docs/testing.md.
 * `npm run mutants -- core/role core/undo.ts` takes these folders and files alone. `--minutes N` (60) is when no further
 * folder is begun, `--again` also takes what has not changed. `--tests test/core/role,test/core/agent.test.ts` lets only these tests look, and
 * writes no scores: for who is writing them.
 */
const root = join(import.meta.dirname, '../..')
const layers = ['core', 'functions', 'adapters']
/** Made from AWS's own lists, or types alone: there is no decision in them. */
const skipped = ['core/role/actions/table.ts', 'core/kubernetes.ts']
const results = join(import.meta.dirname, 'scores.json')

const args = process.argv.slice(2)
const option = (name: string): string | undefined => {
  const at = args.indexOf(name)
  return at < 0 ? undefined : args.splice(at, 2)[1]
}
const until = Date.now() + Number(option('--minutes') ?? 60) * 60_000
const only = option('--tests')?.split(',')
const again = args.includes('--again')
const chosen = args.filter((arg) => !arg.startsWith('--'))
const within = (name: string, place: string): boolean => name === place || name.startsWith(`${place}/`)

const digestOf = (files: readonly string[]): string => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex').slice(0, 16)
}
const layerOf = (file: string): string => file.split('/')[0] ?? ''
const filesOf = (pattern: string): string[] =>
  globSync(pattern, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort()
const tests = new Map(layers.map((layer) => [layer, filesOf(`test/${layer}/**/*`)]))
const imports = importsOf(
  root,
  [...tests.values()].flat().filter((name) => name.endsWith('.test.ts')),
)

const scores = JSON.parse(readFileSync(results, 'utf8')) as Score
for (const file of Object.keys(scores)) if (globSync(file, { cwd: root }).length === 0) delete scores[file]
const stateOf = (file: string): string => digestOf([file, ...(tests.get(layerOf(file)) ?? [])])
const files = layers
  .flatMap((layer) => filesOf(`${layer}/**/*.ts`))
  .filter((file) => !skipped.includes(file))
  .filter((file) => chosen.length === 0 || chosen.some((one) => within(file, one)))
  .filter((file) => again || only || scores[file]?.of !== stateOf(file))
// A folder at a time, so that what is known stays when the time is over: first what was never looked at.
const folders = [...Map.groupBy(files, dirname)].sort(([, a], [, b]) => oldest(a).localeCompare(oldest(b)))
function oldest(names: readonly string[]): string {
  return names.map((name) => scores[name]?.on ?? '').sort()[0] ?? ''
}

const keyOf = (...mutant: readonly string[]): string => mutant.join('\0')
/** How many of the mutants with one key are explained: a row is for one place. */
const explained = new Map<string, number>()
for (const { mutants } of explanations)
  for (const mutant of mutants) explained.set(keyOf(...mutant), (explained.get(keyOf(...mutant)) ?? 0) + 1)

for (const [folder, names] of folders) {
  if (Date.now() > until) break
  const began = Date.now()
  const planted = await plant(root, names)
  const near = [...imports]
    .filter(
      ([test, imported]) =>
        within(test, `test/${layerOf(folder)}`) && names.some((name) => imported.has(name)),
    )
    .map(([test]) => test)
    .filter((test) => !only || only.some((one) => within(test, one)))
  const place = { root, folder: join(root, `node_modules/.cache/mutants/${process.pid}`) }
  const { killed, unreached } = await tryMutants(place, planted, near, imports)
  for (const file of names) {
    const score = {
      on: new Date().toISOString().slice(0, 10),
      of: stateOf(file),
      killed: 0,
      explained: 0,
      survived: 0,
    }
    for (const { id, line, column, text, instead } of planted.mutants.filter(
      (mutant) => mutant.file === file,
    )) {
      if (killed.has(id)) score.killed++
      else if (explained.get(keyOf(file, text, instead))) {
        score.explained++
        explained.set(keyOf(file, text, instead), (explained.get(keyOf(file, text, instead)) ?? 0) - 1)
      } else {
        score.survived++
        const what = unreached.has(id) ? 'not run' : 'lives'
        process.stdout.write(`${what}  ${file}:${line}:${column}\n  - ${text}\n  + ${instead}\n`)
      }
    }
    process.stdout.write(
      `${file}: ${score.killed} killed, ${score.survived} live, ${score.explained} explained\n`,
    )
    scores[file] = score
  }
  for (const [key, left] of explained) {
    const [file = '', text, instead] = key.split('\0')
    if (!only && left > 0 && names.includes(file))
      process.stdout.write(`explained, but killed or not there: ${file}\n  - ${text}\n  + ${instead}\n`)
  }
  process.stdout.write(
    `${folder}: ${planted.mutants.length} mutants, ${((Date.now() - began) / 1000).toFixed(0)} s\n`,
  )
  if (only) continue
  writeFileSync(results, `${JSON.stringify(scores, null, 2)}\n`)
  writeScores(scores)
}
