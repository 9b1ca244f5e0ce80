import { parseArgs } from 'node:util'
import { resourceSummary } from './summary.ts'
import { synthesize } from './synth.ts'

const usage = 'npm run -s synth -- --stage NAME [--summary]'

/** Every resource as JSON, or by `--summary` what a person wants to know: how many of each type, and their names. */
const main = async (): Promise<void> => {
  const { stage, summary } = parseArgs({
    options: { stage: { type: 'string', default: 'dev' }, summary: { type: 'boolean', default: false } },
  }).values
  const synthesis = await synthesize(process.cwd(), stage)
  for (const warning of (synthesis.outputs.warnings ?? []) as string[])
    process.stderr.write(`warning: ${warning}\n`)
  process.stdout.write(summary ? resourceSummary(synthesis) : `${JSON.stringify(synthesis, null, 2)}\n`)
}

// A reader such as head closes the pipe when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

try {
  await main()
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException
  const asked = String(code).startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${message}${asked ? `\nUsage: ${usage}` : ''}\n`)
  process.exitCode = asked ? 2 : 1
}
