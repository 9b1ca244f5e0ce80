import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentAddon } from '../core/agent.ts'
import { everydayPace } from '../local/world.ts'
import { layOutPackage } from '../packaging/layout.ts'

/** Milliseconds from the first command to the end of the last one. */
export interface Duration {
  total: number
  /** Less what cannot be made faster: propagation, and the start and readiness of the new pod. */
  overhead: number
}

/** Medians of the rounds, in milliseconds. */
export interface EnablementBenchmark {
  rounds: number
  propagation: number
  readiness: number
  /** `podid enable`, its process from start to exit. */
  podid: Duration
  /** Of that, the execution of the state machine. */
  workflow: Duration
  /** Where the overhead of the process goes, in the order of the run: each phase less what it has to wait for. */
  phases: Record<Phase, number>
  /** The page's commands, one after the other; absent where a program that they need is not on this machine. */
  page?: {
    /** All of them. */
    all: Duration
    /** The three that act: associate, restart, watch. */
    acting: Duration
  }
}

/** The parts of a run that are measured by themselves. */
const phases = {
  start: 'start of the process, to the first step',
  checks: 'checks, before anything is changed',
  association: 'association, beyond its propagation',
  rollout: "restart and rollout, beyond the pod's start",
  proof: 'proof: each new pod was handed credentials',
  end: 'report and exit',
} as const
type Phase = keyof typeof phases

const propagation = 1000
const readyAfter = 500
const readiness = everydayPace.startMs + readyAfter
/** What the page pauses between the association and the restart. */
const pagePause = 30_000

const binding = [
  ...['--cluster', 'eks-workshop', '--namespace', 'carts', '--service-account', 'carts'],
  ...['--role', 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo', '--workload', 'deployment/carts'],
  ...['--need', 'dynamodb:Query@arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts/index/*'],
]

const look = [
  `kubectl -n kube-system get daemonset ${agentAddon}`,
  `kubectl -n kube-system get pods -l app.kubernetes.io/name=${agentAddon}`,
  "aws iam get-policy-version --version-id v1 --policy-arn arn:aws:iam::123456789012:policy/eks-workshop-carts-dynamo --query 'PolicyVersion.Document'",
  "aws iam get-role --query 'Role.AssumeRolePolicyDocument' --role-name eks-workshop-carts-dynamo",
]
const associate =
  'aws eks create-pod-identity-association --cluster-name eks-workshop --role-arn arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo --namespace carts --service-account carts'
const lookAgain = ["kubectl -n carts describe deployment carts | grep 'Service Account'"]
const restart = [
  'kubectl -n carts rollout restart deployment/carts',
  'kubectl -n carts rollout status deployment/carts',
]

/** Builds the package, and enables carts by its `podid enable` and by the page's commands in turns, each on stand-ins fresh from their start. */
export const benchEnablement = async (rounds = 5): Promise<EnablementBenchmark> => {
  const times = {
    podid: [] as number[],
    workflow: [] as number[],
    all: [] as number[],
    acting: [] as number[],
  }
  const parts: Record<Phase, number>[] = []
  const place = await mkdtemp(join(tmpdir(), 'podid-package-'))
  podid = await layOutPackage(place)
  const withPage = await succeeds('aws --version && kubectl version --client')
  for (let round = -1; round < rounds; round++) {
    const ours = await onStandIns(enable)
    const theirs = withPage ? await onStandIns(followPage) : undefined
    if (round < 0) continue // the first round fills caches
    times.podid.push(ours.total)
    times.workflow.push(ours.workflow)
    parts.push(ours.phases)
    if (theirs) {
      times.all.push(theirs.all)
      times.acting.push(theirs.acting)
    }
  }
  await rm(place, { recursive: true })
  return {
    rounds,
    propagation,
    readiness,
    podid: duration(times.podid),
    workflow: duration(times.workflow),
    phases: byPhase((phase) => median(parts.map((part) => part[phase]))),
    ...(withPage ? { page: { all: duration(times.all), acting: duration(times.acting) } } : {}),
  }
}

const enable = async (
  env: NodeJS.ProcessEnv,
): Promise<{ total: number; workflow: number; phases: Record<Phase, number> }> => {
  const startedAt = Date.now()
  const start = performance.now()
  const said = await output([process.execPath, podid, 'enable', '--json', ...binding], env)
  const total = performance.now() - start
  const events = said
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; at: string; step?: string; duration?: number })
  const last = events.at(-1)
  if (last?.type !== 'run.succeeded') throw new Error(`podid enable ended with ${said}`)
  const begins = (step: string): number =>
    Date.parse(events.find((event) => event.type === 'step.started' && event.step === step)?.at ?? '')
  const [checks, association, rollout, proof, report] = [
    'ResolveRequest',
    'EnsureAssociation',
    'RestartWorkload',
    'VerifyCredentials',
    'Report',
  ].map(begins) as [number, number, number, number, number]
  return {
    total,
    workflow: (last.duration ?? 0) * 1000,
    phases: {
      start: checks - startedAt,
      checks: association - checks,
      association: rollout - association - propagation,
      rollout: proof - rollout - readiness,
      proof: report - proof,
      end: startedAt + total - report,
    },
  }
}

const byPhase = (of: (phase: Phase) => number): Record<Phase, number> =>
  Object.fromEntries((Object.keys(phases) as Phase[]).map((phase) => [phase, of(phase)])) as Record<
    Phase,
    number
  >

const median = (values: number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

/** The pause is not slept: the page gets to know the very moment at which the association has arrived. */
const followPage = async (env: NodeJS.ProcessEnv): Promise<{ all: number; acting: number }> => {
  const took = async (commands: string[]) => {
    const start = performance.now()
    for (const command of commands) await output(['bash', '-o', 'pipefail', '-c', command], env)
    return performance.now() - start
  }
  const looked = await took(look)
  const start = performance.now()
  const { association } = JSON.parse(await output(['bash', '-c', associate], env)) as {
    association: { createdAt: number | string }
  }
  const { createdAt } = association
  const arrives =
    new Date(typeof createdAt === 'number' ? createdAt * 1000 : createdAt).getTime() + propagation
  await sleep(Math.max(0, arrives - Date.now()))
  const associated = performance.now() - start
  const lookedAgain = await took(lookAgain)
  const acting = associated + (await took(restart))
  return { all: looked + lookedAgain + acting, acting }
}

/** The command line as its package has it; laid out by the first round. */
let podid = ''

/** Starts `podid local`, runs the work with an environment that points at it, and stops it. */
const onStandIns = async <Result>(work: (env: NodeJS.ProcessEnv) => Promise<Result>): Promise<Result> => {
  const pace = ['--propagation', String(propagation / 1000), '--readiness', String(readyAfter / 1000)]
  const local = spawn(process.execPath, [podid, 'local', '--json', ...pace], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<void>((resolve) => local.once('close', () => resolve()))
  const folder = await mkdtemp(join(tmpdir(), 'podid-bench-'))
  try {
    const ready = await firstLine(local.stdout)
    return await work(environment(JSON.parse(ready) as Record<string, string>, folder))
  } finally {
    local.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true })
  }
}

const environment = (ready: Record<string, string>, folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  AWS_ENDPOINT_URL: ready.awsEndpoint,
  AWS_REGION: ready.region,
  AWS_DEFAULT_REGION: ready.region,
  AWS_ACCESS_KEY_ID: ready.accessKeyId,
  AWS_SECRET_ACCESS_KEY: ready.secretAccessKey,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_PAGER: '',
  KUBECONFIG: ready.kubeconfig,
  KUBECACHEDIR: folder,
})

const firstLine = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  let text = ''
  for await (const chunk of stream) {
    text += chunk.toString()
    if (text.includes('\n')) return text
  }
  throw new Error('podid local ended before it was ready')
}

/** What a command said; throws where it fails. */
const output = ([command = '', ...args]: string[], env: NodeJS.ProcessEnv): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0
        ? resolve(said)
        : reject(new Error(`${[command, ...args].join(' ')} ended with ${code}: ${said}`)),
    )
  })

const succeeds = (command: string): Promise<boolean> =>
  output(['bash', '-c', `{ ${command}; } >/dev/null 2>&1`], process.env).then(
    () => true,
    () => false,
  )

const duration = (totals: number[]): Duration => {
  const total = median(totals)
  return { total, overhead: total - propagation - readiness }
}

if (import.meta.main) {
  const { rounds, podid: ours, workflow, page, phases: took } = await benchEnablement()
  const rows: [what: string, duration: Duration][] = [
    ['podid enable, the whole process', ours],
    ['  of that, the workflow', workflow],
    ...(page
      ? ([
          ["the page's commands", page.all],
          ['  of those, the three that act', page.acting],
        ] as const)
      : []),
  ].map(([what, took]) => [what, took] as [string, Duration])
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`.padStart(9)
  process.stdout.write(
    `podid as its npm package has it, built for this; medians of ${rounds} rounds; propagation ${seconds(propagation).trim()}, the new pod's start and readiness ${seconds(readiness).trim()}\n` +
      `${''.padEnd(34)}    total   beyond both   ratio\n` +
      rows
        .map(
          ([what, { total, overhead }]) =>
            `${what.padEnd(34)}${seconds(total)}   ${seconds(overhead)}   ${(overhead / ours.overhead).toFixed(2).padStart(7)}\n`,
        )
        .join('') +
      `Where the ${seconds(ours.overhead).trim()} of the process go, medians by themselves:\n` +
      Object.entries(phases)
        .map(([phase, what]) => `  ${what.padEnd(45)}${seconds(took[phase as Phase])}\n`)
        .join('') +
      (page
        ? `The page's pause of ${pagePause / 1000} s is not slept but replaced by the propagation itself: as written, it takes ${seconds(page.all.total - propagation + pagePause).trim()}.\n`
        : 'The page is not followed: aws or kubectl is not on this machine.\n'),
  )
}
