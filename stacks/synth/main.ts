import { parseArgs } from 'node:util'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { deployerPolicies } from '../deployer.ts'
import { readSettings } from '../settings.ts'
import { resourceSummary } from './summary.ts'
import { type Synthesis, synthesize } from './synth.ts'

const usage = 'npm run -s synth -- --stage NAME [--summary | --deployer]'

/**
 * Every resource as JSON; by `--summary` what a person wants to know, how many of each type and their names; by `--deployer` the policies for
 * whoever deploys them.
 */
const main = async (): Promise<void> => {
  const { stage, summary, deployer, help } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      stage: { type: 'string', default: 'dev' },
      summary: { type: 'boolean', default: false },
      deployer: { type: 'boolean', default: false },
    },
  }).values
  if (help) {
    process.stdout.write(`Usage: ${usage}\n`)
    return
  }
  const synthesis = await synthesize(process.cwd(), stage)
  for (const warning of (synthesis.outputs.warnings ?? []) as string[])
    process.stderr.write(`warning: ${warning}\n`)
  process.stdout.write(
    summary
      ? resourceSummary(synthesis)
      : `${JSON.stringify(deployer ? policiesFor(synthesis, stage) : synthesis, null, 2)}\n`,
  )
}

const policiesFor = ({ resources }: Synthesis, stage: string) => {
  const { account, region } = readSettings(process.cwd(), stage)
  return deployerPolicies(resources, stage, { account, region, partition: partitionOf(region) })
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
