import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servedOperations, servedText } from '../../local/aws/served.ts'
import { scenarios } from '../../local/scenarios/index.ts'
import { type Pace, startWorld, type World } from '../../local/world.ts'
import { localSettings, type Stage, startStage } from '../../stage/stage.ts'
import { type ExitCode, exit } from '../exit.ts'
import { silent } from '../run.ts'
import { UsageError } from '../usage-error.ts'

export interface LocalFlags {
  scenario: string
  /** Milliseconds. */
  propagation?: number
  /** Milliseconds. */
  readiness?: number
  json?: boolean
}

/** `podid local`: starts the stand-ins, says how to reach them, and serves until it is stopped. */
export const local = async (flags: LocalFlags): Promise<ExitCode> => {
  const scenario = scenarios[flags.scenario]
  if (!scenario) {
    const known = Object.entries(scenarios).map(([name, { description }]) => `  ${name}: ${description}`)
    throw new UsageError(`there is no scenario ${flags.scenario}; there are\n${known.join('\n')}`)
  }
  const world = await startWorld(scenario, { pace: paceOf(flags) })
  // Not before: until there is something to put away, a signal ends the process by itself.
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  const orphaned = leftBehind()
  const stage = await startStage({ world, config: localSettings(world), log: silent })
  world.aws.bus.keepTime()
  const folder = mkdtempSync(join(tmpdir(), 'podid-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, [...world.clusters.values()][0]?.kubeconfig ?? '', { mode: 0o600 })
    const ready = { ...endpoints(world), ...waysIn(stage), kubeconfig }
    process.stdout.write(flags.json ? `${JSON.stringify(ready)}\n` : guide(world, ready))
    // Listening servers keep the process alive; a scenario without any would not.
    await Promise.race([stopped, orphaned])
    return exit.done
  } finally {
    rmSync(folder, { recursive: true })
    await stage.close()
    await world.close()
  }
}

/** `podid local --served`: what of AWS is served, from the code. */
export const printServed = async ({ json }: { json?: boolean }): Promise<ExitCode> => {
  const served = await servedOperations()
  process.stdout.write(json ? `${JSON.stringify(served)}\n` : servedText(served))
  return exit.done
}

const lookAgainMs = 250

/**
 * Resolves when npx is gone: it runs a command through a shell, which a SIGTERM ends alone. Whoever starts this
 * program in other ways may go and leave it running.
 */
const leftBehind = (): Promise<void> =>
  new Promise((resolve) => {
    if (process.env.npm_command !== 'exec') return
    const parent = process.ppid
    const timer = setInterval(() => {
      if (process.ppid === parent) return
      clearInterval(timer)
      resolve()
    }, lookAgainMs)
    timer.unref()
  })

const paceOf = ({ propagation, readiness }: LocalFlags): Partial<Pace> => ({
  ...(propagation === undefined ? {} : { propagationMs: [propagation] }),
  ...(readiness === undefined ? {} : { readyAfterMs: readiness }),
})

/** Everything a program needs to reach the stand-ins, but for what this process adds to them. */
const endpoints = ({ aws }: World) => ({
  awsEndpoint: aws.url,
  region: aws.region,
  account: aws.account,
  accessKeyId: aws.credentials.accessKeyId,
  secretAccessKey: aws.credentials.secretAccessKey,
})

/** How runs are started besides the command line. */
const waysIn = ({ stateMachineArn, slack, integrations, webhookSecret }: Stage) => ({
  stateMachineArn,
  slackUrl: slack.url,
  webhookUrl: `${integrations.functionUrl.url}/hooks`,
  webhookSecret,
})

type Ready = ReturnType<typeof endpoints> & ReturnType<typeof waysIn> & { kubeconfig: string }

const guide = ({ clusters }: World, ready: Ready): string => {
  const { awsEndpoint, region, account, accessKeyId, secretAccessKey, kubeconfig } = ready
  return `The stand-ins are up. In another terminal, point the AWS CLI, kubectl and podid at them:

  export AWS_ENDPOINT_URL=${awsEndpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_ACCOUNT_ID=${account}
  export KUBECONFIG=${kubeconfig} KUBECACHEDIR=${kubeconfig}-cache EKS_CLUSTER_NAME=${[...clusters.keys()][0]}

The state machine is ${ready.stateMachineArn}
A stand-in for Slack, where /pod-identity can be played through: ${ready.slackUrl}
The webhook for other callers: ${ready.webhookUrl}
Stop with Ctrl-C.
`
}
