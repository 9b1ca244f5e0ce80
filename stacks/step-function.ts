import type { Config } from '../core/config.ts'
import { type FunctionSpec, podidFunction } from './function.ts'
import { permissions } from './permissions.ts'
import type { Scope } from './scope.ts'
import { settingsAsJson } from './settings.ts'
import type { Storage } from './storage.ts'

/** A function that a state of a definition calls, by the version that this deployment published. */
export interface StepFunction {
  /** The placeholder in the definition. */
  name: string
  fn: sst.aws.Function
  /** `…:function:NAME:7` */
  versionArn: $util.Output<string>
}

/** The function of a step of a definition, with what it may touch. */
export const stepFunction = (
  config: Config,
  scope: Scope,
  name: Parameters<typeof podidFunction>[0],
  {
    timeoutSeconds = 30,
    ...spec
  }: Pick<FunctionSpec, 'description' | 'memoryMb' | 'environment' | 'copyFiles'> & {
    timeoutSeconds: number | undefined
  },
): StepFunction => {
  const fn = podidFunction(
    name,
    {
      folder: 'steps',
      ...spec,
      timeoutSeconds,
      grants: permissions[name](scope),
      published: true,
    },
    { ...config, vpc: config.clusters.vpc },
  )
  return { name, fn, versionArn: fn.nodes.function.apply(({ qualifiedArn }) => qualifiedArn) }
}

/** What a function has that reads the settings itself, and starts runs or says what became of them. */
export const withSettings = (
  { liveStateMachine, liveRolloutMachine }: Scope,
  { table, bus }: Storage,
): Required<Pick<FunctionSpec, 'environment' | 'copyFiles'>> => ({
  environment: {
    PODID_STAGE: $app.stage,
    PODID_CONFIG: '/var/task/podid.json',
    PODID_TABLE_ARN: table.arn,
    PODID_EVENT_BUS_ARN: bus.arn,
    PODID_STATE_MACHINE_ARN: liveStateMachine,
    PODID_ROLLOUT_MACHINE_ARN: liveRolloutMachine,
  },
  copyFiles: [{ from: settingsAsJson($cli.paths.root, $app.stage), to: 'podid.json' }],
})
