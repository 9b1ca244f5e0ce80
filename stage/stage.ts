import { randomBytes } from 'node:crypto'
import type { Log } from '../adapters/runtime.ts'
import { actions } from '../core/config.ts'
import { liveAlias } from '../core/names.ts'
import { workshopBinding } from '../local/scenarios/workshop/binding.ts'
import { type SlackStandIn, startSlack } from '../local/slack/index.ts'
import type { World } from '../local/world.ts'
import { invoker, localDefinition, machineNames } from './execution.ts'
import { type StageIntegrations, startIntegrations } from './integrations.ts'
import { groupedLog } from './log.ts'

/** A stage as it is deployed, on stand-ins: the workflow, and everything that starts and shows its runs. */
export interface Stage {
  stateMachineArn: string
  /** Of rollouts in waves. */
  rolloutMachineArn: string
  slack: SlackStandIn
  integrations: StageIntegrations
  /** `whsec_…`, of the webhook's caller `local`. */
  webhookSecret: string
  close(): Promise<void>
}

export interface StageOptions {
  world: Pick<World, 'aws' | 'clock'>
  /** podid.yaml as data. */
  config: object
  log: Log
}

/** Starts a stage on a world's stand-ins. */
export const startStage = async ({ world, config, log }: StageOptions): Promise<Stage> => {
  const { aws, clock } = world
  const slack = await startSlack({ clock })
  const users = (config as { access?: { users?: string[] }[] }).access?.flatMap(({ users = [] }) => users)
  if (users?.length) slack.people.users = users
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`
  const integrations = await startIntegrations({
    world,
    slack,
    config,
    webhookSecrets: `local=${webhookSecret}`,
    log: groupedLog(aws.logGroups, clock, log),
  })
  const task = invoker({
    runtime: () => integrations.runtime,
    work: clock.work,
    concurrency: aws.functions.concurrency,
  })
  const { versions } = aws.stateMachines
  const add = (which: keyof typeof machineNames): string => {
    const definition = localDefinition(aws.account, aws.region, which)
    const machine = aws.stateMachines.add({ name: machineNames[which], definition, task })
    const now = new Date(clock.now())
    versions.addAlias(liveAlias, versions.publish(machine, now).arn, now)
    return machine.arn
  }
  return {
    stateMachineArn: add('enable'),
    rolloutMachineArn: add('rollout'),
    slack,
    integrations,
    webhookSecret,
    close: async () => {
      await integrations.close()
      await slack.close()
    },
  }
}

/** podid.yaml of `podid local`: the workshop's binding as it is, to be approved by somebody else, and for new clusters. */
export const localSettings = (world: Pick<World, 'aws'>): object => ({
  account: world.aws.account,
  region: world.aws.region,
  bindings: {
    carts: { ...workshopBinding(world), approval: 'required' },
    'carts-on-new-clusters': { ...workshopBinding(world), cluster: 'eks-new-*' },
  },
  access: [{ users: ['U0000LOCAL', 'U0000OTHER'], callers: ['local'], may: [...actions] }],
  channels: { slack: { channel: 'C0000LOCAL' } },
})
