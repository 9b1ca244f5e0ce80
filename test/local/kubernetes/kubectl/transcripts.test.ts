import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CallLog } from '../../../../local/calls.ts'
import { type VirtualClock, virtualClock } from '../../../../local/clock.ts'
import { startApiServer } from '../../../../local/kubernetes/api/server.ts'
import { startControllers } from '../../../../local/kubernetes/controllers/index.ts'
import { ec2Node } from '../../../../local/kubernetes/kubelet/nodes.ts'
import { resources } from '../../../../local/kubernetes/store/resources.ts'
import { Store } from '../../../../local/kubernetes/store/store.ts'
import { needing } from '../../../support/command-line.ts'
import { adminConfig } from '../support/kubeconfig.ts'
import { commands } from './commands.ts'
import { files } from './objects.ts'

const { skipped, note } = needing('kubectl')
const exhaustive = process.env.PODID_EXHAUSTIVE === '1'

/** Without the exhaustive run, the one that only reads. */
const chosen = Object.entries(commands).filter(([name]) => exhaustive || name === 'reading')

describe.skipIf(skipped).each(chosen)(`kubectl, %s${note}`, (name, typed) => {
  let folder: string
  let environment: NodeJS.ProcessEnv
  let clock: VirtualClock
  let close: () => Promise<void>

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    clock = virtualClock({ held: true, start: Date.UTC(2026, 10, 23, 2, 22, 20) })
    const random = seeded()
    const store = new Store({ clock, random })
    const controllers = startControllers({
      store,
      clock,
      random,
      kubelet: () => ({ startMs: 500, readyAfterMs: 500, stopMs: 500, log: 'app: serving\n' }),
    })
    const server = await startApiServer({
      store,
      clock,
      calls: new CallLog(),
      authenticate: async (token) =>
        token === 'admin-token' ? { username: 'admin', groups: ['system:masters'] } : undefined,
      logs: controllers.kubelet.logs,
      beforeRead: (kind) => kind === resources.leases && controllers.kubelet.renewLeases(),
    })
    store.create(resources.namespaces, { metadata: { name: 'cmp' } })
    for (const [address, zone] of nodes)
      store.create(resources.nodes, ec2Node({ address, zone, now: store.timestamp() }))
    writeFileSync(join(folder, 'config'), JSON.stringify(adminConfig(server, 'cmp')))
    environment = {
      PATH: process.env.PATH,
      HOME: folder,
      KUBECONFIG: join(folder, 'config'),
      KUBECACHEDIR: join(folder, 'cache'),
    }
    close = async () => {
      controllers.stop()
      await server.close()
      clock.stop()
    }
    await kubectl('apply -f objects.yaml')
    await clock.advance(60_000)
  })
  afterAll(async () => {
    await close()
    rmSync(folder, { recursive: true })
  })

  /** What kubectl prints, on either stream, and how it ended where that is not well. */
  const kubectl = async (command: string): Promise<string> => {
    const waits = command.startsWith('~ ')
    const child = spawn('kubectl', words(command.replace(/^~ /, '')), { env: environment, cwd: folder })
    let printed = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        printed += text
      })
    let ended = false
    const exit = new Promise<number>((resolve) => {
      child.on('close', (exitCode) => {
        ended = true
        resolve(exitCode ?? 1)
      })
    })
    while (waits && !ended) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      await clock.advance(500)
    }
    const code = await exit
    return `${printed}${code === 0 ? '' : `[ended with ${code}]\n`}`
  }

  it('prints what it prints beside a real cluster', async () => {
    const transcript: string[] = []
    for (const command of typed.trim().split('\n')) {
      transcript.push(`$ kubectl ${command.trim()}\n${comparable(await kubectl(command.trim()))}`)
      await clock.advance(30_000)
    }
    await expect(transcript.join('\n')).toMatchFileSnapshot(`transcripts/${name}.txt`)
  }, 180_000)
})

/** The words of a command, without the quotes around them. */
const words = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, plain]) => one ?? two ?? plain ?? '')

const nodes = [
  ['10.42.10.10', 'us-west-2a'],
  ['10.42.20.10', 'us-west-2b'],
  ['10.42.30.10', 'us-west-2c'],
] as const

/** Numbers from 0 up to 1, the same in every run. */
const seeded = (): (() => number) => {
  let state = 7
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Without what the machine's time, a free port and the width of columns make different. */
const comparable = (printed: string): string =>
  printed
    .replace(/(?<![\w"])(?:\d+[ydhms]){1,2}\b/g, 'AGE')
    .replace(/(LIVE|MERGED)-\d+/g, '$1')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [\d:]{8} [+-]\d{4}/g, 'TIME')
    .replace(/\d{4}-\d\d-\d\d[T ][\d:]{8}[\d.]*( [+-]\d{4}|Z)/g, 'TIME')
    .replace(/(?<=\S)[ \t]+/g, ' ')
    .replace(/ +$/gm, '')
