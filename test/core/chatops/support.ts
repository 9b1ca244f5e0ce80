import { Workspace } from '../../../local/slack/workspace.ts'

/** A Slack workspace that checks messages as Slack does. */
export const startSlackWorkspace = (): Workspace => new Workspace({ now: () => 0 })
