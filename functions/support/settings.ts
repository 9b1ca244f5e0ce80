import type { Runtime } from '../../adapters/runtime.ts'

/**
 * What the stack puts into a function's environment, by its own name there.
 * @throws Error naming what is missing: the stack and the function do not fit
 */
export const setting = (runtime: Pick<Runtime, 'env'>, name: SettingName): string => {
  const value = runtime.env?.[name]
  if (!value)
    throw new Error(`the environment variable ${name} is not set; the stack gives it to the function`)
  return value
}

/** The environment variables of the functions around the workflow. ARNs say the region and the account. */
export type SettingName =
  | 'PODID_TABLE_ARN' // approvals, runs and who asked for them
  | 'PODID_EVENT_BUS_ARN' // where the project's own events go
