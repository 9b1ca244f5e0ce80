import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CodeWithCommand, Finding } from '../../../core/findings.ts'
import { variants } from '../../../local/scenarios/workshop/variants.ts'
import { needing, plainEnv } from '../../support/command-line.ts'
import { startWorkshop, type Workshop } from '../../support/run.ts'
import { clusterRows } from './cluster-rows.ts'
import { runCommands } from './commands.ts'
import { findingsBySteps, isOfAccount } from './preflight.ts'
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

// Starting the AWS CLI and kubectl takes most of a second of computing, so that `npm test` pastes a few remedies into a
// shell, the one with the words that are hardest to pass on among them, and `npm run test:exhaustive` all of them. Every
// other one that mends is run by the requests that these programs would make, and so are all of them on a machine without
// the programs. What is found says the one step that knows of it, for a plan, which an exhaustive run makes, computes
// three times as much.
const often = new Set(['trust-condition-unmet', 'restart-undone', 'rollout-crash-loop'])
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'
const { absent } = needing('aws', 'kubectl', 'bash')
const isPasted = (row: CodedRow): boolean =>
  exhaustive || (often.has(row.code) && rows[rows.indexOf(row) - 1]?.code !== row.code)
const chosen = rows.filter((row) => isPasted(row) || !(row.looks || isOfAccount(row)))
const byShell = (row: CodedRow): boolean => absent.length === 0 && isPasted(row)
const how = (row: CodedRow): string =>
  byShell(row)
    ? 'pasted into a shell'
    : `run over HTTP${absent.length > 0 ? `, with no ${absent.join(', ')} here` : ''}`

// Most of what a row takes is its world: what `npm test` looks at shares one where no command does another's work.
const together: readonly (readonly CodeWithCommand[])[] = [
  ['trust-condition-unmet', 'injection-missing', 'restart-undone', 'rollout-crash-loop'],
  [
    'workload-service-account-differs',
    'service-account-missing',
    'credentials-outranked',
    'workload-paused',
    'workload-partitioned',
  ],
  ['agent-missing', 'injection-skipped', 'pods-untried', 'rollout-access-denied'],
  [
    'irsa-annotation',
    'oidc-trust-stays',
    'credentials-outranked',
    'proxy-before-agent',
    'workload-scaled-to-zero',
    'injection-skipped',
  ],
  ['agent-not-looked-for', 'credentials-not-observable', 'credentials-refused', 'workload-on-delete'],
  ['agent-unhealthy', 'credentials-of-other-role', 'others-run-on'],
]

/** The rows that share a world: of a code that is in several groups, each has another row. */
const grouped = (some: readonly CodedRow[]): CodedRow[][] => {
  const left = [...some]
  const take = (code: string): CodedRow[] => {
    const at = left.findIndex((row) => row.code === code)
    return at < 0 ? [] : left.splice(at, 1)
  }
  const shared = exhaustive ? [] : together.map((codes) => codes.flatMap(take))
  return [...shared, ...left.map((row) => [row])].filter(({ length }) => length > 0)
}

const titled = (some: readonly CodedRow[]): [title: string, rows: CodedRow[]][] =>
  grouped(some).map((group) => [
    group.map((row) => `${row.why} (${row.code}, ${how(row)})`).join('; '),
    group,
  ])

/** For controllers and kubelets to take in what was changed. */
const settleMs = 30_000

const root = join(import.meta.dirname, '../../..')

describe('a remedy', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'podid-remedies-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs a command as a person would who pasted it; fails where any part of it fails. */
  const paste = async ({ aws, cluster, clock }: Workshop, command: string): Promise<string> => {
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
    // Else the virtual clock goes on for as long as the programs take, which is years.
    const { stdout } = await clock.work(() =>
      promisify(execFile)('bash', ['-e', '-o', 'pipefail', '-c', command], options),
    )
    return stdout
  }

  /** What is found of each row, in their order. */
  const found = async (world: Workshop, some: readonly CodedRow[]): Promise<(Finding | undefined)[]> => {
    const ask = findingsBySteps(world)
    const plans = new Map<string, Promise<readonly Finding[]>>()
    const planned = (input: Row['input'] = {}) => {
      const key = JSON.stringify(input)
      const plan =
        plans.get(key) ??
        world.enable({ mode: 'plan', ...input }).then(({ report }) => report?.findings ?? [])
      plans.set(key, plan)
      return plan
    }
    const answers: (Finding | undefined)[] = []
    for (const row of some) {
      const all = row.findings?.(world) ?? (await (exhaustive ? planned(row.input) : ask(row)))
      answers.push(all.find(({ code }) => code === row.code))
    }
    return answers
  }

  const situation = async (some: readonly CodedRow[]): Promise<Workshop & AsyncDisposable> => {
    const [{ scenario } = {}] = some
    const alone = some.length === 1
    const world = await startWorkshop(alone && scenario ? { scenario } : {})
    for (const row of some) {
      if (!alone && row.scenario) variants[row.scenario].change(world)
      await row.change?.(world)
    }
    if (!alone) await world.clock.sleep(settleMs)
    return world
  }

  it.each(titled(chosen))('mends, or is called a look: %s', async (_title, group) => {
    await using world = await situation(group)
    const commands = (await found(world, group)).map((finding, at) => {
      const row = group[at]
      expect(finding?.remedy, row?.why).toEqual({
        advice: expect.any(String),
        command: expect.any(String),
        ...(row?.looks && { looks: true }),
      })
      return finding?.remedy?.command ?? ''
    })
    const of = (some: (row: CodedRow) => boolean) =>
      commands.filter((_, at) => group.slice(at, at + 1).some(some))
    const shown = async () => {
      const pasted = of(byShell)
      if (pasted.length > 0) await paste(world, pasted.join('\n'))
      // One that mends two things is run once.
      for (const command of new Set(of((row) => !byShell(row)))) await runCommands(world, command)
    }
    const unserved = group.find((row) => row.unserved)?.unserved
    await (unserved ? expect(shown()).rejects.toThrow(unserved) : shown())
    const mending = group.filter(({ looks }) => !looks)
    if (mending.length === 0) return
    // Time for controllers and kubelets.
    await world.clock.sleep(120_000)
    expect(await found(world, mending)).toEqual(mending.map(() => undefined))
  })
})
