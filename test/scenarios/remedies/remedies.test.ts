import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodeWithCommand, Finding, Remedy } from '../../../core/findings.ts'
import { needing, plainEnv } from '../../support/command-line.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { clusterRows } from './cluster-rows.ts'
import { runCommands } from './commands.ts'
import { foundByStep } from './preflight.ts'
import { roleRows } from './role-rows.ts'
import { rolloutRows } from './rollout-rows.ts'
import type { Row } from './row.ts'
import { workloadRows } from './workload-rows.ts'

/** A code without a row does not compile here, and a finding without a code of these may carry no command. */
const table: Record<CodeWithCommand, readonly Row[]> = {
  ...clusterRows,
  ...roleRows,
  ...rolloutRows,
  ...workloadRows,
}
const rows = Object.entries(table).flatMap(([code, some]) => some.map((row) => ({ code, ...row })))
type CodedRow = (typeof rows)[number]

// Starting the AWS CLI and kubectl takes most of a second of computing, so that `npm test` pastes those remedies into a
// shell that are made in different ways, and `npm run test:exhaustive` all of them. Every other one that mends is run
// by the requests that these programs would make, and so are all of them on a machine without the programs. Of those
// what is found says the one step that knows of it, for a plan computes three times as much.
const often = new Set(['role-missing', 'association-owned-by-addon', 'restart-undone', 'rollout-crash-loop'])
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const { absent } = needing('aws', 'kubectl', 'bash')
const isPasted = (row: CodedRow): boolean =>
  exhaustive || (often.has(row.code) && rows[rows.indexOf(row) - 1]?.code !== row.code)
/** role-remedies.test.ts runs these, in a shorter way. */
const runElsewhere = ({ code, findings }: CodedRow): boolean => Object.hasOwn(roleRows, code) && !findings
const chosen = rows.filter((row) => isPasted(row) || !(row.looks || runElsewhere(row)))
const byShell = (row: CodedRow): boolean => absent.length === 0 && isPasted(row)
const how = (row: CodedRow): string =>
  byShell(row)
    ? 'pasted into a shell'
    : `run over HTTP${absent.length > 0 ? `: no ${absent.join(', ')} here` : ''}`

const titled = (some: readonly CodedRow[]): [title: string, row: CodedRow][] =>
  some.map((row) => [`${how(row)}: ${row.why} (${row.code})`, row])

const root = join(import.meta.dirname, '../../..')

describe('a remedy', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'podid-remedies-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs a command as a person would who pasted it; fails where any part of it fails. */
  const paste = async ({ aws, cluster }: Workshop, command: string): Promise<string> => {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    const env = {
      ...plainEnv(),
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: aws.region,
      AWS_DEFAULT_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
      AWS_PAGER: '',
      AWS_MAX_ATTEMPTS: '1',
      KUBECONFIG: kubeconfig,
      KUBECACHEDIR: join(folder, 'kubectl-cache'),
    }
    const options = { env, cwd: root }
    const { stdout } = await promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', command], options)
    return stdout
  }

  const run = (world: Workshop, row: CodedRow, { command = '' }: Remedy): Promise<string> =>
    byShell(row) ? paste(world, command) : runCommands(world, command)

  const found = async (world: Workshop, row: CodedRow): Promise<Finding | undefined> => {
    const { code, input = {}, findings } = row
    if (!findings && !isPasted(row)) return foundByStep(world, row)
    const all = findings?.(world) ?? (await world.enable({ mode: 'plan', ...input })).report?.findings
    return all?.find((finding) => finding.code === code)
  }

  const situation = async ({ scenario, change }: Row): Promise<Workshop & AsyncDisposable> => {
    const world = await startWorkshop(scenario ? { scenario } : {})
    await change?.(world)
    return world
  }

  it.each(titled(chosen.filter(({ looks }) => !looks)))('mends, %s', async (_title, row) => {
    await using world = await situation(row)
    const remedy = (await found(world, row))?.remedy
    expect(remedy).toEqual({ advice: expect.any(String), command: expect.any(String) })
    await run(world, row, remedy as Remedy)
    // Time for controllers and kubelets.
    await world.clock.sleep(120_000)
    expect(await found(world, row)).toBeUndefined()
  })

  it.each(titled(chosen.filter(({ looks }) => looks)))('is called a look, %s', async (_title, row) => {
    await using world = await situation(row)
    const { remedy } = (await found(world, row)) ?? {}
    expect(remedy).toMatchObject({ looks: true, advice: expect.any(String) })
    const shown = run(world, row, remedy as Remedy)
    await (row.unserved ? expect(shown).rejects.toThrow(row.unserved) : shown)
  })
})
