import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Runs every benchmark, each in a process of its own, so that none inherits another's heap or compiled code. */
const benchmarks = globSync('*.ts', { cwd: import.meta.dirname })
  .filter((file) => file !== basename(import.meta.filename))
  .sort()

for (const file of benchmarks) {
  process.stdout.write(`\n# ${basename(file, '.ts')}\n`)
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exitCode = 1
}
