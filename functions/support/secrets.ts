import type { Runtime } from '../../adapters/runtime.ts'
import { readSecret } from '../../adapters/secrets.ts'
import { slack } from '../../adapters/slack.ts'
import { optionalSetting, type SettingName, setting } from './settings.ts'

/** The secret whose parameter a setting names, as it is now. */
export const secretSetting = (runtime: Runtime, name: SettingName & `${string}_ARN`): Promise<string> =>
  readSecret(runtime, setting(runtime, name))

/** Slack, where the stage has a bot token; it is read when Slack is called. */
export const slackOf = (runtime: Runtime) => {
  const parameter = optionalSetting(runtime, 'SLACK_BOT_TOKEN_ARN')
  const url = optionalSetting(runtime, 'SLACK_API_URL') ?? 'https://slack.com/api'
  return parameter ? slack(runtime, { url, token: () => readSecret(runtime, parameter) }) : undefined
}
