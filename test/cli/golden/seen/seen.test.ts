import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { expect, it } from 'vitest'
import { type ExitCode, exit } from '../../../../cli/exit.ts'
import { doctorSeen } from '../../../../cli/look/doctor-view.ts'
import { inventorySeen } from '../../../../cli/look/inventory-view.ts'
import { runsSeen } from '../../../../cli/look/runs-view.ts'
import { statusSeen } from '../../../../cli/look/status-view.ts'
import { verifiedSeen } from '../../../../cli/look/verified-view.ts'
import { type BindingRow, manyText } from '../../../../cli/many/text.ts'
import { widthOf } from '../../../../cli/render/screen.ts'
import { reportText } from '../../../../cli/rollout/show.ts'
import type { RunEnd } from '../../../../cli/run.ts'
import type { Report } from '../../../../core/report.ts'
import { needing, packagedPodid, plainEnv } from '../../../support/command-line.ts'
import { podidHere } from '../../../support/commands/here.ts'
import { readRecorded } from '../recorded.ts'

/** What a command gave as JSON (record.ts). */
const given = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8'))

const { checks, stage } = given('doctor')
const { items: statuses, unseen } = given('status')
const inventory = given('inventory')
const clusters = inventory.clusters.map((one: { cluster: string }) => ({
  ...one,
  items: inventory.items.filter(({ cluster }: { cluster: string }) => cluster === one.cluster),
}))

/** A run of another folder's recordings, as one of several. */
const row = (name: string, run: string, code: ExitCode, result: string): BindingRow => {
  const last = readRecorded(run)
    .flatMap((one) => ('event' in one ? [one.event] : []))
    .at(-1)
  const event = last as RunEnd['event'] & { report: Report }
  return {
    target: { name, input: { cluster: 'eks-workshop' } } as unknown as BindingRow['target'],
    name: `${name} on eks-workshop`,
    outcome: {
      code,
      result,
      took: event.duration,
      said:
        event.report.summary
          .split('\n')[0]
          ?.replace('carts/carts on eks-workshop', '')
          .replace(/^(?:: \d+ changes to make|:? )/, '') ?? '',
      observed: false,
      end: { event, report: event.report, before: undefined, wayBack: `podid undo ${event.run}` },
    },
  }
}

/** What commands show on a screen, by the width of it. */
const views: Record<string, (width: number) => string | Promise<string>> = {
  status: (width) => statusSeen(statuses, unseen, []).table(false, width),
  'status-wide': (width) => statusSeen(statuses, unseen, []).table(true, width),
  'status-nothing': (width) => statusSeen([], [], ['eks-workshop in us-west-2']).table(false, width),
  inventory: (width) => inventorySeen(clusters).table(false, width),
  'inventory-wide': (width) => inventorySeen(clusters).table(true, width),
  verify: (width) => verifiedSeen(given('verify').items).table(false, width),
  'verify-wide': (width) => verifiedSeen(given('verify').items.slice(0, 1)).table(true, width),
  runs: (width) => runsSeen(given('runs').items, []).table(false, width),
  rollout: (width) => reportText(given('rollout'), '', width),
  'rollout-plan': (width) => reportText(given('rollout-plan'), '', width),
  doctor: (width) => doctorSeen(stage, checks).table(false, width),
  several: (width) =>
    manyText(
      [
        row('carts', 'enable', exit.done, 'enabled'),
        row('orders', 'plan-repoint', exit.changes, '2 changes'),
        row('search', 'blocked', exit.failed, 'failed'),
      ],
      { width, paint: (_look, text) => text },
    ),
  help: (width) => helpAt(width),
  'help-enable': (width) => helpAt(width, 'enable'),
}

const helpAt = async (width: number, ...command: string[]): Promise<string> => {
  const { isTTY, columns } = process.stdout
  Object.assign(process.stdout, { isTTY: true, columns: width })
  try {
    return (await podidHere([...command, '--help'])).stdout
  } finally {
    Object.assign(process.stdout, { isTTY, columns })
  }
}

/** Lines that are wrapped: neither a command to paste nor a word that is longer than the line. */
const tooLong = (text: string, width: number): string[] =>
  text
    .split('\n')
    .filter(
      (line) =>
        widthOf(line) > width &&
        !/^ +(?:podid|aws|kubectl|"|[{}[\]]|--\S+ \S+$)/.test(line) &&
        line.trim().includes(' '),
    )

// After a change on purpose: npx vitest run test/cli/golden -u, and look at what it wrote.
it.each(Object.keys(views))('%s at 60, 80, 120 and 200 columns', async (name) => {
  const at = async (width: number) => ((await views[name]?.(width)) ?? '').trimEnd()
  const shown: string[] = []
  for (const width of [60, 80, 120, 200]) {
    const text = await at(width)
    expect(tooLong(text, width)).toEqual([])
    shown.push(`${`── ${width} `.padEnd(width, '─')}\n${text}\n`)
  }
  await expect(shown.join('\n')).toMatchFileSnapshot(join(import.meta.dirname, `${name}.txt`))
})

const { skipped, note } = needing('script', 'stty')
it.skipIf(skipped).each([60, 120])(
  `a terminal of %i columns is asked for its width${note}`,
  async (width) => {
    const child = spawn(
      'script',
      ['-qec', `stty cols ${width}; "$NODE" "$PODID" enable --help`, '/dev/null'],
      {
        env: { ...plainEnv(), NODE: process.execPath, PODID: await packagedPodid(), TERM: 'xterm' },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const said = stripVTControlCharacters(await textOf(child.stdout)).replaceAll('\r', '')
    const golden = readFileSync(join(import.meta.dirname, 'help-enable.txt'), 'utf8')
    expect(golden).toContain(`${said.trimEnd()}\n`)
    expect(said).toContain(
      width === 60 ? 'accept a workload that is\n' : 'accept a workload that is scaled to zero\n',
    )
  },
)
