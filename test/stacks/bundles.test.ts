import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { budgetKiB } from '../../stacks/synth/budget.ts'
import { type Bundle, bundle } from '../../stacks/synth/bundle.ts'
import { platform } from '../../stacks/synth/platform.ts'
import { startWorkshop } from '../support/run.ts'
import { root } from './support.ts'

const handlers = globSync('functions/{steps,integrations}/*.ts', { cwd: root }).map((file) =>
  file.replace(/\.ts$/, '.handler'),
)

let bundles: Bundle[]
let folder: string

beforeAll(async () => {
  bundles = await bundle(root, handlers)
  folder = await mkdtemp(join(tmpdir(), 'podid-bundles-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const bundleOf = (name: string): Bundle => {
  const found = bundles.find(({ handler }) => handler.endsWith(`/${name}.handler`))
  if (!found) throw new Error(`no function ${name}`)
  return found
}

describe('bundles', () => {
  it.each(handlers)('%s stays within its budget', (handler) => {
    const one = bundles.find((candidate) => candidate.handler === handler) as Bundle
    expect(one.code.length / 1024).toBeLessThan(budgetKiB(one))
  })

  it('take only the types of the Kubernetes client, and Node’s own HTTPS', () => {
    for (const { handler, packages } of bundles) {
      const clients = Object.keys(packages).filter((one) => /kubernetes|undici/.test(one))
      expect(clients, handler).toEqual([])
    }
  })

  it('hold one copy of the SDK without its search for credentials', () => {
    for (const { handler, packages } of bundles) {
      const searching = Object.keys(packages).filter((one) => one.startsWith('@aws-sdk/credential-provider'))
      expect(searching, handler).toEqual([])
    }
  })

  it.each([
    ['resolve-request', []],
    ['take-turn', ['dynamodb', 'sfn']],
    ['await-cluster', ['eks']],
    ['check-agent', ['eks']],
    ['verify-role', ['accessanalyzer', 'eks', 'iam']],
    ['verify-workload', []],
    ['check-association', ['eks']],
    ['ensure-association', ['eks']],
    ['await-injection', []],
    ['restart-workload', []],
    ['watch-rollout', []],
    ['verify-credentials', ['eks']],
    ['report', []],
  ])('of %s, which every run waits for, holds the clients of %j alone', (name, clients) => {
    const held = Object.keys(bundleOf(name).packages).flatMap(
      (one) => /^@aws-sdk\/client-(.+)/.exec(one)?.[1] ?? [],
    )
    expect(held.sort()).toEqual(clients)
  })

  it("are made by a plugin that works in the process in which SST's CLI runs it", async () => {
    const sst = await platform(root)
    const host = spawn(
      process.execPath,
      [join(sst.sources, 'functions/nodejs-runtime/plugin.mjs'), join(root, 'stacks/bundling/plugin.ts')],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const answers = createInterface({ input: host.stdout })[Symbol.asyncIterator]()
    const ask = async (command: string, value: object) => {
      host.stdin.write(`${JSON.stringify({ id: 1, command, value })}\n`)
      return (JSON.parse(String((await answers.next()).value)) as { value: Record<string, unknown> }).value
    }
    const importer = join(root, 'adapters/eks/eks.ts')
    const sdk = { path: '@aws-sdk/credential-provider-node', importer, resolveDir: root }
    expect(await ask('resolve', sdk)).toEqual({ path: join(root, 'stacks/bundling/no-credential-chain.ts') })
    expect(await ask('resolve', { ...sdk, path: '@aws-sdk/client-eks' })).toEqual({})
    const schemas = join(root, 'node_modules/@aws-sdk/client-eks/dist-es/schemas/schemas_0.js')
    expect(await ask('load', { path: schemas })).toMatchObject({ loader: 'js' })
    host.stdin.end()
    await new Promise((ended) => host.on('close', ended))
  })

  it('a handler that is not there is an error that names it', async () => {
    await expect(bundle(root, ['functions/nowhere.handler'])).rejects.toThrow(
      'functions/nowhere.handler has no file',
    )
    await expect(bundle(root, ['functions/steps/report.nothing'])).rejects.toThrow(
      'functions/steps/report.ts does not export nothing',
    )
  })
})

interface Outcome {
  returned?: unknown
  errorType?: string
  errorMessage?: string
}

/** Runs a bundle in a process of its own, as Lambda's runtime does, and answers what the handler threw or returned. */
const invoke = async (name: string, event: unknown, env: Record<string, string> = {}) => {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, bundleOf(name).code)
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `const { handler } = await import(${JSON.stringify(file)})
       const answer = await handler(${JSON.stringify(event)}, {}).then(
         (returned) => ({ returned }),
         // What Lambda makes of a thrown error, and Retry and Catch match.
         ({ name, message }) => ({ errorType: name, errorMessage: message }))
       process.stdout.write('\\n' + JSON.stringify(answer))
       process.exit(0)`,
    ],
    {
      env: { PATH: process.env.PATH ?? '', AWS_REGION: 'us-west-2', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  let logged = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  // Lambda's runtime logs from both streams.
  child.stderr.on('data', (chunk: Buffer) => {
    logged += chunk.toString()
  })
  await new Promise((ended) => child.on('close', ended))
  const lines = said.split('\n')
  return {
    logged: [...lines.slice(0, -1), logged].join('\n'),
    ...(JSON.parse(lines.at(-1) ?? '') as Outcome),
  }
}

const request = async (account = '111122223333') => {
  const input = {
    cluster: 'eks-workshop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`,
  }
  const arn = `arn:aws:states:us-west-2:${account}:execution:podid-dev-enable:run-1`
  const execution = { arn, startTime: '2026-11-23T10:00:00.123Z' }
  return (await invoke('resolve-request', { input, execution })).returned
}

it('what is left out of a bundle is not missed: a function reads a cluster over TLS', async () => {
  await using world = await startWorkshop({ time: 'real' })
  const { aws } = world
  const env = {
    AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    AWS_ENDPOINT_URL: aws.url,
  }
  const asked = await request(aws.account)
  const { returned } = await invoke('await-cluster', { request: asked }, env)
  const { cluster } = returned as { cluster: object }
  expect(await invoke('check-agent', { request: asked, cluster }, env)).toMatchObject({
    returned: { action: 'none', management: 'addon', ready: 3 },
  })
})

describe('what a bundled function throws keeps its name', () => {
  it('InvalidRequest for a faulty request', async () => {
    const execution = { arn: 'arn:aws:states:us-west-2:111122223333:execution:m:r', startTime: '2026-11-23' }
    const failed = await invoke('resolve-request', { input: { cluster: 7 }, execution })
    expect(failed.errorType).toBe('InvalidRequest')
    expect(failed.errorMessage).toContain('- cluster: ')
    expect(failed.logged).toContain('- cluster: ')
  })

  it('Transient for a service that is away, after the SDK has tried again', async () => {
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_MAX_ATTEMPTS: '1',
    }
    const { errorType } = await invoke('await-cluster', { request: await request() }, env)
    expect(errorType).toBe('Transient')
  })

  it('each of them, even where a bundler renames classes', async () => {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ['core/errors.ts'],
      bundle: true,
      format: 'esm',
      minify: true,
      keepNames: false,
      write: false,
    })
    const file = join(folder, 'errors.mjs')
    await writeFile(file, outputFiles[0]?.contents ?? '')
    const exported: Record<string, unknown> = await import(file)
    const classes = Object.entries(exported).filter(
      (entry): entry is [string, new (message: string) => Error] =>
        typeof entry[1] === 'function' && entry[0] !== 'PodidError',
    )
    expect(classes.length).toBeGreaterThan(5)
    expect(classes.map(([, Thrown]) => new Thrown('').name)).toEqual(classes.map(([name]) => name))
  })
})
