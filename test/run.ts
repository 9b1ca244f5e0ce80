import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

// `npm test`: the checks beside the tests, since tests leave part of two cores idle while they wait. What the checks say
// comes last, where it is not lost between the tests.

const root = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)
const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs')

interface Ended {
  /** Null where a signal ended it. */
  code: number | null
  output: string
}

/** Runs a program; what it says is shown as it comes, or kept. */
const run = (command: string, args: string[], output: 'shown' | 'kept'): Promise<Ended> => {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const child = spawn(command, args, {
    cwd: root,
    stdio: output === 'shown' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  child.once('error', reject)
  child.once('close', (code) => resolve({ code, output: said }))
  return promise
}

const [checks, tests] = await Promise.all([
  run(process.execPath, ['--run', 'check'], 'kept'),
  run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], 'shown'),
])
process.stdout.write(checks.output)
if (checks.code !== 0) process.stderr.write('npm run check failed: see above.\n')
process.exitCode = checks.code === 0 && tests.code === 0 ? 0 : 1
