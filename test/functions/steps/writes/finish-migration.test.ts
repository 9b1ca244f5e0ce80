import { expect, it } from 'vitest'
import type { Association } from '../../../../core/association.ts'
import { resolveRequest } from '../../../../core/request-input.ts'
import { podIdentityOf } from '../../../../core/role/creation.ts'
import { podIdentityStatement } from '../../../../core/role/trust/mend.ts'
import { finishMigration } from '../../../../functions/steps/finish-migration.ts'
import { injectedSpec, pod } from '../../../support/pods.ts'
import { type Said, scriptedConnection, skippingClock } from '../../../support/scripted-connection.ts'
import { shop as cluster } from '../shop.ts'

const role = 'arn:aws:iam::123456789012:role/carts'
const irsa = 'eks.amazonaws.com/role-arn'
const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role,
    migrate: 'irsa',
    finish: true,
    removeOidcTrust: true,
    manageTrust: true,
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)
const own: Association = {
  id: 'a-1',
  arn: 'a',
  role,
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: {},
}
const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const pods = podIdentityStatement(podIdentityOf(request, cluster))
const oidc = {
  Effect: 'Allow',
  Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/oidc.example/id/SHOP' },
  Action: 'sts:AssumeRoleWithWebIdentity',
}
const trust = { found: text(pods, oidc), planned: text(pods), what: ['take out what OIDC grants'] }
const account = (annotated?: string) => ({
  metadata: {
    name: 'carts',
    namespace: 'carts',
    resourceVersion: '7',
    annotations: annotated === undefined ? {} : { [irsa]: annotated },
  },
})
const gone: Said = { failure: 404, message: 'not found' }

interface Given {
  association?: Association | undefined
  /** What the cluster says of the ServiceAccount, look by look, the last of it from then on. */
  accounts?: Said[]
  running?: object[]
  /** What may not be listed. */
  hidden?: string
  shown?: string | undefined
  annotation?: object | null
  change?: object | null
  retries?: number
  /** Whether the role is deleted as soon as its trust is written. */
  vanishes?: boolean
}

const finished = async (given: Given) => {
  const did: string[] = []
  const accounts = [...(given.accounts ?? [account(role), account(role), account()])]
  let now = 'shown' in given ? given.shown : trust.found
  const { connection } = scriptedConnection(skippingClock(), ({ verb, resource, name }) => {
    if (verb === 'patch') did.push(`patch ${resource}`)
    if (name === undefined && resource === given.hidden)
      return { failure: 403, message: `${resource} is forbidden` }
    if (name !== undefined) return (accounts.length > 1 ? accounts.shift() : accounts[0]) ?? gone
    return { metadata: {}, items: resource === 'pods' ? (given.running ?? []) : [] }
  })
  const ended = finishMigration(
    () => ({ findAssociation: async () => ('association' in given ? given.association : own) }),
    () => ({
      readTrust: async (name) => {
        expect(name).toBe('carts')
        return now
      },
      writeTrust: async (_name, to) => {
        did.push('write trust')
        now = given.vanishes ? undefined : to
      },
    }),
    () => connection,
    { clock: skippingClock(), progress: () => {} },
  )({
    request,
    cluster,
    annotation: 'annotation' in given ? given.annotation : { role, goes: true },
    trust: 'change' in given ? given.change : null,
    retries: given.retries ?? 0,
  } as never)
  const step = await ended.catch(({ name, message }: Error) => ({ name, message }))
  return { step, did }
}
const absent = [account()]

it.each<[why: string, given: Given, did: string[], step: object]>([
  [
    'the annotation',
    {},
    ['patch serviceaccounts'],
    {
      annotation: 'removed',
      trust: 'kept',
      message: expect.stringMatching(/; the annotation eks\.amazonaws\.com\/role-arn is gone$/),
      findings: [],
    },
  ],
  [
    'the annotation, and then what OIDC grants',
    { change: trust },
    ['patch serviceaccounts', 'write trust'],
    {
      annotation: 'removed',
      trust: 'changed',
      message: expect.stringMatching(/; take out what OIDC grants: done$/),
    },
  ],
  [
    'none, and there was none',
    { annotation: null, accounts: absent },
    [],
    {
      annotation: 'absent',
      trust: 'kept',
      message: expect.stringMatching(/; there was no annotation any more$/),
    },
  ],
  [
    'none, and an earlier attempt may have done it',
    { accounts: absent, retries: 1 },
    [],
    { annotation: 'removed' },
  ],
  ['none, and somebody else has done it', { accounts: absent }, [], { annotation: 'absent' }],
  [
    'none, and there was none for an earlier attempt either',
    { annotation: null, accounts: absent, retries: 1 },
    [],
    { annotation: 'absent', trust: 'kept' },
  ],
  [
    'no trust that is gone by now',
    { change: trust, shown: trust.planned },
    ['patch serviceaccounts'],
    { trust: 'kept' },
  ],
  [
    'no trust that an earlier attempt took out',
    { change: trust, shown: trust.planned, retries: 1 },
    ['patch serviceaccounts'],
    { trust: 'changed' },
  ],
])('takes away %s', async (_why, given, did, step) => {
  const found = await finished(given)
  expect(found.did).toEqual(did)
  expect(found.step).toMatchObject(step)
})

const changed = 'the association of carts/carts is no longer as it was: IRSA stays as it is'
const running = pod({
  metadata: { name: 'p-1', uid: 'u' },
  spec: { ...injectedSpec({ containers: [{ name: 'c' }] }), serviceAccountName: 'carts', nodeName: 'n-1' },
})
const old = pod({
  metadata: { name: 'p-1', uid: 'u' },
  spec: { serviceAccountName: 'carts', containers: [{ name: 'c' }] },
})
const left =
  'serviceaccount/carts: pod p-1 does not live by the association, and would have nothing without IRSA: pod/p-1 (1)'
it.each<[why: string, given: Given, message: string]>([
  ['the association is gone', { association: undefined }, changed],
  ['the association grants another role', { association: { ...own, role: `${role}-2` } }, changed],
  ['a pod does not live by the association', { running: [old] }, left],
  [
    'not all could be seen that may run by IRSA',
    { hidden: 'cronjobs' },
    'serviceaccount/carts: whether all of its pods live by the association could not be seen: cronjobs (list cronjobs on cluster eks-workshop: 403: cronjobs is forbidden. Apply manifests/ to the cluster and its namespace, and give the caller’s access entry the groups that it binds)',
  ],
  [
    'a pod is out of reach of the agent',
    { running: [running] },
    'IRSA stays as it is, as not all pods live by the association: pod p-1: no pod of the agent is on node n-1',
  ],
  ['the ServiceAccount goes', { accounts: [account(role), gone] }, 'the ServiceAccount carts/carts is gone'],
  [
    'somebody annotates it with another role',
    { accounts: [account(role), account(`${role}-2`)] },
    `the ServiceAccount carts/carts is annotated with ${role}-2 for IRSA by now, and this run found ${role}: somebody has changed it since, and it is left as it is`,
  ],
  [
    'somebody annotates it where there was nothing',
    { annotation: null, accounts: [account(role)] },
    `the ServiceAccount carts/carts is annotated with ${role} for IRSA by now, and this run found no annotation: somebody has changed it since, and it is left as it is`,
  ],
  ['there is no role', { change: trust, shown: undefined }, 'there is no role carts any more'],
  [
    'the pods would not be let in without OIDC',
    { change: { ...trust, found: text(oidc), planned: text() }, shown: text(oidc) },
    'the trust policy of role carts stays as it is: it would not let these pods in without what OIDC grants',
  ],
  [
    'the pods would not be let in any more by what the run planned',
    { change: { ...trust, planned: text(oidc) } },
    'the trust policy of role carts stays as it is: it would not let these pods in without what OIDC grants',
  ],
])('takes nothing away where %s', async (_why, given, message) => {
  expect(await finished(given)).toEqual({ step: { name: 'Refused', message }, did: [] })
})

it('is not done where the role is gone after the write', async () => {
  const found = await finished({ change: trust, vanishes: true })
  expect(found.did).toEqual(['patch serviceaccounts', 'write trust'])
  expect(found.step).toEqual({
    name: 'Conflict',
    message:
      'the trust policy of role carts was written, and IAM shows another one: somebody else writes it too',
  })
})
