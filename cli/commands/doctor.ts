import { type Check, right, unseen, wrong } from '../../core/doctor/check.ts'
import { lookWith } from '../../core/findings.ts'
import { usualFile } from '../bindings/chosen.ts'
import { configOfStage } from '../bindings/in-file.ts'
import { ownRuntime, reportingErrors } from '../direct.ts'
import { type ExitCode, exit } from '../exit.ts'
import { callerArn } from '../identity.ts'
import { examine } from '../look/doctor.ts'
import { doctorSeen } from '../look/doctor-view.ts'
import { formatOf, formatted } from '../render/formats.ts'
import { NoAnswer } from '../usage-error.ts'

export interface DoctorFlags {
  stage: string
  region?: string
  file?: string
  output?: string
}

/**
 * `podid doctor`: what a stage needs of the account, of its clusters and of Slack, before its first deployment and after it. Each
 * line is right, or comes with what mends it, or says why nobody could look. 0 where all is right, else 1.
 */
export const doctor = (flags: DoctorFlags): Promise<ExitCode> =>
  reportingErrors(async () => {
    const format = formatOf(flags.output)
    const settings = configOfStage(flags.file ?? process.env.PODID_SETTINGS ?? usualFile, flags.stage)
    const config = { ...settings, region: flags.region ?? settings.region }
    const runtime = ownRuntime()
    const own = await whose(config)
    const checks = own.some(({ state }) => state !== 'right')
      ? [...own, unseen('everything else', 'not looked at: it takes credentials of the account')]
      : [
          ...own,
          ...(await examine(runtime, {
            stage: flags.stage,
            config,
            slackUrl: process.env.SLACK_API_URL ?? 'https://slack.com/api',
          })),
        ]
    process.stdout.write(formatted(format, doctorSeen(flags.stage, checks)))
    return checks.every(({ state }) => state === 'right') ? exit.done : exit.failed
  })

/** Whose the credentials are, and whether that is where the stage belongs. STS is asked in the stage's region. */
const whose = async ({ account, region }: { account: string; region: string }): Promise<Check[]> => {
  const look = 'aws sts get-caller-identity'
  try {
    const arn = await callerArn(ownRuntime().aws.credentials, region)
    const [, , , , theirs] = arn.split(':')
    if (theirs !== account)
      return [
        wrong(
          'credentials',
          `${arn}: of account ${theirs}, and the settings are for ${account}`,
          lookWith(
            'Choose a profile of that account (--profile), or correct podid.yaml.',
            'aws configure list-profiles',
          ),
        ),
      ]
    return [right('credentials', arn), right('region', `${region}, where STS accepts them`)]
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    const said = error.message.replace(`. Check with: ${look}`, '')
    return [wrong('credentials', said, lookWith('See whose they are.', look))]
  }
}
