import { afterEach, describe, expect, it } from 'vitest'
import { associationsOf } from '../../../adapters/eks/associations.ts'
import { eks } from '../../../adapters/eks/eks.ts'
import { denied, type EksAnswer, noSuchThing, scriptedEks } from '../../support/servers/scripted-eks.ts'

const region = 'us-west-2'
const all = '/clusters/shop/pod-identity-associations'
const listed = `GET ${all}?namespace=carts&serviceAccount=web`
const one = `${all}/a-1`
const key = { cluster: 'shop', namespace: 'carts', serviceAccount: 'web' }
/** What each association has, and no more. */
const bare = { associationId: 'a-1', roleArn: 'arn:web' }
const bareFacts = {
  id: 'a-1',
  arn: '',
  role: 'arn:web',
  sessionTags: true,
  createdAt: '',
  modifiedAt: '',
  tags: {},
}
const whole = {
  ...bare,
  associationArn: 'arn:a-1',
  targetRoleArn: 'arn:target',
  disableSessionTags: true,
  policy: '{}',
  ownerArn: 'arn:addon',
  createdAt: 1_767_225_600,
  modifiedAt: 1_767_312_000,
  tags: { 'podid:run': 'run-1' },
}
const wholeFacts = {
  id: 'a-1',
  arn: 'arn:a-1',
  role: 'arn:web',
  targetRole: 'arn:target',
  sessionTags: false,
  policy: '{}',
  owner: 'arn:addon',
  createdAt: '2026-01-01T00:00:00.000Z',
  modifiedAt: '2026-01-02T00:00:00.000Z',
  tags: { 'podid:run': 'run-1' },
}

let server: Awaited<ReturnType<typeof scriptedEks>> | undefined
afterEach(() => server?.close())

const answering = async (answers: Record<string, EksAnswer>) => {
  server = await scriptedEks(answers)
  return { ...server, adapter: eks(server.runtime, region) }
}
const failing = (name: string, message: RegExp) => ({
  name,
  message: expect.stringMatching(message) as unknown,
})

describe('an association', () => {
  it.each([
    ['all that EKS says of it', { association: whole }, wholeFacts],
    ['only what each has', { association: bare }, bareFacts],
    ['nothing, where it is gone', noSuchThing, undefined],
  ])('is read with %s', async (_what, answer, facts) => {
    const { adapter } = await answering({ [`GET ${one}`]: answer })
    expect(await adapter.describeAssociation('shop', 'a-1')).toStrictEqual(facts)
  })

  it.each([
    ['without an association', {}, 'Transient', /the answer holds no association$/],
    [
      'without its id',
      { association: { roleArn: 'r' } },
      'Transient',
      /the answer holds no id of the association$/,
    ],
    [
      'without its role',
      { association: { associationId: 'a-1' } },
      'Transient',
      /the answer holds no role of the association$/,
    ],
    // The refusal's own words are those of a role that EKS does not see yet.
    ['with a refusal', denied, 'AccessDenied', /^describing the association a-1: /],
    [
      'with a role that EKS does not see yet',
      { code: 'InvalidParameterException', message: 'The role does not exist.' },
      'Transient',
      /^describing the association a-1: The role does not exist\.$/,
    ],
    [
      'with a parameter that is wrong',
      { code: 'InvalidParameterException', message: 'The role is no role.' },
      'InvalidRequest',
      /^describing the association a-1: /,
    ],
  ])('is not known by an answer %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [`GET ${one}`]: answer })
    await expect(adapter.describeAssociation('shop', 'a-1')).rejects.toMatchObject({
      ...failing(name, message),
      cause: expect.any(Error) as unknown,
    })
  })
})

describe('the association of a service account', () => {
  it.each([
    ['the one on the list', { associations: [bare] }, bareFacts],
    ['undefined where the list is empty', { associations: [] }, undefined],
  ])('is %s', async (_what, list, facts) => {
    const { adapter } = await answering({ [listed]: list, [`GET ${one}`]: { association: bare } })
    expect(await adapter.findAssociation(key)).toStrictEqual(facts)
  })

  it.each([
    ['a list that is missing', {}, 'Transient', /^listing .* carts\/web: .*no list of associations$/],
    ['one without an id', { associations: [{}] }, 'Transient', /no id of the association$/],
    ['no such cluster', noSuchThing, 'PreflightFailed', /^there is no cluster shop in us-west-2 any more$/],
    ['a refusal', denied, 'AccessDenied', /^listing the associations of carts\/web: /],
    [
      'one that is not found',
      { associations: [bare] },
      'Conflict',
      /^describing the association a-1: it is on the list of carts\/web and is not found; it is being made/,
    ],
  ])('is not undefined after %s', async (_what, list, name, message) => {
    const { adapter } = await answering({ [listed]: list, [`GET ${one}`]: noSuchThing })
    await expect(adapter.findAssociation(key)).rejects.toMatchObject(failing(name, message))
  })

  const ownerArn = 'arn:addon'
  const mine = { associationId: 'a-1', serviceAccount: 'web', ownerArn }
  const other = { associationId: 'a-2', serviceAccount: 'node', ownerArn }
  const sibling = [{ serviceAccount: 'node', role: 'arn:node' }]

  it.each<[why: string, list: object, owned: EksAnswer, siblings: object[]]>([
    ['are those of the same add-on', mine, { associations: [mine, other] }, sibling],
    [
      'are none of another add-on, or of nobody',
      mine,
      {
        associations: [
          mine,
          { ...other, ownerArn: 'arn:other' },
          { associationId: 'a-2', serviceAccount: 'node' },
        ],
      },
      [],
    ],
    [
      'are none that lacks an id or a name',
      mine,
      {
        associations: [
          { ownerArn },
          { associationId: 'a-2', ownerArn },
          { serviceAccount: 'node', ownerArn },
        ],
      },
      [],
    ],
    ['are none that is gone', mine, { associations: [{ ...other, associationId: 'gone' }] }, []],
    ['are none where the cluster is gone', mine, noSuchThing, []],
    // Without the owner on the list nobody looks for the others.
    ['are none where the list names no owner', { ...mine, ownerArn: undefined }, denied, []],
  ])('has siblings, which %s', async (_why, first, owned, siblings) => {
    const { adapter } = await answering({
      [listed]: { associations: [first] },
      [`GET ${all}`]: owned,
      [`GET ${one}`]: { association: { ...bare, ownerArn } },
      [`GET ${all}/a-2`]: { association: { associationId: 'a-2', roleArn: 'arn:node' } },
      [`GET ${all}/gone`]: noSuchThing,
    })
    expect(await adapter.findAssociation(key)).toStrictEqual({ ...bareFacts, owner: ownerArn, siblings })
  })

  it.each([
    ['without a list', {}, 'Transient', /the answer holds no list of associations$/],
    ['with a refusal', denied, 'AccessDenied', /./],
  ])('is not known by an answer about its add-on %s', async (_what, owned, name, message) => {
    const { adapter } = await answering({
      [listed]: { associations: [mine] },
      [`GET ${all}`]: owned,
      [`GET ${one}`]: { association: { ...bare, ownerArn } },
    })
    const failure = failing(name, message)
    await expect(adapter.findAssociation(key)).rejects.toMatchObject(failure)
    await expect(adapter.findAssociation(key)).rejects.toThrow(/^listing the associations of arn:addon: /)
  })
})

describe('creating an association', () => {
  const wanted = { ...key, region, role: 'arn:web', sessionTags: true, replace: false }
  const always = {
    namespace: 'carts',
    serviceAccount: 'web',
    roleArn: 'arn:web',
    clientRequestToken: 'run-1',
    tags: { 'podid:run': 'run-1' },
  }

  it.each([
    ['what each has', wanted, always],
    [
      'all that may be wanted',
      { ...wanted, sessionTags: false, targetRole: 'arn:target', sessionPolicy: '{}' },
      { ...always, disableSessionTags: true, targetRoleArn: 'arn:target', policy: '{}' },
    ],
  ])('asks for %s', async (_what, request, body) => {
    const { adapter, asked } = await answering({ [`POST ${all}`]: { association: bare } })
    expect(await adapter.createAssociation(request, 'run-1')).toStrictEqual(bareFacts)
    expect(asked()).toStrictEqual([[`POST ${all}`, body]])
  })

  it.each([
    [
      'there is no such cluster',
      noSuchThing,
      'PreflightFailed',
      /^there is no cluster shop in us-west-2 any more$/,
    ],
    ['nothing is answered', {}, 'Transient', /^creating the association of carts\/web: /],
    ['it is denied', denied, 'AccessDenied', /^creating the association of carts\/web: /],
  ])('fails where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [`POST ${all}`]: answer })
    await expect(adapter.createAssociation(wanted, 'run-1')).rejects.toMatchObject(failing(name, message))
  })
})

describe('pointing an association', () => {
  const to = {
    id: 'a-1',
    roleArn: 'arn:web',
    targetRoleArn: null,
    disableSessionTags: false,
    policy: null,
  }

  it.each([
    ['no target and no policy', to, { disableSessionTags: false }],
    [
      'all that it had',
      { ...to, targetRoleArn: 'arn:target', disableSessionTags: true, policy: '{}' },
      { targetRoleArn: 'arn:target', disableSessionTags: true, policy: '{}' },
    ],
  ])('asks for %s', async (_what, request, body) => {
    const { adapter, asked } = await answering({
      [`POST ${one}`]: { association: { ...bare, targetRoleArn: request.targetRoleArn } },
    })
    expect(await adapter.repointAssociation('shop', request, 'run-1')).toMatchObject({ id: 'a-1' })
    expect(asked()).toStrictEqual([
      [`POST ${one}`, { roleArn: 'arn:web', clientRequestToken: 'run-1', ...body }],
    ])
  })

  it.each([
    ['it is gone', noSuchThing, 'Conflict', /^the association a-1 was deleted meanwhile$/],
    [
      'its target role stays',
      { association: whole },
      'Refused',
      /^the association a-1 keeps its target role arn:target, .* create it anew with the role arn:web$/,
    ],
    ['nothing is answered', {}, 'Transient', /^pointing the association a-1 to arn:web: /],
    ['it is denied', denied, 'AccessDenied', /^pointing the association a-1 to arn:web: /],
  ])('fails where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [`POST ${one}`]: answer })
    await expect(adapter.repointAssociation('shop', to, 'run-1')).rejects.toMatchObject(
      failing(name, message),
    )
  })
})

describe('marking an association', () => {
  const marked = { id: 'a-1', arn: 'arn:a-1' }

  it.each([
    ['a run’s', 'run-1', ['POST /tags/arn%3Aa-1', { tags: { 'podid:run': 'run-1' } }]],
    ['nobody’s', null, ['DELETE /tags/arn%3Aa-1?tagKeys=podid%3Arun']],
  ])('as %s writes its tag', async (_whose, run, request) => {
    const { adapter, asked } = await answering({ [String(request[0])]: {} })
    await adapter.markAssociation(marked, run)
    expect(asked()).toStrictEqual([request])
  })

  it.each([
    ['it is gone', noSuchThing, 'Conflict', /^the association a-1 was deleted meanwhile$/],
    ['it is denied', denied, 'AccessDenied', /^marking the association a-1: /],
  ])('fails where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ 'POST /tags/arn%3Aa-1': answer })
    await expect(adapter.markAssociation(marked, 'run-1')).rejects.toMatchObject(failing(name, message))
  })
})

describe('deleting an association', () => {
  it.each([
    ['is asked for', { association: bare }],
    ['is done where it is gone', noSuchThing],
  ])('%s', async (_what, answer) => {
    const { adapter, asked } = await answering({ [`DELETE ${one}`]: answer })
    await adapter.deleteAssociation('shop', 'a-1')
    expect(asked()).toEqual([[`DELETE ${one}`]])
  })

  it.each([
    ['nothing is answered', {}, 'Transient', /the answer holds no association$/],
    ['it is denied', denied, 'AccessDenied', /^deleting the association a-1: /],
  ])('fails where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [`DELETE ${one}`]: answer })
    await expect(adapter.deleteAssociation('shop', 'a-1')).rejects.toMatchObject(failing(name, message))
  })
})

describe('all associations', () => {
  const placed = { associationId: 'a-1', namespace: 'carts', serviceAccount: 'web' }
  const facts = { namespace: 'carts', serviceAccount: 'web', association: bareFacts }

  it.each([
    ['of a cluster', undefined, `GET ${all}`, [placed], [facts]],
    ['of a namespace', 'carts', `GET ${all}?namespace=carts`, [placed], [facts]],
    [
      'but those that are gone meanwhile',
      undefined,
      `GET ${all}`,
      [{ ...placed, associationId: 'gone' }, placed],
      [facts],
    ],
    [
      'with places that EKS does not name',
      undefined,
      `GET ${all}`,
      [{ associationId: 'a-1' }],
      [{ ...facts, namespace: '', serviceAccount: '' }],
    ],
  ])('%s are described', async (_what, namespace, request, associations, found) => {
    const { runtime } = await answering({
      [request]: { associations },
      [`GET ${one}`]: { association: bare },
      [`GET ${all}/gone`]: noSuchThing,
    })
    expect(await associationsOf(runtime, region, { cluster: 'shop', namespace })).toStrictEqual(found)
  })

  it.each([
    ['no list', {}, 'Transient', /^listing .* of shop: .*the answer holds no list of associations$/],
    ['one without an id', { associations: [{}] }, 'Transient', /the answer holds no id of the association$/],
    ['no such cluster', noSuchThing, 'PreflightFailed', /^listing the associations of shop: /],
    ['a refusal', denied, 'AccessDenied', /^listing the associations of shop: /],
  ])('are not none after %s', async (_what, answer, name, message) => {
    const { runtime } = await answering({ [`GET ${all}`]: answer })
    await expect(associationsOf(runtime, region, { cluster: 'shop' })).rejects.toMatchObject(
      failing(name, message),
    )
  })
})
