import { describe, expect, it } from 'vitest'
import { resolveRequest } from '../../../../core/request-input.ts'
import { podIdentityOf } from '../../../../core/role/creation.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { irsaNow, undoAnnotation, undoTrust } from '../../../../functions/support/migration/undo.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { shop } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const irsa = 'eks.amazonaws.com/role-arn'
const request = resolveRequest(
  { cluster: 'shop', namespace: 'carts', serviceAccount: 'carts', role, migrate: 'irsa' },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const cluster = { ...shop, oidcIssuer: 'oidc.example/id/SHOP' }
const none = { run: 'run-1', restartedAt: '', association: null, workload: null }
const account = (annotated?: string) => ({
  metadata: {
    name: 'carts',
    namespace: 'carts',
    resourceVersion: '7',
    annotations: annotated === undefined ? {} : { [irsa]: annotated },
  },
})
const gone: Said = { failure: 404, message: 'not found' }

/** How an undo is told, and what is told. */
const notes = () => {
  const step = { kept: [] as { kind: string; what: string }[] }
  const told: unknown[] = []
  return {
    step,
    told,
    settling: {
      putBack: async (
        kind: string,
        what: string,
        command: string,
        act: () => Promise<string | { kept: string } | undefined>,
      ) => {
        const came = await act().catch((error: Error) => ({ error: `${error.name}: ${error.message}` }))
        told.push([kind, what, command.split(' ').slice(0, 2).join(' '), came])
      },
      inOrder: (kind: string, what: string) => void told.push(['in order', kind, what]),
    } as never,
  }
}

describe('the annotation that a migration took away', () => {
  const again = `the ServiceAccount carts/carts is annotated with ${role} again`
  const theirs = `${role}-2`
  const put = (came: unknown) => ['annotation', again, 'kubectl annotate', came]
  const since = `the ServiceAccount carts/carts stays annotated with ${theirs}, which somebody has written since`
  it.each<[why: string, annotation: object | null, said: Said[], told: unknown[], kept: string[]]>([
    ['the run was about none', null, [account()], [], []],
    ['it was not to go', { role, goes: false }, [account()], [], []],
    ['there was none', { role: null, goes: true }, [account()], [], []],
    ['comes back', { role, goes: true }, [account(), account(), account(role)], [put(undefined)], []],
    ['is there', { role, goes: true }, [account(role)], [['in order', 'annotation', again]], []],
    ['is another one by now', { role, goes: true }, [account(theirs)], [], [since]],
    [
      'is another one a moment later',
      { role, goes: true },
      [account(), account(theirs)],
      [put({ kept: since })],
      [],
    ],
    ['is back a moment later', { role, goes: true }, [account(), account(role)], [put(undefined)], []],
    [
      'the ServiceAccount is gone',
      { role, goes: true },
      [gone],
      [],
      ['the ServiceAccount carts/carts is gone, so that there is nothing to annotate'],
    ],
    [
      'the ServiceAccount goes meanwhile',
      { role, goes: true },
      [account(), gone],
      [put({ error: 'Refused: the ServiceAccount carts/carts is gone' })],
      [],
    ],
  ])('%s', async (_why, annotation, said, told, kept) => {
    let next = 0
    const places = new Set<string>()
    const { connection, asked } = scriptedConnection(skippingClock(), ({ namespace, name }) => {
      places.add(`${namespace}/${name}`)
      return said[Math.min(next++, said.length - 1)] ?? gone
    })
    const found = notes()
    const before = { ...none, ...(annotation ? { annotation } : {}) }
    await undoAnnotation(
      connection,
      { request, cluster, before } as never,
      found.step as never,
      found.settling,
      undefined,
    )
    expect(found.told).toEqual(told)
    expect([...places]).toEqual(asked.length > 0 ? ['carts/carts'] : [])
    expect(found.step.kept).toEqual(kept.map((what) => ({ kind: 'annotation', what })))
    expect(asked.length > 0).toBe(
      !!annotation &&
        'goes' in annotation &&
        !!annotation.goes &&
        'role' in annotation &&
        annotation.role !== null,
    )
  })
})

const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const oidc = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.example/id/SHOP' },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: {
      'oidc.example/id/SHOP:sub': 'system:serviceaccount:carts:carts',
      'oidc.example/id/SHOP:aud': 'sts.amazonaws.com',
    },
  },
}
const ec2 = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }
const change = appendedTrust(text(oidc), podIdentityOf(request, cluster))
if (!change) throw new Error('nothing would be appended')
const others = JSON.stringify({
  ...JSON.parse(change.planned),
  Statement: [...JSON.parse(change.planned).Statement, ec2],
})

describe('the trust that a migration changed', () => {
  const whole = 'the trust policy of role carts is as it was'
  const stays =
    "the trust policy of role carts is without this run's change; what others have changed since stays"
  const put = (came: unknown) => ['trust', whole, 'aws iam', came]
  it.each<[why: string, trust: object | null, shown: (string | undefined)[], told: unknown[]]>([
    ['the run changed none', null, [change.planned], []],
    ['there is no role', change, [undefined], []],
    ['it is as it was', change, [change.found], [['in order', 'trust', whole]]],
    ['it is as the run left it', change, [change.planned], [put(undefined)]],
    ['others have added to it', change, [others], [put(stays)]],
    ['others add to it meanwhile', change, [change.planned, others], [put(stays)]],
    [
      'it cannot be read a moment later',
      change,
      [change.planned, '{}'],
      [
        put({
          error: 'Refused: the trust policy of role carts stays as it is: podid cannot read it',
        }),
      ],
    ],
    [
      'others have added to it, and take out what the run added meanwhile',
      change,
      [others, text(oidc, ec2)],
      [put(stays)],
    ],
  ])('%s', async (_why, trust, shown, told) => {
    const looks = [...shown]
    let written: string | undefined
    const found = notes()
    await undoTrust(
      {
        readTrust: async (name) => {
          expect(name).toBe('carts')
          return written ?? (looks.length > 1 ? looks.shift() : looks[0])
        },
        writeTrust: async (_name, now) => {
          written = now
        },
      },
      { request, cluster, before: { ...none, trust } } as never,
      found.step as never,
      found.settling,
      { clock: skippingClock() },
    )
    expect(found.told).toEqual(told)
    if (written !== undefined)
      expect(JSON.parse(written).Statement).toEqual(shown.at(-1) === others ? [oidc, ec2] : [oidc])
  })
  it('is left to a retry of the step where IAM shows what somebody else writes', async () => {
    const found = notes()
    await undoTrust(
      { readTrust: async () => change.planned, writeTrust: async () => {} },
      { request, cluster, before: { ...none, trust: change } } as never,
      found.step as never,
      found.settling,
      { clock: skippingClock() },
    )
    expect(found.told).toEqual([
      put({
        error:
          'Conflict: the trust policy of role carts was written, and IAM shows another one: somebody else writes it too',
      }),
    ])
  })
  it('stays where it cannot be read', async () => {
    const found = notes()
    await undoTrust(
      { readTrust: async () => '{}', writeTrust: async () => {} },
      { request, cluster, before: { ...none, trust: change } } as never,
      found.step as never,
      found.settling,
      { clock: skippingClock() },
    )
    expect(found.told).toEqual([])
    expect(found.step.kept).toEqual([
      { kind: 'trust', what: 'the trust policy of role carts stays as it is: podid cannot read it' },
    ])
  })
})

describe('what IRSA would give the pods now', () => {
  const looked = async (
    annotation: object | undefined,
    {
      said = account(role),
      trust,
      more = {},
      issuer = true,
    }: {
      said?: Said
      trust?: string | undefined
      more?: object
      issuer?: boolean
    } = {},
  ) => {
    let asked = 0
    const { connection } = scriptedConnection(skippingClock(), () => said)
    const { oidcIssuer, ...without } = cluster
    const found = await irsaNow(
      () => ({
        readTrust: async () => {
          asked++
          return trust
        },
        writeTrust: async () => {},
      }),
      connection,
      {
        request: { ...request, ...more },
        cluster: issuer ? { ...without, oidcIssuer } : without,
        before: { ...none, ...(annotation ? { annotation } : {}) },
      } as never,
      undefined,
    )
    return { found, asked }
  }
  const had = { role, goes: false }
  const manages = { manageTrust: true }
  it.each<[why: string, given: Parameters<typeof looked>, found: unknown, asked: number]>([
    ['the run was about no migration', [undefined], undefined, 0],
    ['there was no annotation', [{ role: null, goes: false }], undefined, 0],
    ['it was to go: that comes back first', [{ role, goes: true }], undefined, 0],
    [
      'the annotation, and a trust that the run has nothing to do with',
      [had],
      { annotation: role, trusted: null },
      0,
    ],
    ['none any more', [had, { said: account() }], { annotation: null, trusted: null }, 0],
    ['no ServiceAccount any more', [had, { said: gone }], { annotation: null, trusted: null }, 0],
    [
      'a trust that lets the pods in',
      [had, { trust: text(oidc), more: manages }],
      { annotation: role, trusted: true },
      1,
    ],
    [
      'one that does not',
      [had, { trust: text(ec2), more: manages }],
      { annotation: role, trusted: false },
      1,
    ],
    ['no role', [had, { more: manages }], { annotation: role, trusted: null }, 1],
    [
      'a cluster without an issuer',
      [had, { more: manages, issuer: false }],
      { annotation: role, trusted: null },
      0,
    ],
    [
      'a role that is not the request’s',
      [{ role: `${role}-2`, goes: false }, { more: manages }],
      { annotation: role, trusted: null },
      0,
    ],
  ])('%s', async (_why, given, found, asked) => {
    expect(await looked(...given)).toEqual({ found, asked })
  })
})
