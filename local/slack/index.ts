import type { AddressInfo } from 'node:net'
import { realClock, type WorkClock } from '../clock.ts'
import { People } from './people.ts'
import { createSlackServer } from './server.ts'
import { Workspace } from './workspace.ts'

export type { PostedMessage, ShownBlock } from './workspace.ts'

export interface SlackOptions {
  clock?: WorkClock
  /** 0 for a free one. */
  port?: number
}

/** A running stand-in for Slack: its Web API for the app, and a page for people. */
export interface SlackStandIn {
  /** `http://127.0.0.1:PORT`: the page. */
  url: string
  /** Where the app finds the Web API. */
  apiUrl: string
  botToken: string
  workspace: Workspace
  /** Who writes commands and clicks; they must be connected with the app. */
  people: People
  close(): Promise<void>
}

/** Starts the stand-in on the loopback. */
export const startSlack = async ({
  clock = realClock(),
  port = 0,
}: SlackOptions = {}): Promise<SlackStandIn> => {
  const workspace = new Workspace(clock)
  const people = new People(workspace, clock)
  const botToken = `xoxb-${crypto.randomUUID()}`
  const server = createSlackServer({ workspace, people, botToken })
  clock.attend(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    apiUrl: `${url}/api`,
    botToken,
    workspace,
    people,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
