import { excerpt } from '../../text/redact.ts'

/** A line of the agent's log that says something about a request for credentials. */
export type AgentEntry = {
  /** RFC 3339, in whole seconds as the agent writes it. */
  at: string
  /** The address that asked: the pod's, or the node's for a pod in the host's network. */
  address: string
} & (
  | { kind: 'asked' }
  | {
      kind: 'fetched'
      /** What EKS Auth answered: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`. */
      session: string
    }
  | {
      kind: 'failed'
      /** What the agent wrote, without secrets, shortened. */
      reason: string
    }
)

/**
 * The requests for credentials in the log of a Pod Identity agent, in its order. The agent writes JSON, a line each:
 * `handling new request …` for every request, `fetched_role_arn` where EKS Auth answered, `Error fetching
 * credentials: …` at level error where not; at level trace there are more lines, which say nothing else. Lines
 * without the address of a client (start, renewals) and what is not JSON are left out.
 * https://github.com/aws/eks-pod-identity-agent (read at d4dc0f3)
 */
export const readAgentLog = (text: string): AgentEntry[] =>
  text.split('\n').flatMap((line) => {
    const entry = entryOf(line)
    return entry ? [entry] : []
  })

/** When the first line was written that has a time; undefined where there is none. */
export const firstTimeIn = (text: string): string | undefined => {
  for (const line of text.split('\n')) {
    const time = fieldsOf(line)?.time
    if (typeof time === 'string' && !Number.isNaN(Date.parse(time))) return time
  }
  return undefined
}

const entryOf = (line: string): AgentEntry | undefined => {
  const fields = fieldsOf(line)
  const { time, msg } = fields ?? {}
  const address = addressOf(fields?.['client-addr'])
  if (address === undefined || typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined
  const said = typeof msg === 'string' ? msg : ''
  const session = fields?.fetched_role_arn
  if (typeof session === 'string') return { kind: 'fetched', at: time, address, session }
  // Levels below error are for what mends itself, such as the renewal for a pod that is gone.
  if (fields?.level === 'error') return { kind: 'failed', at: time, address, reason: reasonIn(said, fields) }
  return said.startsWith('handling new request') ? { kind: 'asked', at: time, address } : undefined
}

const fieldsOf = (line: string): Record<string, unknown> | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return undefined
  }
}

/** `10.42.1.17:38422` or `[fd00::17]:38422` without its port. */
const addressOf = (client: unknown): string | undefined =>
  typeof client === 'string' ? client.match(/^\[?(?<address>[\w.:%]+?)\]?:\d+$/)?.groups?.address : undefined

const reasonIn = (said: string, { error }: Record<string, unknown>): string =>
  excerpt(
    [said.replace(/^Error fetching credentials:? ?/, ''), typeof error === 'string' ? error : '']
      .filter((part) => part !== '')
      .join(': '),
  )
