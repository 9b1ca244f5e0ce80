import { pathToFileURL } from 'node:url'
import type { Config } from '../core/config.ts'
import { accessEntries } from '../core/fleet/access.ts'
import { type StepName, stepEntries } from '../core/steps/table.ts'
import { enablePodIdentity } from '../workflows/render.ts'
import { template } from '../workflows/template.ts'
import { functionTimeouts } from '../workflows/timeouts.ts'
import { type FunctionSpec, physicalName, podidFunction } from './function.ts'
import { permissions } from './permissions.ts'
import { scopeOf } from './scope.ts'
import type { Storage } from './storage.ts'

export interface EnablementFunction {
  /** The placeholder in the definition. */
  name: string
  fn: sst.aws.Function
  /** Of the version that this deployment published: `…:function:NAME:7`. */
  versionArn: $util.Output<string>
}

/** The text of the definition from workflows/, with its placeholders. */
export const definitionTemplate = (): string =>
  template(enablePodIdentity, pathToFileURL(`${$cli.paths.root}/workflows/`))

/** One function for each step, with what it may touch. */
export const enablementFunctions = (config: Config, { table, bus }: Storage): EnablementFunction[] => {
  const scope = scopeOf(config, physicalName)
  const timeouts = functionTimeouts(definitionTemplate())
  const entries = { PODID_ACCESS_ENTRIES: JSON.stringify(accessEntries(config, physicalName)) }
  const environments: Partial<Record<StepName, FunctionSpec['environment']>> = {
    takeTurn: { PODID_TABLE_ARN: table.arn, PODID_STATE_MACHINE_ARN: scope.liveStateMachine },
    ensureAccess: entries,
    takeStock: entries,
    undo: entries,
    requestApproval: { PODID_TABLE_ARN: table.arn, PODID_EVENT_BUS_ARN: bus.arn },
  }
  return stepEntries.map(([name, { description, memoryMb }]) => {
    const fn = podidFunction(
      name,
      {
        folder: 'steps',
        description,
        memoryMb,
        timeoutSeconds: timeouts[name] ?? 30,
        grants: permissions[name](scope),
        environment: environments[name] ?? {},
        published: true,
      },
      { ...config, vpc: config.clusters.vpc },
    )
    return { name, fn, versionArn: fn.nodes.function.apply(({ qualifiedArn }) => qualifiedArn) }
  })
}
