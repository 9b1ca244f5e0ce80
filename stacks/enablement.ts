import { pathToFileURL } from 'node:url'
import type { Config } from '../core/config.ts'
import { accessEntries } from '../core/fleet/access.ts'
import { type StepName, stepEntries } from '../core/steps/table.ts'
import { enablePodIdentity } from '../workflows/render.ts'
import { template } from '../workflows/template.ts'
import { functionTimeouts } from '../workflows/timeouts.ts'
import { physicalName } from './function.ts'
import type { Scope } from './scope.ts'
import { type StepFunction, stepFunction } from './step-function.ts'
import type { Storage } from './storage.ts'

/** The text of the definition from workflows/, with its placeholders. */
export const definitionTemplate = (): string =>
  template(enablePodIdentity, pathToFileURL(`${$cli.paths.root}/workflows/`))

/** One function for each step, with what it may touch. */
export const enablementFunctions = (
  config: Config,
  scope: Scope,
  { table, bus }: Storage,
): StepFunction[] => {
  const timeouts = functionTimeouts(definitionTemplate())
  const entries = { PODID_ACCESS_ENTRIES: JSON.stringify(accessEntries(config, physicalName)) }
  const environments: Partial<Record<StepName, Record<string, $util.Input<string>>>> = {
    takeTurn: { PODID_TABLE_ARN: table.arn, PODID_STATE_MACHINE_ARN: scope.liveStateMachine },
    ensureAccess: entries,
    takeStock: entries,
    undo: entries,
    requestApproval: { PODID_TABLE_ARN: table.arn, PODID_EVENT_BUS_ARN: bus.arn },
  }
  return stepEntries.map(([name, { description, memoryMb }]) =>
    stepFunction(config, scope, name, {
      description,
      memoryMb,
      timeoutSeconds: timeouts[name],
      environment: environments[name] ?? {},
    }),
  )
}
