import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { scenarios } from '../../local/scenarios/index.ts'
import { type Pace, startWorld, type World } from '../../local/world.ts'
import { UsageError } from '../binding.ts'
import { stateMachineArn } from '../execution.ts'
import { type ExitCode, exit } from '../exit.ts'

export interface LocalFlags {
  scenario: string
  /** Milliseconds. */
  propagation?: number
  /** Milliseconds. */
  readiness?: number
  json?: boolean
}

/** `podid local`: starts the stand-ins, says how to reach them, and serves until it is told to stop. */
export const local = async (flags: LocalFlags): Promise<ExitCode> => {
  const scenario = scenarios[flags.scenario]
  if (!scenario) {
    const known = Object.entries(scenarios).map(([name, { description }]) => `  ${name}: ${description}`)
    throw new UsageError(`there is no scenario ${flags.scenario}; there are\n${known.join('\n')}`)
  }
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
  const world = await startWorld(scenario, { pace: paceOf(flags) })
  const folder = mkdtempSync(join(tmpdir(), 'podid-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    writeFileSync(kubeconfig, [...world.clusters.values()][0]?.kubeconfig ?? '', { mode: 0o600 })
    process.stdout.write(
      flags.json ? `${JSON.stringify(endpoints(world, kubeconfig))}\n` : guide(world, kubeconfig),
    )
    // Listening servers keep the process alive; a story without any would not.
    await stopped
    return exit.done
  } finally {
    rmSync(folder, { recursive: true })
    await world.close()
  }
}

const paceOf = ({ propagation, readiness }: LocalFlags): Partial<Pace> => ({
  ...(propagation === undefined ? {} : { propagationMs: [propagation] }),
  ...(readiness === undefined ? {} : { readyAfterMs: readiness }),
})

/** Everything a program needs to reach the stand-ins. */
const endpoints = ({ aws }: World, kubeconfig: string) => ({
  awsEndpoint: aws.url,
  region: aws.region,
  account: aws.account,
  accessKeyId: aws.credentials.accessKeyId,
  secretAccessKey: aws.credentials.secretAccessKey,
  kubeconfig,
  stateMachineArn: stateMachineArn(aws.account, aws.region),
})

const guide = (world: World, kubeconfig: string): string => {
  const {
    awsEndpoint,
    region,
    account,
    accessKeyId,
    secretAccessKey,
    stateMachineArn: machine,
  } = endpoints(world, kubeconfig)
  return `The stand-ins are up. In another terminal, point the AWS CLI, kubectl and podid at them:

  export AWS_ENDPOINT_URL=${awsEndpoint} AWS_REGION=${region} AWS_DEFAULT_REGION=${region}
  export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_ACCOUNT_ID=${account}
  export KUBECONFIG=${kubeconfig} KUBECACHEDIR=${kubeconfig}-cache EKS_CLUSTER_NAME=${[...world.clusters.keys()][0]}

The state machine is ${machine}
Stop with Ctrl-C.
`
}
