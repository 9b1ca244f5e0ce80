import { readFileSync } from 'node:fs'
import { eventBus } from '../../adapters/events.ts'
import { perRuntime } from '../../adapters/per-runtime.ts'
import { approvals } from '../../adapters/records/approvals.ts'
import { looks } from '../../adapters/records/looks.ts'
import { paces } from '../../adapters/records/paces.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import { executions } from '../../adapters/step-functions.ts'
import { type Config, parseConfig } from '../../core/config.ts'
import { setting } from './settings.ts'
import { turnServicesOf } from './turn-services.ts'

/** podid.yaml as the stack left it: JSON, or the path of a file with it where the environment is too small. */
const configs = perRuntime((_runtime, source): Config => {
  const [stage, text] = JSON.parse(source) as [string, string]
  return parseConfig(JSON.parse(text.startsWith('{') ? text : readFileSync(text).toString()), stage)
})

/** The settings of the function's stage, read once. */
export const configOf = (runtime: Runtime): Config =>
  configs(runtime, JSON.stringify([setting(runtime, 'PODID_STAGE'), setting(runtime, 'PODID_CONFIG')]))

/** The services that read runs and report about them, configured by the function's environment. */
export const runServicesOf = (runtime: Runtime) => ({
  ...turnServicesOf(runtime),
  config: configOf(runtime),
  rollouts: executions(runtime, setting(runtime, 'PODID_ROLLOUT_MACHINE_ARN')),
  approvals: approvals(runtime, setting(runtime, 'PODID_TABLE_ARN')),
  looks: looks(runtime, setting(runtime, 'PODID_TABLE_ARN')),
  paces: paces(runtime, setting(runtime, 'PODID_TABLE_ARN')),
  bus: eventBus(runtime, setting(runtime, 'PODID_EVENT_BUS_ARN')),
})

export type RunServices = ReturnType<typeof runServicesOf>
