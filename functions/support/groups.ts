import { together } from '../../adapters/concurrently.ts'
import type { Runtime } from '../../adapters/runtime.ts'
import type { Slack } from '../../adapters/slack.ts'
import { grantedGroups } from '../../core/chatops/access.ts'
import type { Config } from '../../core/config.ts'

interface Members {
  of: Map<string, readonly string[]>
  until: number
}

const remembered = new WeakMap<Runtime, Members>()

/** Which of the groups that the grants name a Slack user is in. Slack is asked once a minute at most. */
export const groupsOf = async (
  runtime: Runtime,
  { config, slack }: { config: Config; slack: Pick<Slack, 'membersOf'> | undefined },
  user: string,
): Promise<string[]> => {
  if (!slack) return []
  const groups = grantedGroups(config)
  const now = runtime.clock.now()
  const known = remembered.get(runtime)
  const members =
    known && known.until > now
      ? known
      : { of: new Map(await together(groups.map(membersOf(slack)))), until: now + 60_000 }
  remembered.set(runtime, members)
  return groups.filter((group) => members.of.get(group)?.includes(user))
}

const membersOf =
  (slack: Pick<Slack, 'membersOf'>) =>
  async (group: string): Promise<[string, readonly string[]]> => [group, await slack.membersOf(group)]
