import type { Runtime } from '../../adapters/runtime.ts'
import type { Executions } from '../../adapters/step-functions.ts'
import type { Config } from '../../core/config.ts'
import { AccessDenied, PreflightFailed } from '../../core/errors.ts'
import { liveAlias, unqualifiedStateMachine } from '../../core/names.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { nearestName, orElse } from '../../core/text/distance.ts'
import { firstOf } from '../../core/text/list.ts'
import { accountOf } from '../identity.ts'
import { UsageError } from '../usage-error.ts'

/** The flags that say whether, and where, a deployed stage is meant. */
export interface RemoteFlags {
  /** The stage, or the ARN of its state machine, of a version or an alias of it; true for the stage of --stage or of podid.yaml, false for none. */
  remote?: string | boolean
  stage?: string
  region?: string
}

/** A deployed stage, as its runs are started and followed. */
export interface RemoteStage {
  /** As --remote takes it again. */
  name: string
  /** As a person reads it. */
  label: string
  region: string
  arn: string
  executions: Executions
  /** Of the state machine of rollouts beside it. */
  rollouts: Executions
  /** The stages that are there, by their state machines; none where nobody may ask. */
  others: () => Promise<string[]>
}

/** What a stage's state machine answers. @throws PreflightFailed where there is no such state machine */
export const ofDeployed = async <Answer>(
  { arn, region, name, others }: RemoteStage,
  work: Promise<Answer>,
): Promise<Answer> => {
  try {
    return await work
  } catch (error) {
    const cause = error instanceof Error ? (error.cause as Error | undefined) : undefined
    if (cause?.name !== 'StateMachineDoesNotExist') throw error
    const names = await others()
    const near = nearestName(name, names)
    const meant = near
      ? `did you mean the stage ${near}?`
      : names.length > 0
        ? `the ${names.length > 1 ? 'stages there are' : 'stage there is'} ${firstOf(names, 10)}.`
        : `is the stage ${name} deployed there?`
    throw new PreflightFailed(
      `there is no state machine ${stateMachineOf(arn)} in ${region}: ${meant} Its region is given with --region`,
    )
  }
}

/** The run of that name in a stage. @throws PreflightFailed where it, or the stage, is not there */
export const requireRun = async (stage: RemoteStage, run: string) => {
  const found = await stage.executions.find(run)
  if (found) return found
  // The answer is the same where there is no such state machine, and only a list says so.
  const latest = await ofDeployed(stage, stage.executions.list(100))
  const names = latest.map((one) => one.run)
  throw new PreflightFailed(`there is no run ${run} in ${stage.label}${orElse(run, names, 5)}`)
}

/** Whether a stage has a rollout of that name; not where nobody may ask. */
export const hasRollout = async (
  { rollouts }: Pick<RemoteStage, 'rollouts'>,
  name: string,
): Promise<boolean> => {
  try {
    return (await rollouts.find(name)) !== undefined
  } catch (error) {
    if (error instanceof AccessDenied) return false
    throw error
  }
}

/** As a person reads an ARN: `podid-dev-enable`, or `podid-dev-enable:live`. */
const stateMachineOf = (arn: string): string => arn.split(':').slice(6).join(':')

/** The state machine of a stage, by the name that stacks/ gives it. */
const machineOf = (stage: string): string => `podid-${stage}-enable`

/**
 * The deployed stage that a command is to work with; undefined where it works from this machine.
 * @param fallback the region where neither a flag nor the settings say one
 * @throws UsageError where no stage is named
 */
export const remoteStage = async (
  runtime: Runtime,
  { remote, stage, region: given }: RemoteFlags,
  config: Pick<Config, 'remote' | 'region'> | undefined,
  fallback: () => string,
): Promise<RemoteStage | undefined> => {
  if (remote === false || (remote === undefined && config?.remote === undefined)) return undefined
  const name = typeof remote === 'string' ? remote : (config?.remote ?? stage)
  if (name === undefined) throw new UsageError('which stage? Give it: --remote STAGE')
  const [, , , inArn] = name.split(':')
  const region = (name.startsWith('arn:') ? inArn : undefined) ?? given ?? config?.region ?? fallback()
  if (!name.startsWith('arn:') && !/^[A-Za-z0-9-]{1,40}$/.test(name))
    throw new UsageError(`--remote ${name} is neither the name of a stage nor the ARN of a state machine`)
  const arn = name.startsWith('arn:')
    ? name
    : `arn:${partitionOf(region)}:states:${region}:${await accountOf(runtime.aws.credentials, region)}:stateMachine:${machineOf(name)}:${liveAlias}`
  const { executions } = await import('../../adapters/step-functions.ts')
  const label = name.startsWith('arn:') ? stateMachineOf(unqualifiedStateMachine(name)) : name
  const others = async () => {
    const { stateMachineNames } = await import('../../adapters/deployed/state-machines.ts')
    const names = await stateMachineNames(runtime, region).catch(() => [])
    return names.flatMap((one) => /^podid-(.+)-enable$/.exec(one)?.[1] ?? [])
  }
  const rollouts = executions(runtime, arn.replace(/-enable(?=:|$)/, '-rollout'))
  return { name, label, region, arn, executions: executions(runtime, arn), rollouts, others }
}
