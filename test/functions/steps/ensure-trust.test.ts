import { expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { podIdentityOf } from '../../../core/role/creation.ts'
import { appendedTrust } from '../../../core/role/trust/append.ts'
import { podIdentityStatement } from '../../../core/role/trust/mend.ts'
import { ensureTrust } from '../../../functions/steps/ensure-trust.ts'
import { shop as cluster } from './shop.ts'

const execution = {
  arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
  startTime: '2026-11-26T09:00:00Z',
}
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    manageTrust: true,
  },
  execution,
)
const identity = podIdentityOf(request, cluster)
const ours = podIdentityStatement(identity)
const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const oidc = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.example/id/SHOP' },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: { StringEquals: { 'oidc.example/id/SHOP:sub': 'system:serviceaccount:carts:carts' } },
}
const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
const found = text(oidc)
const change = appendedTrust(found, identity) ?? { found, planned: '', what: [] }

/** A role whose trust others write as well: what is done at each look, from the first. */
const role = (now: string | undefined, meanwhile: Record<number, () => string | undefined> = {}) => {
  let trust = now
  let looks = 0
  const written: string[] = []
  return {
    written,
    trust: () => trust,
    roles: {
      readTrust: async () => {
        looks += 1
        const does = meanwhile[looks]
        if (does) trust = does()
        return trust
      },
      writeTrust: async (_name: string, to: string) => {
        written.push(to)
        trust = to
      },
    },
  }
}
const clock = { now: () => 0, sleep: async () => {} }
const ensure = (one: ReturnType<typeof role>, retries = 0) =>
  ensureTrust(one.roles, { clock })({ request, cluster, change, retries })
const statements = (document: string | undefined) =>
  (JSON.parse(document ?? '{}') as { Statement?: unknown[] }).Statement

it.each<
  [
    why: string,
    now: string | undefined,
    meanwhile: Record<number, () => string | undefined>,
    ends: { action: string; message?: string } | { name: string; message?: string },
    left: unknown[] | undefined,
  ]
>([
  [
    'is added beside what was read',
    found,
    {},
    { action: 'changed', message: `role carts: ${change.what[0]}: done` },
    [oidc, ours],
  ],
  ['is added beside what came since', text(oidc, ec2), {}, { action: 'changed' }, [oidc, ec2, ours]],
  [
    'is there by now',
    text(ours, oidc),
    {},
    { action: 'kept', message: 'role carts lets these pods in by now, as this run would have had it' },
    [ours, oidc],
  ],
  [
    'goes with the write of somebody who had read before it: the step is tried again',
    found,
    { 2: () => text(oidc, ec2) },
    {
      name: 'Conflict',
      message:
        'the trust policy of role carts was written, and IAM shows another one: somebody else writes it too',
    },
    [oidc, ec2],
  ],
  ['shows late', found, { 2: () => found, 3: () => text(oidc, ours) }, { action: 'changed' }, [oidc, ours]],
  [
    'would not help beside a Deny that came since',
    text(oidc, { Effect: 'Deny', Principal: '*', Action: 'sts:*' }),
    {},
    {
      name: 'Refused',
      message:
        'the trust policy of role carts has changed since this run looked, and a statement more would not let these pods in. It is left as it is; run this again to decide by what is there now',
    },
    [oidc, { Effect: 'Deny', Principal: '*', Action: 'sts:*' }],
  ],
  [
    'goes with its role: the step is tried again',
    found,
    { 2: () => undefined },
    { name: 'Conflict' },
    undefined,
  ],
  [
    'has no role to go to any more',
    undefined,
    {},
    { name: 'Refused', message: 'there is no role carts any more' },
    undefined,
  ],
])('the statement %s', async (_why, now, meanwhile, ends, left) => {
  const one = role(now, meanwhile)
  const ended = await ensure(one).catch((error: unknown) => error)
  expect(ended).toMatchObject(ends)
  expect(statements(one.trust())).toEqual(left)
})

it('takes what a lost answer of its own has left for its own', async () => {
  expect(await ensure(role(text(oidc, ours)), 1)).toMatchObject({ action: 'changed' })
})

it('names all that it did', async () => {
  const what = ['one thing', 'and another']
  const step = await ensureTrust(role(found).roles, { clock })({
    request,
    cluster,
    change: { ...change, what },
    retries: 0,
  })
  expect(step.message).toBe('role carts: one thing; and another: done')
})

it('asks for the role by its name, which is the last part of its ARN', async () => {
  const names: string[] = []
  const { roles } = role(found)
  await ensureTrust(
    {
      ...roles,
      readTrust: (name) => {
        names.push(name)
        return roles.readTrust()
      },
    },
    { clock },
  )({
    request: { ...request, role: 'arn:aws:iam::123456789012:role/team/app/carts' as typeof request.role },
    cluster,
    change,
    retries: 0,
  })
  expect([...new Set(names)]).toEqual(['carts'])
})
