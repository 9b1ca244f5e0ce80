import { expect, it } from 'vitest'
import { explainLog } from '../../../core/workload/log-lines.ts'

const nodeDenied =
  'User: arn:aws:sts::123456789012:assumed-role/eksctl-nodegroup-NodeInstanceRole/i-0123456789abcdef0 is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:us-west-2:123456789012:table/Items/index/idx_global_customerId because no identity-based policy allows the dynamodb:Query action'
const podDenied = nodeDenied.replace(
  'eksctl-nodegroup-NodeInstanceRole/i-0123456789abcdef0',
  'eks-workshop-carts-dynamo/eks-eks-workshop-carts-5c8-0f',
)

type Case = [why: string, log: string, line: RegExp | undefined, code: string | undefined, advice: RegExp]
const cases: Case[] = [
  ['nothing written', '\n  \n', undefined, undefined, /^$/],
  [
    'the last line where none is an error',
    'starting\nlistening on 8080\n',
    /^listening on 8080$/,
    undefined,
    /^$/,
  ],
  ['the last error', 'Error: first\nException: second\nbye', /^Exception: second$/, undefined, /^$/],
  [
    'a denial says more than later errors',
    `${podDenied}\nError: context failed`,
    /dynamodb:Query/,
    'rollout-access-denied',
    /^Allow dynamodb:Query on arn:aws:dynamodb:us-west-2:123456789012:table\/Items\/index\/idx_global_customerId in a policy of role eks-workshop-carts-dynamo$/,
  ],
  [
    'the node’s role means Pod Identity was not used',
    nodeDenied,
    /NodeInstanceRole/,
    'rollout-access-denied',
    /acted as the node’s role eksctl-nodegroup-NodeInstanceRole/,
  ],
  [
    'a denial without details',
    'AccessDeniedException: no',
    /^AccessDeniedException/,
    'rollout-access-denied',
    /^Allow what the line names in a policy of its role$/,
  ],
  [
    'no credentials at all',
    'Unable to load credentials from any of the providers in the chain',
    /^Unable/,
    'rollout-no-credentials',
    /minimum-sdk/,
  ],
]

it.each(cases)('%s', (_why, log, line, code, advice) => {
  const explanation = explainLog(log)
  expect(explanation?.line ?? '').toMatch(line ?? /^$/)
  expect(explanation?.cause?.code).toBe(code)
  expect(explanation?.cause?.advice ?? '').toMatch(advice)
})

it('keeps long lines short', () => {
  expect(explainLog(`Error: ${'x '.repeat(1000)}`)?.line.length).toBeLessThan(500)
})

it('shows no line of a private key, with or without its end', () => {
  const body = Array.from(
    { length: 3 },
    () => 'MHcCAQEEIFVrb4yrNZ0fpGmD9VYwL0xr2sVhJ1qyJ0Qz5n8uJt1hoAoGCCqGSM49',
  )
  const key = ['-----BEGIN EC PRIVATE KEY-----', ...body]
  expect(explainLog(['fatal: bad key', ...key].join('\n'))?.line).toBe('fatal: bad key')
  expect(explainLog([...key, '-----END EC PRIVATE KEY-----'].join('\n'))?.line).toBe('(private key)')
  // The log's beginning may be cut off.
  expect(explainLog(body.join('\n'))?.line).toBe('(hidden)')
})
