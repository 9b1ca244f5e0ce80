import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transform } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { clusterRights } from '../../core/steps/cluster-rights.ts'
import { installedPackage, needing, npm, plainEnv } from '../support/command-line.ts'

const root = join(import.meta.dirname, '../..')
const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
const nodes = process.env.PODID_EXHAUSTIVE === '1' ? ['this', '22.19', '22', '24'] : ['this']
const kubectl = needing('kubectl')

describe('the package, installed where nothing else is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-package-'))
  const installed = join(folder, 'node_modules/podid')
  // Elsewhere: there it would find the packages of this project beside it.
  beforeAll(async () => cpSync(await installedPackage(), folder, { recursive: true, verbatimSymlinks: true }))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const start = (node: string, ...args: string[]) => {
    const env = {
      ...plainEnv(),
      XDG_STATE_HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
    }
    return spawn(node, [...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  }
  const run = async (node: string, ...args: string[]) => {
    const child = start(node, ...args)
    const said = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text
      })
    const [code] = await once(child, 'close')
    return { ...said, code: code as number | null }
  }
  const podid = 'node_modules/.bin/podid'

  it('is podid alone, without tests, sources and dependencies', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'podid',
    ])
    const files = globSync('**/*', { cwd: installed }).filter((file) =>
      statSync(join(installed, file)).isFile(),
    )
    // What a cluster lacks is named by its line there.
    const manifests = clusterRights.map(({ file }) => file)
    expect(files).toEqual(expect.arrayContaining(manifests))
    expect(files.filter((file) => !/^(?:dist|manifests)\//.test(file)).sort()).toEqual([
      'LICENSE',
      'README.md',
      'cli/podid.js',
      'package.json',
      'podid.schema.json',
    ])
    expect(files.filter((file) => /\.ts$|\.map$/.test(file))).toEqual([])
  })

  it('loads three files for a run, without the clients that only a deployed stage needs', () => {
    const read = (name: string) => readFileSync(join(installed, 'dist', name), 'utf8')
    const layers = ['podid', 'early', 'late']
    const required = (name: string) =>
      [
        ...new Set([...read(`${name}.cjs`).matchAll(/\brequire\("\.\/([^"]+)"\)/g)].map(([, file]) => file)),
      ].sort()
    expect(layers.map(required)).toEqual([[], ['podid.mjs'], ['early.mjs', 'podid.mjs']])
    // What each of these services calls itself in a request.
    for (const service of ['DynamoDB_20120810', 'AWSEvents', 'AWSStepFunctions', 'AmazonSQS']) {
      const files = globSync('*.{mjs,cjs}', { cwd: join(installed, 'dist') }).filter(
        (name) => name !== 'stand-ins.mjs' && read(name).includes(service),
      )
      expect(files, service).not.toEqual([])
      expect(files, service).not.toContainEqual(expect.stringMatching(/^(?:podid|early|late)\./))
    }
    expect(Buffer.byteLength(read('podid.cjs'))).toBeLessThan(100_000)
  })

  it('starts with what an earlier process compiled, whole or spoilt, and where none can be kept', async () => {
    const kept = () => globSync('cache/podid/*/*-none.layer', { cwd: folder })
    const version = async (env: NodeJS.ProcessEnv = {}) => {
      const child = spawn(process.execPath, [podid, '--version'], {
        cwd: folder,
        env: { ...plainEnv(), XDG_CACHE_HOME: join(folder, 'cache'), ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [[said], [code]] = await Promise.all([once(child.stdout, 'data'), once(child, 'close')])
      return [String(said), code]
    }
    const right = [
      `${(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { version: string }).version}\n`,
      0,
    ]
    // Several at once share one cache.
    expect(await Promise.all([version(), version(), version()])).toEqual([right, right, right])
    expect(kept()).toHaveLength(1)
    const file = join(folder, kept()[0] ?? '')
    const whole = readFileSync(file)
    const middle = whole.length >> 1
    for (const spoilt of [
      Buffer.from('x'),
      whole.subarray(0, middle),
      Buffer.from(whole).fill(1, middle, middle + 99),
    ]) {
      writeFileSync(file, spoilt)
      expect(await version()).toEqual(right)
      // Made anew.
      expect(readFileSync(file).length).toBeGreaterThan(middle)
    }
    expect(await version({ NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual(right)
    expect(await version({ XDG_CACHE_HOME: join(folder, 'package.json') })).toEqual(right)
  })

  it('names each package that is in it, with its licence', () => {
    const text = readFileSync(join(installed, 'dist/THIRD-PARTY.txt'), 'utf8')
    for (const part of [
      'commander 15',
      'yaml 2',
      'preact 11',
      '@dagrejs/dagre 3',
      '@aws-sdk/client-eks 3',
      '@middy/core 7',
      'zod 4',
    ])
      expect(text).toMatch(new RegExp(`^${part}[\\d.]+ \\((?:MIT|ISC|Apache-2\\.0)\\)$`, 'm'))
    expect(text).toContain('Copyright (c) 2011 TJ Holowaychuk')
    expect(text).toContain('Copyright 2014-2021 Christopher Brown.')
  })

  describe.concurrent.each(nodes)('under %s Node', (which) => {
    let node = process.execPath
    beforeAll(async () => {
      if (which === 'this') return
      const place = join(folder, `node-${which}`)
      mkdirSync(place)
      writeFileSync(join(place, 'package.json'), JSON.stringify({ allowScripts: { node: true } }))
      await npm(place, 'install', '--no-audit', '--no-fund', `node@${which}`)
      node = join(place, 'node_modules/.bin/node')
    })

    it('says its version and its commands', async () => {
      expect(await run(node, podid, '--version')).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 })
      const { stdout, code } = await run(node, podid, '--help')
      expect(code).toBe(0)
      expect(stdout).toMatch(/^ {2}enable \[options\]/m)
    })

    it('tells a faulty scenario in a sentence, as the bundle of the stand-ins has its own errors', async () => {
      const { stderr, code } = await run(node, podid, 'local', '--scenario', 'moon')
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/^podid: there is no scenario moon; there are\n/),
      })
    })

    it("plays the demo, whose last line is the report's", async () => {
      const { stdout, code } = await run('sh', '-c', `'${node}' '${podid}' demo 2>&1`)
      const lines = stdout.trimEnd().split('\n')
      expect(code).toBe(0)
      expect(lines.at(-1)).toMatch(/^Took [\d.]+s; propagation [\d.]+s .*; rollout [\d.]+s$/)
      // Which agent handed it credentials, and when.
      expect(lines[lines.indexOf('Credentials handed out') + 1]).toMatch(
        /^ {2}carts-\w+-\w+ {2}by kube-system\/eks-pod-identity-agent-\w+ at \d{4}-\d\d-\d\dT[\d:]+Z, session eks-eks-worksh-carts-\S+$/,
      )
    })

    it(`ends with the shell that npx has put before it, and serves what kubectl explains until then${kubectl.note}`, async () => {
      // As npx starts it: by a shell that is there as long as it is.
      const local = start('sh', '-c', `export npm_command=exec; '${node}' '${podid}' local --json; true`)
      let config = ''
      try {
        const [line] = await once(local.stdout, 'data')
        const { kubeconfig } = JSON.parse(String(line)) as { kubeconfig: string }
        config = kubeconfig
        const explained = ['--kubeconfig', kubeconfig, 'explain', 'pod.spec.serviceAccountName']
        if (!kubectl.skipped)
          expect((await run('kubectl', ...explained)).stdout).toContain(
            'ServiceAccountName is the name of the ServiceAccount to use to run this pod',
          )
      } finally {
        local.kill('SIGTERM')
        // Its pipes close when the last process that holds them is gone.
        await once(local, 'close')
      }
      expect(existsSync(dirname(config))).toBe(false)
    })
  })

  it('tells an older Node in one sentence what it needs', async () => {
    const read = async (target: string) =>
      (await transform(readFileSync(join(installed, 'cli/podid.js'), 'utf8'), { target })).code
    expect(await read('node12.20')).toBe(await read('esnext'))
    const old = `data:text/javascript,${encodeURIComponent(
      "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.18.0' } })",
    )}`
    const { stdout, stderr, code } = await run(process.execPath, '--import', old, podid, '--help')
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toBe(`podid needs Node 22.19 or newer, and this is ${process.version}.\n`)
  })
})
