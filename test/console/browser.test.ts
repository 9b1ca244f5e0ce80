import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type axe from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silent } from '../../cli/run.ts'
import { workshopBinding } from '../../local/scenarios/workshop/binding.ts'
import { type Stage, startStage } from '../../stage/stage.ts'
import { type Ended, needing } from '../support/command-line.ts'
import { type Here, type ServedHere, serveHere, startHere } from '../support/commands/here.ts'
import { fullPages } from '../support/servers/small-pages.ts'
import { healCarts } from '../support/workloads.ts'

// The console as a person has it: in a browser, beside a terminal, over the stand-ins. One stage and one page for all.
// Its server is in this process: this-machine.test.ts has one of its own.
// Where Debian has it, the shell without a browser's own windows: it needs half of the computing.
const program = needing('chromium-headless-shell').skipped ? 'chromium' : 'chromium-headless-shell'
const { skipped: none, note: why } = needing(program)
const launched = none
  ? new Error(why)
  : await chromium
      .launch({
        executablePath: `/usr/bin/${program}`,
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
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const enough = { timeout: 60_000 }

describe.skipIf(skipped)(`podid console in a browser${note}`, { timeout: 120_000 }, () => {
  let here: Here
  let stage: Stage
  let served: ServedHere
  let page: Page
  let url = ''
  let run = ''
  const said: string[] = []

  beforeAll(async () => {
    // The pods of a rollout are there for long enough that its watch sees those that it replaces.
    here = await startHere('workshop', { ...fullPages, pace: { readyAfterMs: 1000 } })
    await healCarts(here.world)
    const config = {
      account: here.world.aws.account,
      region: here.world.aws.region,
      bindings: { carts: workshopBinding(here.world) },
    }
    stage = await startStage({ world: here.world, config, log: silent })
    writeFileSync(join(here.folder, 'podid.yaml'), JSON.stringify(config))
    const runs = join(here.folder, 'podid', 'runs')
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
          type: 'step.retrying',
          run: 'hostile',
          at,
          step: name,
          visit: 1,
          attempt: 1,
          seconds: 1,
          error: name,
          message: name,
        },
        {
          type: 'rollout.progress',
          run: 'hostile',
          at,
          step: name,
          visit: 1,
          state: name,
          message: name,
          pods: [{ pod: name, node: name, revision: 'new', state: name, goneAt: name }],
        },
        {
          type: 'proof.seen',
          run: 'hostile',
          at,
          step: name,
          visit: 1,
          evidence: [{ seen: 'refused', pod: name, node: name, agent: name, at: name, reason: name }],
        },
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
    served = await serveHere(here, [
      'console',
      '--remote',
      stage.stateMachineArn,
      '--act',
      '--cluster',
      'eks-workshop',
    ])
    url = served.said.split('\n')[0] ?? ''
    const context = await browser.newContext({
      viewport: { width: 1280, height: 900 },
      timezoneId: 'Asia/Kolkata',
    })
    page = await context.newPage()
    page.setDefaultTimeout(enough.timeout)
    page.on('pageerror', ({ message }) => said.push(`error: ${message}`))
    page.on('console', (message) => said.push(`console: ${message.text()}`))
    page.on('dialog', (dialog) => said.push(`dialog: ${dialog.message()}`))
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url())
      if (protocol !== 'data:' && hostname !== '127.0.0.1') said.push(`request: ${request.url()}`)
    })
    await page.goto(url)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await served?.stop()
    await stage?.close()
    await here?.[Symbol.asyncDispose]()
  })

  /** What axe finds in the view that is shown. */
  const faults = async (...schemes: ('light' | 'dark')[]): Promise<string[]> => {
    const found: string[] = []
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme })
      // By the page's policy no script may be added to it, and a debugger's is none of its.
      if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
      // Only what is shown of its violations leaves the page: all that it looked at takes longer to send than to find.
      const violations = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
          resultTypes: ['violations'],
        })
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' ')}`,
        )
      })
      found.push(...violations.map((violation) => `${colorScheme} ${violation}`))
    }
    return found
  }

  const focused = async (place: Locator): Promise<boolean> =>
    (await place.and(page.locator(':focus')).count()) > 0
  /** Goes on with Tab until it is there, as somebody without a mouse does. */
  const tabTo = async (place: Locator): Promise<void> => {
    for (let steps = 0; steps < 200; steps++) {
      if (await focused(place)) return
      await page.keyboard.press('Tab')
    }
    throw new Error(`${place} is not reached by Tab`)
  }

  /**
   * Opens a question by the keyboard, and leaves it with Escape once: the focus stays inside while it is open, and is
   * where it was before after it is left. @returns the question, open, with the focus on its first answer
   */
  const questionOf = async (name: string): Promise<Locator> => {
    const [button, question] = [page.getByRole('button', { name }), page.getByRole('dialog')]
    const [yes, no] = ['yes', 'no'].map((answer) => page.locator(`[data-answer="${answer}"]`)) as [
      Locator,
      Locator,
    ]
    await button.waitFor()
    await tabTo(button)
    await page.keyboard.press('Enter')
    await question.waitFor()
    expect(await focused(yes)).toBe(true)
    await page.keyboard.press('Tab')
    expect(await focused(no)).toBe(true)
    const outside: string[] = []
    for (const key of ['Tab', 'Tab', 'Tab', 'Tab', 'Shift+Tab', 'Shift+Tab', 'Shift+Tab']) {
      await page.keyboard.press(key)
      const at = page.locator(':focus:not(dialog *)')
      if (await at.count()) outside.push(`${key}: ${await at.first().evaluate(({ outerHTML }) => outerHTML)}`)
    }
    expect(outside).toEqual([])
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    expect(await focused(button)).toBe(true)
    await page.keyboard.press('Enter')
    await question.waitFor()
    expect(await focused(yes)).toBe(true)
    return question
  }

  const dataOf = (text: string): unknown => JSON.parse(/id="data">(.*)<\/script>\n/.exec(text)?.[1] ?? '')

  let started: Promise<Ended>
  let undo = ''

  it('shows a run as soon as it begins elsewhere, and where it waits', async () => {
    await page.getByRole('link', { name: 'hostile' }).waitFor()
    const binding = ['--namespace', 'carts', '--service-account', 'carts', '--workload', 'deployment/carts']
    const how = ['--role', 'eks-workshop-carts-dynamo', '--approval', '--json']
    const where = ['--remote', stage.stateMachineArn, '--cluster', 'eks-workshop']
    started = here.podid('enable', ...where, ...binding, ...how)
    await page.getByRole('link', { name: /^podid-/ }).click()
    await page.locator('[data-step="AwaitApproval"][data-state="waiting"]').waitFor()
    run = (await page.locator('article[data-run]').getAttribute('data-run')) ?? ''
  })

  it('approves it by the keyboard alone, after a question that says what it changes, and follows it to its end', async () => {
    const question = await questionOf('Approve …')
    expect(await question.textContent()).toMatch(
      /Approve these changes\?\s*create an association of carts\/carts/,
    )
    expect(await faults('light')).toEqual([])
    await tabTo(page.getByRole('button', { name: 'Yes, approve' }))
    await page.keyboard.press('Enter')
    await page.locator('article[data-run][data-state="succeeded"]').waitFor()
    expect((await started).code).toBe(0)
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
    // The pods of the rollout are named as well, those that were replaced among them.
    expect(await page.locator('[data-revision="old"]').first().textContent()).toMatch(/^carts-/)
  })

  it('has the text behind it without the task token, by which anybody could have answered', async () => {
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByText('ExecutionSucceeded').waitFor()
    const text = await page.getByRole('tabpanel').textContent()
    expect(text).toContain('"type":"ExecutionStarted"')
    expect(text).not.toMatch(/[Tt]oken\\*":\\*"(?!\(hidden\))/)
    await page.getByRole('tab', { name: 'Input' }).click()
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

  it('starts a run of podid.yaml, by the keyboard alone, and not before its question was answered with yes', async () => {
    await page.getByRole('link', { name: 'Start a run' }).press('Enter')
    await page.getByRole('heading', { name: 'Start a run' }).waitFor()
    await page.getByLabel('Binding').selectOption('carts')
    expect(await faults('light')).toEqual([])
    const where = page.getByLabel('Where')
    expect(await where.inputValue()).toBe('this machine')
    await where.selectOption('podid-local-enable')
    const executions = here.world.aws.stateMachines
    const begun = executions.executionsOf(stage.stateMachineArn).length
    const question = page.getByRole('dialog', { name: 'Start this run?' })
    for (const leave of [true, false]) {
      await page.getByRole('button', { name: 'Look, then start …' }).press('Enter')
      await question.waitFor()
      expect(await question.textContent()).toContain(
        'a run of enable for carts/carts on eks-workshop starts in podid-local-enable',
      )
      expect(executions.executionsOf(stage.stateMachineArn)).toHaveLength(begun)
      if (leave) await page.keyboard.press('Escape')
    }
    // The first button of the question is where the keyboard is.
    await page.keyboard.press('Enter')
    await page.locator('article[data-state="succeeded"]').waitFor()
    await page.getByRole('tab', { name: 'Log' }).press('Enter')
    await page.getByText('"message":"VerifyRole"').waitFor()
  })

  it('shows a rollout with its waves, and leads to the runs of its bindings', async () => {
    stageRollout()
    await page.getByRole('link', { name: 'Runs' }).press('Enter')
    await page.getByRole('link', { name: 'rollout-one', exact: true }).click()
    await page.locator('[data-wave="1"][data-state="passed"]').waitFor()
    expect(await faults('dark')).toEqual([])
    await page.getByRole('region', { name: 'Bindings by clusters and waves' }).getByRole('link').click()
    await page.getByText('a part of rollout-one').waitFor()
  })

  const stageRollout = () =>
    here.world.aws.stateMachines.start(
      stage.rolloutMachineArn,
      JSON.stringify({ bindings: 'all' }),
      'rollout-one',
    )

  it('shows the fleet', async () => {
    await page.getByRole('link', { name: 'Fleet' }).click()
    // Runs and rollouts come by requests of their own.
    await page.getByRole('columnheader', { name: 'Wave 1' }).waitFor()
    await page.getByRole('row', { name: /carts\/carts.*Pod Identity.*skipped/ }).waitFor()
    expect(await faults('light')).toEqual([])
  })

  it('is undone by the keyboard alone, after a question, by a run of its own that is then shown', async () => {
    await page.goto(`${url}#/runs/${run}`)
    const question = await questionOf('Undo …')
    expect(await question.textContent()).toContain(`what ${run} changed is put back`)
    await tabTo(page.getByRole('button', { name: 'Yes, undo' }))
    await page.keyboard.press('Enter')
    await page.locator(`article[data-run]:not([data-run="${run}"]) header`, { hasText: 'undo on' }).waitFor()
    undo = page.url()
  })

  it('is saved as one file, which shows the same without a server', async () => {
    await page.goto(`${url}#/runs/${run}`)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Save as one file' }).click(),
    ])
    const file = join(here.folder, 'run.html')
    await download.saveAs(file)
    const printed = await here.podid('console', '--export', run, '--remote', stage.stateMachineArn)
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

  it('shows names from outside as text, the bidirectional override as an escape, and runs none of it', async () => {
    await page.goto(`${url}#/`)
    expect(await page.getByRole('row', { name: /hostile/ }).textContent()).toContain(
      '<img src=x onerror=alert(1)>\\u202e',
    )
    // A time is the reader's, and UTC when it is pointed at.
    const began = page.getByRole('row', { name: /hostile/ }).getByTitle('2026-11-20T10:00:00.000Z')
    expect(await began.first().textContent()).toMatch(/Nov 20, 2026.*03:30:00 PM/)
    expect(await faults('light')).toEqual([])
    await page.getByRole('link', { name: 'hostile' }).click()
    await page.getByText('blocking: <img').waitFor()
    expect(await faults('dark')).toEqual([])
    expect(await page.locator('img').count()).toBe(0)
    await page.getByRole('tab', { name: 'Log' }).click()
    await page.getByText('there is no log of this run').waitFor()
    // In no text, and in no attribute that is read aloud or shown when it is pointed at.
    expect(await page.content()).not.toContain('\u202e')
    expect(await page.locator('.node').textContent()).toContain('<img src=x onerror=alert(1)>\\u202e')
  })

  it('has put back what it had changed', async () => {
    await page.goto(undo)
    await page.locator('article[data-run][data-state="succeeded"]').waitFor()
    expect(await page.locator('.summary').textContent()).toContain('is as it was before')
  })

  it('says it when the server is gone, and keeps what it has shown', async () => {
    await page.getByRole('link', { name: 'Runs' }).click()
    await page.getByRole('link', { name: run }).click()
    await page.locator(`article[data-run="${run}"]`).waitFor()
    expect(await served.stop()).toBe(0)
    await page.getByText('podid console does not answer').first().waitFor()
    expect(await page.locator('.summary').textContent()).toContain('runs with the credentials')
  })

  it('asked nobody else, wrote nothing to the console of the browser but that, and opened no dialog', () => {
    expect(said.filter((line) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED/.test(line))).toEqual([])
  })
})
