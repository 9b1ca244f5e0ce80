import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { chromium } from 'playwright-core'
import { pageAssets } from '../console/server/assets.ts'
import { exportText } from '../console/server/server.ts'
import { replay } from '../core/replay/replay.ts'
import { timelineOf } from '../core/replay/timeline.ts'
import type { RunEvent } from '../core/run-events/event.ts'
import { graphOf } from '../workflows/graph.ts'
import { enablePodIdentity } from '../workflows/render.ts'
import { template } from '../workflows/template.ts'

/** What the project promises: the page's own files, and how long one step of the slider may take. */
export const budgets = { gzippedBytes: 60_000, stepMs: 50 }

const run = 'podid-20261125T101500-3f2a'
const at = (index: number): string => new Date(Date.UTC(2026, 10, 25) + index * 200).toISOString()

/** A long run: a rollout that is looked at again and again, with retries, and the proof of many pods at its end. */
const longRun = (events: number, pods: number): RunEvent[] => {
  const looks = Array.from({ length: (events - 3) / 2 }, (_, index): RunEvent[] => [
    {
      type: 'step.retrying',
      at: at(index * 2 + 2),
      run,
      step: 'WatchRollout',
      visit: 1,
      attempt: index + 1,
      seconds: 0.1,
      error: 'Transient',
      message: 'the API server was away',
    },
    {
      type: 'rollout.progress',
      at: at(index * 2 + 3),
      run,
      step: 'WatchRollout',
      visit: 1,
      state: 'progressing',
      message: `Waiting for deployment "carts" rollout to finish: ${index} of ${pods} updated replicas are available...`,
      counts: { desired: pods, updated: index, available: pods, old: pods - index },
    },
  ]).flat()
  const evidence = Array.from({ length: pods }, (_, index) => ({
    seen: 'handed-out',
    pod: `carts-6bc4fdc99d-${index}`,
    node: `ip-10-42-100-${index % 40}.us-west-2.compute.internal`,
    agent: 'kube-system/eks-pod-identity-agent-tprs9',
    session: `arn:aws:sts::123456789012:assumed-role/carts/eks-${index}`,
    at: at(events),
  }))
  return [
    { type: 'run.started', at: at(0), run },
    { type: 'step.started', at: at(1), run, step: 'WatchRollout', visit: 1 },
    ...looks,
    {
      type: 'run.succeeded',
      at: at(events),
      run,
      duration: 1,
      findings: [],
      report: {
        summary: 'done',
        outcome: 'enabled',
        changes: [],
        stays: [],
        binding: { namespace: 'carts', serviceAccount: 'carts' },
        credentials: { evidence },
      },
    },
  ]
}

const median = (times: readonly number[]): number =>
  times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0

const timed = (work: () => unknown): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

/** In the page: moves the slider forty times, each until it is drawn. */
const stepsOf = (most: number): string => `(async () => {
  const slider = document.querySelector('input[type=range]')
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set
  const times = []
  for (let step = 0; step < 40; step++) {
    const begun = performance.now()
    set.call(slider, String(Math.round((${most} * (step + 1)) / 41)))
    slider.dispatchEvent(new Event('input', { bubbles: true }))
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
    times.push(performance.now() - begun)
  }
  return times
})()`

const print = (line: string): void => void process.stdout.write(`${line}\n`)

const events = longRun(1001, 1500)
const assets = await pageAssets()
print(`page: ${gzipSync(assets.script + assets.style).length} bytes gzipped (budget ${budgets.gzippedBytes})`)
const replays = Array.from({ length: 20 }, () => timed(() => timelineOf(replay(events), Date.now())))
print(`${events.length} events replayed and laid out in time: ${median(replays).toFixed(1)} ms`)

const browser = '/usr/bin/chromium'
if (existsSync(browser)) {
  const folder = mkdtempSync(join(tmpdir(), 'podid-bench-'))
  const file = join(folder, 'run.html')
  const listed = {
    run,
    kind: 'run' as const,
    where: 'this machine',
    startedAt: at(0),
    endedAt: at(events.length),
    status: 'SUCCEEDED',
    mode: 'enable',
    cluster: 'eks-workshop',
    binding: 'carts/carts',
    way: 'the command line',
    by: null,
    prefix: null,
  }
  const graph = graphOf(JSON.parse(template(enablePodIdentity)))
  const saved = {
    read: { listed, events, actions: [] },
    raw: { input: {}, output: {}, history: null },
    log: { lines: [], note: '' },
  }
  writeFileSync(file, exportText(assets, { run: graph, rollout: graph }, saved))
  const launched = await chromium.launch({
    executablePath: browser,
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  try {
    const page = await launched.newPage({ viewport: { width: 1280, height: 900 } })
    const start = performance.now()
    await page.goto(pathToFileURL(file).href)
    await page.getByText('carts-6bc4fdc99d-1499').waitFor({ state: 'attached' })
    print(
      `page with ${events.length} events and 1500 pods shown after ${(performance.now() - start).toFixed(0)} ms`,
    )
    const steps = await page.evaluate<number[]>(stepsOf(events.length))
    print(
      `a step of the slider, drawn: median ${median(steps).toFixed(0)} ms, worst ${Math.max(...steps).toFixed(0)} ms (budget ${budgets.stepMs} for the median)`,
    )
  } finally {
    await launched.close()
    rmSync(folder, { recursive: true })
  }
} else print('no Chromium on this machine: how smooth the page is was not measured')
