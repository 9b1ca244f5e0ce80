import { expect, it } from 'vitest'
import { AccessDenied, Transient } from '../../../../core/errors.ts'
import type { RequestInput } from '../../../../core/request-input.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { asMade, plannedRole } from '../../../../core/role/creation.ts'
import type { RoleFacts } from '../../../../core/role/role.ts'
import { verifyRole } from '../../../../functions/steps/verify-role.ts'
import { shop as cluster } from '../shop.ts'

const account = '123456789012'
const role = `arn:aws:iam::${account}:role/carts`
const table = `arn:aws:dynamodb:us-west-2:${account}:table/carts`
const requested = (change: Partial<RequestInput> = {}) =>
  resolveRequest(
    {
      cluster: 'shop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      needs: [{ actions: ['dynamodb:Query'], resources: [table] }],
      ...change,
    },
    {
      arn: `arn:aws:states:us-west-2:${account}:execution:podid:run-1`,
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
const whole = asMade(plannedRole(requested({ createRole: true }), cluster), role, undefined)
const without: RoleFacts = { ...whole, policies: [] }
const managed: RoleFacts = {
  ...whole,
  policies: [
    {
      kind: 'managed',
      name: 'p',
      arn: `arn:aws:iam::${account}:policy/p`,
      version: 'v1',
      document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
    },
  ],
}
const closed: RoleFacts = { ...whole, trust: { Version: '2012-10-17', Statement: [] } }

interface Given {
  change?: Partial<RequestInput>
  found?: RoleFacts | undefined
  /** What is found by the name of the target role. */
  target?: RoleFacts | Error
  trust?: string
  policy?: string
  boundary?: RoleFacts['boundary']
}

const verified = async ({ change, target, trust, policy, boundary, ...given }: Given) => {
  const asked: string[] = []
  const progress: unknown[] = []
  const step = await verifyRole(
    {
      readRole: async (name: string, missing?: (forMs: number) => void) => {
        asked.push(`read ${name.split('/').at(-1)}`)
        if (name !== role) {
          if (target instanceof Error) throw target
          return target
        }
        const found = 'found' in given ? given.found : whole
        if (!found) missing?.(7000)
        return found
      },
      readTrust: async () => {
        asked.push('read trust')
        return trust
      },
      readBoundary: async () => {
        asked.push('read boundary')
        return boundary
      },
      readOtherVersions: async (one: RoleFacts) => {
        asked.push('read other versions')
        return one
      },
      simulate: async (question: { roleArn: string; asked: { action: string; resource: string }[] }) => {
        asked.push(
          `simulate ${question.roleArn.split('/').at(-1)} ${question.asked.map(({ action, resource }) => `${action} ${resource}`)}`,
        )
        return { skipped: 'the caller may not' }
      },
    } as never,
    (region) => ({
      findAssociation: async () => {
        asked.push(`association in ${region}`)
        return policy === undefined ? undefined : ({ policy } as never)
      },
    }),
    {
      analyze: async (documents) => {
        asked.push(`analyze ${documents.length}`)
        return documents.map(({ name }) => ({ name, newAccess: [], issues: [] }))
      },
    },
    { progress: (one) => void progress.push(one) },
  )({ request: requested(change), cluster })
  return { step, asked, progress, codes: step.findings.map(({ code, severity }) => `${severity} ${code}`) }
}
const simulated = `simulate carts dynamodb:Query ${table}`
const looked = ['read carts', 'association in us-west-2']

it('asks of a role that is right what IAM itself says of each need, and no more', async () => {
  const { step, asked, codes, progress } = await verified({})
  expect(step).toMatchObject({ action: 'none', trust: null })
  expect(step.table).toEqual([
    `role carts: ${step.summary}`,
    `ROLE   RESOURCE                                             ANSWER   BY              ACTIONS`,
    `carts  ${table}  granted  podid-needs/#1  dynamodb:Query`,
  ])
  expect(asked).toEqual([...looked, simulated])
  expect(codes).toEqual(['info second-opinion-skipped'])
  expect(progress).toEqual([])
})

it('asks IAM nothing where the request has no needs', async () => {
  expect((await verified({ change: { needs: [] } })).asked).toEqual(looked)
})

it('looks for a missing grant in versions that are not in force, and only then', async () => {
  const { asked, codes } = await verified({ found: managed })
  expect(asked).toContain('read other versions')
  expect(codes.some((code) => code.startsWith('blocking permission'))).toBe(true)
})

it('says that there is no role, and for how long it looks again', async () => {
  const { step, codes, asked, progress } = await verified({ found: undefined })
  expect(step.action).toBe('none')
  expect(codes).toEqual(['blocking role-missing'])
  expect(asked).toEqual(looked)
  expect(progress).toEqual([
    {
      step: 'VerifyRole',
      message: `there is no role ${role}; looking again for 7 s, as IAM may not show a new one yet`,
    },
  ])
})

const boundaryArn = `arn:aws:iam::${account}:policy/limits`
const all = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }
const plain = 'is to be made: trusts pods.eks.amazonaws.com; 1 need granted'
it.each<[why: string, given: Given, asked: string[], blocking: string[], summary?: string]>([
  ['as planned', {}, [], []],
  [
    'with the analysis of its documents',
    { change: { accessAnalyzer: true } },
    ['analyze 2'],
    [],
    `${plain}; IAM Access Analyzer finds no new access and no fault in the trust policy and the policy podid-needs`,
  ],
  [
    'within a boundary',
    {
      change: { permissionsBoundary: boundaryArn },
      boundary: { name: 'limits', arn: boundaryArn, document: all },
    },
    ['read boundary'],
    [],
  ],
  [
    'within a boundary that is not there',
    { change: { permissionsBoundary: boundaryArn } },
    ['read boundary'],
    ['blocking role-not-makeable'],
  ],
])(
  'plans a role where there is none: %s',
  async (_why, { change, ...given }, asked, blocking, summary = plain) => {
    const found = await verified({ ...given, found: undefined, change: { createRole: true, ...change } })
    expect(found.step).toMatchObject({ action: 'create', summary })
    expect(found.asked).toEqual([...looked, ...asked])
    expect(found.codes.filter((code) => code.startsWith('blocking'))).toEqual(blocking)
  },
)

it('checks a role with the trust that it is to have', async () => {
  const trust = JSON.stringify(closed.trust)
  const { step, asked, codes } = await verified({ found: closed, trust, change: { manageTrust: true } })
  expect(step).toMatchObject({
    action: 'trust',
    summary: expect.stringMatching(/^its trust policy is to have a statement more: ./),
    trust: { found: trust, what: [expect.any(String)] },
  })
  expect(asked).toEqual([...looked, 'read trust', simulated])
  expect(codes.filter((code) => code.startsWith('blocking'))).toEqual([])
})

it('leaves a trust alone that no request lets it write', async () => {
  const { step, asked, codes } = await verified({ found: closed })
  expect(step).toMatchObject({ action: 'none', trust: null })
  expect(asked).not.toContain('read trust')
  expect(codes.some((code) => code.startsWith('blocking trust'))).toBe(true)
})

it('judges by the session policy of the request, and else by that of the association', async () => {
  const nothing = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const blocked = async (given: Given) =>
    (await verified(given)).codes.some((code) => code.startsWith('blocking permission'))
  expect(await blocked({ policy: JSON.stringify(all) })).toBe(false)
  expect(await blocked({ policy: nothing })).toBe(true)
  const sessionPolicy = JSON.stringify(all)
  expect(await blocked({ policy: nothing, change: { sessionPolicy, sessionTags: false } })).toBe(false)
})

const targetRole = `arn:aws:iam::${account}:role/target`
const unread = ['info target-role-unread']
it.each<[why: string, given: Given, asked: boolean, about: string[]]>([
  ['of the same account', { target: whole, change: { targetRole } }, true, ['blocking target-trust-missing']],
  ['that may not be read', { target: new AccessDenied('no'), change: { targetRole } }, true, unread],
  [
    'of another account',
    { change: { targetRole: targetRole.replace(account, '999999999999') } },
    false,
    unread,
  ],
  ['none', {}, false, []],
])('looks at a target role %s', async (_why, given, asked, about) => {
  const found = await verified(given)
  expect(found.asked.includes('read target')).toBe(asked)
  expect(found.codes.filter((code) => code.includes('target'))).toEqual(about)
})
it('fails where a target role cannot be read for another reason', async () => {
  const away = new Transient('away')
  await expect(verified({ target: away, change: { targetRole } })).rejects.toBe(away)
})

it('says in the remedy where the session policy comes from: the request, or the association', async () => {
  const nothing = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const remedyOf = async (given: Given) =>
    (await verified(given)).step.findings.find(({ code }) => code.startsWith('permission'))?.remedy
  expect((await remedyOf({ policy: nothing }))?.command).toMatch(/^aws eks update-pod-identity-association /)
  const inRequest = await remedyOf({ change: { sessionPolicy: nothing, sessionTags: false } })
  expect(inRequest?.command).toBeUndefined()
  expect(inRequest?.advice).toMatch(/^Write this as sessionPolicy of the request/)
})

it('says why it cannot take out what OIDC grants, and plans nothing of the trust', async () => {
  const change = { migrate: 'irsa', finish: true, removeOidcTrust: true, manageTrust: true } as const
  const { step, codes } = await verified({ trust: JSON.stringify(whole.trust), change })
  expect(step).toMatchObject({ action: 'none', trust: null })
  expect(codes).toContain('warning oidc-issuer-unknown')
})

it('leaves the trust of a role alone that is gone by the time it is read', async () => {
  const { step, codes } = await verified({ found: closed, change: { manageTrust: true } })
  expect(step).toMatchObject({ action: 'none', trust: null })
  expect(codes.some((code) => code.startsWith('blocking trust'))).toBe(true)
})

it.each([
  [58, 60, `carts  ${table}-57`],
  [59, 61, '… and 1 more line'],
  [90, 61, '… and 32 more lines'],
])('says of a report about %i resources how much more there is', async (resources, lines, last) => {
  const needs = Array.from({ length: resources }, (_, at) => ({
    actions: ['dynamodb:Query'],
    resources: [`${table}-${at}`],
  }))
  const { step } = await verified({ found: without, change: { needs } })
  expect(step.table).toHaveLength(lines)
  expect(step.table.at(-1)).toMatch(new RegExp(`^${last}(?: |$)`))
})

it('cuts long lines', async () => {
  const needs = [{ actions: ['dynamodb:Query'], resources: [`${table}-${'x'.repeat(500)}`] }]
  const { step } = await verified({ found: without, change: { needs } })
  expect(step.table.map(({ length }) => length)).toEqual([expect.any(Number), 400, 400])
})
