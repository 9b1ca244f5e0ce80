import { parseArgs } from 'node:util'
import { synthesize } from './synth.ts'

const { values } = parseArgs({ options: { stage: { type: 'string', default: 'dev' } } })
try {
  process.stdout.write(`${JSON.stringify(await synthesize(process.cwd(), values.stage), null, 2)}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
