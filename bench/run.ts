import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { basename, join } from 'node:path'

/**
 * Runs benchmarks, each in a process of its own, so that none inherits another's heap or compiled code. All of
 * them (no arguments) rewrite RESULTS.md; `npm run bench -- policy engine` runs those two and only prints.
 */
const all = globSync('*.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== basename(import.meta.filename, '.ts'))
  .sort()
const chosen = process.argv.slice(2)
const unknown = chosen.filter((name) => !all.includes(name))
if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}; there are: ${all.join(', ')}`)

/** Prints what a benchmark prints, and answers it; null where it failed. */
const run = async (name: string): Promise<string | null> => {
  process.stdout.write(`\n# ${name}\n`)
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text)
    printed += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? printed : null
}

const packages = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string
  devDependencies: Record<string, string>
}

const heading = (): string => {
  const versions = ['@aws-sdk/client-eks', '@kubernetes/client-node', '@middy/core', 'jsonata'].map(
    (name) => `${name} ${packages.devDependencies[name]}`,
  )
  return `# Results

Made by \`npm run bench\`; do not edit. Ratios within one run are worth comparing, absolute times only on one machine.

- date: ${new Date().toISOString().slice(0, 10)}
- podid ${packages.version}, Node ${process.version}, ${versions.join(', ')}
- machine: ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}
`
}

const sections: string[] = []
for (const name of chosen.length > 0 ? chosen : all) {
  const printed = await run(name)
  if (printed === null) process.exitCode = 1
  sections.push(`\n## ${name}\n\n\`\`\`\n${(printed ?? 'failed').trimEnd()}\n\`\`\`\n`)
}
if (chosen.length === 0 && !process.exitCode) {
  writeFileSync(join(import.meta.dirname, 'RESULTS.md'), heading() + sections.join(''))
}
