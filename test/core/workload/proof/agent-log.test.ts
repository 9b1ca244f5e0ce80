import { expect, it } from 'vitest'
import { firstTimeIn, readAgentLog } from '../../../../core/workload/proof/agent-log.ts'

// The shapes are those of public logs (2024-02, 2026-04) and of the agent's sources, with other names.
const time = '2026-04-12T13:48:15Z'
const client = { 'client-addr': '10.42.1.17:38422', 'cluster-name': 'eks-workshop' }
const session = 'arn:aws:sts::123456789012:assumed-role/carts/eks-eks-worksh-carts-5b77-4a5e38d3'
const line = (fields: object) => JSON.stringify({ ...client, level: 'info', time, ...fields })
const at = { at: time, address: '10.42.1.17' }

const lines: { because: string; text: string; read: object[] }[] = [
  {
    because: 'a request is an address and a time',
    text: line({ msg: 'handling new request request from 10.42.1.17:38422' }),
    read: [{ kind: 'asked', ...at }],
  },
  {
    because: 'an IPv6 address stands in brackets before its port',
    text: line({ msg: 'handling new request', 'client-addr': '[2600:1f13:aa::17]:38422' }),
    read: [{ kind: 'asked', at: time, address: '2600:1f13:aa::17' }],
  },
  {
    because: 'EKS Auth has answered where there is a fetched role',
    text: line({
      fetched_role_arn: session,
      fetched_role_id: 'AROA:eks',
      request_time_ms: 163,
      msg: 'Successfully fetched credentials from EKS Auth',
    }),
    read: [{ kind: 'fetched', ...at, session }],
  },
  {
    because: 'an error is the agent’s own words, without its preface',
    text: line({
      level: 'error',
      msg: 'Error fetching credentials: (AccessDeniedException): Unauthorized Exception!',
    }),
    read: [{ kind: 'failed', ...at, reason: '(AccessDeniedException): Unauthorized Exception!' }],
  },
  {
    because: 'logrus puts an error given beside the message into a field of its own',
    text: line({ level: 'error', msg: 'Error fetching credentials', error: 'context canceled' }),
    read: [{ kind: 'failed', ...at, reason: 'context canceled' }],
  },
  {
    because: 'an error may quote a token, which never leaves the log',
    text: line({ level: 'error', msg: 'Error fetching credentials: eyJhbGciOi.eyJzdWIi.c2ln is malformed' }),
    read: [{ kind: 'failed', ...at, reason: '(token) is malformed' }],
  },
  {
    because: 'the renewal for a pod that is gone fails at level info, and harms nobody',
    text: line({ msg: 'ExpiredTokenException: The token included in the request is expired' }),
    read: [],
  },
  {
    because: 'the chart logs at trace, which reports the cache as well',
    text: line({ level: 'trace', msg: 'Using cached credentials' }),
    read: [],
  },
  {
    because: 'the steps between request and answer say nothing more',
    text: `${line({ msg: 'Calling EKS Auth to fetch credentials' })}\n${line({ msg: 'Storing creds in cache', refreshTtl: 10800000000000 })}`,
    read: [],
  },
  {
    because: 'the start is nobody’s request',
    text: '{"bind-addr":"169.254.170.23:80","level":"info","msg":"Starting server...","time":"2026-04-12T12:39:06Z"}',
    read: [],
  },
  {
    because: 'what is cut in the middle, or no JSON at all, is passed over',
    text: `handed","time":"${time}"}\nSetting logging verbosity level to: info (4)\n{"client-addr":\n`,
    read: [],
  },
  {
    because: 'an error has its own words and those of its field',
    text: line({ level: 'error', msg: 'x Error fetching credentials: y', error: 'z' }),
    read: [{ kind: 'failed', ...at, reason: 'x Error fetching credentials: y: z' }],
  },
  {
    because: 'a message that is no text says nothing, and an error beside it does',
    text: `${line({ msg: 7 })}\n${line({ level: 'error', msg: 7, error: 'z' })}`,
    read: [{ kind: 'failed', ...at, reason: 'z' }],
  },
  {
    because: 'a time that is none is no time',
    text: `${line({ msg: 'handling new request', time: 'soon' })}\n${line({ msg: 'handling new request', time: 7 })}`,
    read: [],
  },
  {
    because: 'a request of nobody is none, whatever it fetched',
    text: `${line({ 'client-addr': undefined, fetched_role_arn: session })}\n${line({ 'client-addr': 'x y:1', level: 'error', msg: 'no' })}\n${line({ 'client-addr': 'x', msg: 'handling new request' })}`,
    read: [],
  },
  {
    because: 'a line without a time cannot be held against a pod’s start',
    text: line({ msg: 'handling new request', time: undefined }),
    read: [],
  },
  {
    because: 'the agent begins each line of its own with a brace: what is indented is quoted in another one',
    text: ` ${line({ fetched_role_arn: session })}`,
    read: [],
  },
]

it.each(lines)('$because', ({ text, read }) => {
  expect(readAgentLog(text)).toEqual(read)
})

it('knows how far back a log reaches by its first line with a time', () => {
  expect(firstTimeIn(`Setting logging verbosity level to: info (4)\n${line({})}`)).toBe(time)
  expect(firstTimeIn(`${line({ time: 'soon' })}\n${line({ time: 7 })}\n${line({})}`)).toBe(time)
  expect(firstTimeIn('nothing')).toBeUndefined()
})
