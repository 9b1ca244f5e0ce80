import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Local, needing, type Podid, startLocal } from '../support/command-line.ts'

// The console as a person has it: in a browser, beside a terminal, over the stand-ins.
const { skipped: none, note: why } = needing('chromium')
const launched = none
  ? new Error(why)
  : await chromium
      .launch({
        executablePath: '/usr/bin/chromium',
        args: [
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      })
      .catch((error: Error) => error)
const skipped = launched instanceof Error
const note = none
  ? why
  : skipped
    ? ` (skipped: Chromium does not start here: ${launched.message.split('\n')[0]})`
    : ''
const browser = launched as Browser
const enough = { timeout: 20_000 }

describe.skipIf(skipped)(`podid console in a browser${note}`, { timeout: 120_000 }, () => {
  let local: Local
  let served: Podid
  let page: Page
  let url = ''
  let run = ''
  const said: string[] = []

  beforeAll(async () => {
    local = await startLocal('--propagation', '0.2', '--readiness', '0.3')
    const runs = join(local.folder, 'podid', 'runs')
    mkdirSync(runs, { recursive: true })
    const at = '2026-11-20T10:00:00.000Z'
    const name = '<img src=x onerror=alert(1)>\u202e'
    writeFileSync(
      join(runs, 'hostile.jsonl'),
      [
        {
          type: 'run',
          run: 'hostile',
          at,
          mode: 'enable',
          account: '1',
          pid: 1,
          host: 'elsewhere',
          started: '',
          input: { cluster: name, namespace: name, serviceAccount: name },
        },
        { type: 'run.started', run: 'hostile', at },
        { type: 'step.started', run: 'hostile', at, step: name, visit: 1 },
        {
          type: 'finding',
          run: 'hostile',
          at,
          step: name,
          visit: 1,
          finding: {
            code: name,
            severity: 'blocking',
            subject: name,
            found: name,
            remedy: { advice: name, command: name },
          },
        },
        {
          type: 'run.failed',
          run: 'hostile',
          at,
          duration: 1,
          status: 'FAILED',
          error: name,
          message: name,
          findings: [],
        },
      ]
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    )
    served = local.podid(
      'console',
      '--remote',
      local.ready.stateMachineArn,
      '--act',
      '--cluster',
      'eks-workshop',
    )
    served.process.stdout?.on('data', (text: string) => {
      url ||= text.split('\n')[0] ?? ''
    })
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
    page.setDefaultTimeout(enough.timeout)
    page.on('pageerror', ({ message }) => said.push(`error: ${message}`))
    page.on('console', (message) => said.push(`console: ${message.text()}`))
    page.on('dialog', (dialog) => said.push(`dialog: ${dialog.message()}`))
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url())
      if (protocol !== 'data:' && hostname !== '127.0.0.1') said.push(`request: ${request.url()}`)
    })
    await served.says('Ctrl-C')
    await page.goto(url)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    served?.process.kill('SIGINT')
    await served?.ended
    await local?.[Symbol.asyncDispose]()
  })

  /** What axe finds in the view that is shown. */
  const faults = async (...schemes: ('light' | 'dark')[]): Promise<string[]> => {
    const found: string[] = []
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      // By the page's policy no script may be added to it, and a debugger's is none of its.
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      )
      found.push(
        ...violations.map(
          ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`,
        ),
      )
    }
    return found
  }

  const dataOf = (text: string): unknown => JSON.parse(/id="data">(.*)<\/script>\n/.exec(text)?.[1] ?? '')

  it('shows a run as soon as it begins elsewhere, and where it waits', async () => {
    await page.getByRole('link', { name: 'hostile' }).waitFor()
    const started = local.podid(
      'enable',
      '--remote',
      local.ready.stateMachineArn,
      '--cluster',
      'eks-workshop',
      '--namespace',
      'carts',
      '--service-account',
      'carts',
      '--role',
      'eks-workshop-carts-dynamo',
      '--workload',
      'deployment/carts',
      '--approval',
      '--json',
    )
    await Promise.race([started.says('"for":"answer"'), started.ended])
    started.process.kill('SIGINT')
    ;[{ run }] = (await started.ended).stdout
      .split('\n')
      .slice(0, 1)
      .map((line) => JSON.parse(line)) as [{ run: string }]
    await page.getByRole('link', { name: run }).click()
    await page.locator('[data-step="AwaitApproval"][data-state="waiting"]').waitFor()
    expect(await faults('dark')).toEqual([])
  })

  it('approves it, after a question that says what it changes, and follows it to its end', async () => {
    await page.getByRole('button', { name: 'Approve …' }).click()
    expect(await page.getByRole('dialog').textContent()).toMatch(
      /Approve these changes\?\s*create an association of carts\/carts/,
    )
    expect(await faults('light')).toEqual([])
    await page.getByRole('button', { name: 'Yes, approve' }).click()
    await page.locator('article[data-run][data-state="succeeded"]').waitFor()
    expect(await page.locator('.summary').textContent()).toContain(
      'runs with the credentials of eks-workshop-carts-dynamo',
    )
    for (const step of [
      'Preflight',
      'CheckAgent',
      'AwaitApproval',
      'EnsureAssociation',
      'WatchRollout',
      'Report',
    ])
      expect(await page.locator(`[data-step="${step}"]`).getAttribute('data-state'), step).toBe('succeeded')
    expect(await page.locator('[data-step="EnsureAgent"]').getAttribute('data-state')).toBe('none')
    expect(await page.locator('[data-seen="handed-out"]').count()).toBeGreaterThan(0)
  })

  it('has the text behind it without the task token, by which anybody could have answered', async () => {
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByText('ExecutionSucceeded').waitFor()
    const text = await page.getByRole('tabpanel').textContent()
    expect(text).toContain('"type":"ExecutionStarted"')
    expect(text).not.toMatch(/[Tt]oken\\*":\\*"(?!\(hidden\))/)
    expect(await faults('light')).toEqual([])
  })

  it('is replayed, by the keyboard as well', async () => {
    const scrubber = page.getByRole('slider', { name: 'Replay' })
    await scrubber.focus()
    await scrubber.press('Home')
    await page.locator('article[data-state="running"]').waitFor()
    expect(await page.locator('[data-step="EnsureAssociation"]').getAttribute('data-state')).toBe('none')
    await scrubber.press('End')
    await page.locator('article[data-state="succeeded"]').waitFor()
    await page.locator('[data-step="WatchRollout"]').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Watch rollout', level: 2 }).waitFor()
  })

  it('is saved as one file, which shows the same without a server', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as one file' }).click(),
    ])
    const file = join(local.folder, 'run.html')
    await download.saveAs(file)
    const printed = await local.podid('console', '--export', run, '--remote', local.ready.stateMachineArn)
      .ended
    expect([printed.code, dataOf(printed.stdout)]).toEqual([0, dataOf(readFileSync(file, 'utf8'))])
    const alone = await browser.newPage()
    alone.on(
      'request',
      (request) => request.url().startsWith('http') && said.push(`request: ${request.url()}`),
    )
    alone.on('pageerror', ({ message }) => said.push(`error: ${message}`))
    await alone.goto(pathToFileURL(file).href)
    await alone.locator('article[data-run][data-state="succeeded"]').waitFor()
    expect(await alone.getByRole('button', { name: / …$/ }).count()).toBe(0)
    await alone.close()
  })

  it('is undone, by a run of its own that is then shown', async () => {
    await page.getByRole('button', { name: 'Undo …' }).click()
    await page.getByRole('button', { name: 'Yes, undo' }).click()
    await page.locator(`article[data-run]:not([data-run="${run}"])[data-state="succeeded"]`).waitFor()
    expect(await page.locator('.summary').textContent()).toContain('is put back')
  })

  it('shows names from outside as text, the bidirectional override as an escape, and runs none of it', async () => {
    await page.goto(`${url}#/`)
    expect(await page.getByRole('row', { name: /hostile/ }).textContent()).toContain(
      '<img src=x onerror=alert(1)>\\u202e',
    )
    expect(await faults('dark')).toEqual([])
    await page.getByRole('link', { name: 'hostile' }).click()
    await page.getByText('blocking: <img').waitFor()
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.locator('body').textContent()).not.toContain('\u202e')
  })

  it('shows the fleet', async () => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    await page.getByRole('row', { name: /carts\/carts/ }).waitFor()
    expect(await faults('light')).toEqual([])
  })

  it('says it when the server is gone, and keeps what it has shown', async () => {
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('link', { name: run }).click()
    await page.locator(`article[data-run="${run}"]`).waitFor()
    served.process.kill('SIGINT')
    await page.getByText('podid console does not answer').first().waitFor()
    expect(await page.locator('.summary').textContent()).toContain('runs with the credentials')
    expect((await served.ended).code).toBe(0)
  })

  it('asked nobody else, wrote nothing to the console of the browser but that, and opened no dialog', () => {
    expect(said.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(line))).toEqual([])
  })
})
