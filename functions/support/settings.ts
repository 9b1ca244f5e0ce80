import * as z from 'zod'
import type { Runtime } from '../../adapters/runtime.ts'
import { AccessEntry } from '../../core/cluster.ts'

/** The environment variables of the functions around the workflow. ARNs say the region and the account. */
export type SettingName =
  | 'PODID_STAGE'
  | 'PODID_CONFIG' // podid.yaml as JSON, or the path of a file with that
  | 'PODID_TABLE_ARN' // approvals, runs and who requested them
  | 'PODID_EVENT_BUS_ARN' // where the project's own events go
  | 'PODID_STATE_MACHINE_ARN'
  | 'PODID_ROLLOUT_MACHINE_ARN' // of rollouts in waves
  | 'PODID_ROLLOUT_BUCKET' // where rollouts keep their bindings and results
  | 'PODID_ACCESS_ENTRIES' // what a cluster must let in, as JSON
  | 'PODID_TOPIC_ARN' // only with Amazon Q: where its notifications go
  // The ARNs of parameters in Systems Manager, which hold the secrets.
  | 'PODID_WEBHOOK_SECRETS_ARN' // only with the webhook; in it: `ci=whsec_… backstage=whsec_…`
  | 'SLACK_SIGNING_SECRET_ARN' // only with Slack, as the next two
  | 'SLACK_BOT_TOKEN_ARN'
  | 'SLACK_API_URL' // where Slack is, if not at slack.com

/**
 * What the stack puts into a function's environment, by its name there.
 * @throws Error naming what is missing: the stack and the function do not fit
 */
export const setting = (runtime: Pick<Runtime, 'env'>, name: SettingName): string => {
  const value = optionalSetting(runtime, name)
  if (!value)
    throw new Error(`the environment variable ${name} is not set; the stack gives it to the function`)
  return value
}

/** A setting of a feature that a stage may do without. */
export const optionalSetting = ({ env }: Pick<Runtime, 'env'>, name: SettingName): string | undefined =>
  env?.[name] || undefined

/** The access entries of podid's own functions, which a cluster needs to let them in. */
export const ownAccessEntries = (runtime: Pick<Runtime, 'env'>): AccessEntry[] =>
  z.array(AccessEntry).parse(JSON.parse(optionalSetting(runtime, 'PODID_ACCESS_ENTRIES') ?? '[]'))
