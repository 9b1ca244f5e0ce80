import { afterEach, describe, expect, it } from 'vitest'
import { eks } from '../../../adapters/eks/eks.ts'
import { denied, type EksAnswer, noSuchThing, scriptedEks } from '../../support/servers/scripted-eks.ts'

let server: Awaited<ReturnType<typeof scriptedEks>> | undefined
afterEach(() => server?.close())

const answering = async (answers: Record<string, EksAnswer>) => {
  server = await scriptedEks(answers)
  return { ...server, adapter: eks(server.runtime, 'us-west-2') }
}
const failing = (name: string, message: RegExp) => ({
  name,
  message: expect.stringMatching(message) as unknown,
})

describe('the agent’s add-on', () => {
  const addons = '/clusters/shop/addons'
  const described = `GET ${addons}/eks-pod-identity-agent`

  it.each<[what: string, answer: EksAnswer, facts: object | undefined]>([
    [
      'all that EKS says of it',
      {
        addon: {
          status: 'DEGRADED',
          addonVersion: 'v1.3.10',
          health: { issues: [{ code: 'ConfigurationConflict', message: 'Conflicts found.' }, {}] },
          tags: { 'podid:run': 'run-1' },
        },
      },
      {
        status: 'DEGRADED',
        version: 'v1.3.10',
        issues: [
          { code: 'ConfigurationConflict', message: 'Conflicts found.' },
          { code: 'Unknown', message: '' },
        ],
        run: 'run-1',
      },
    ],
    [
      'only what each has',
      { addon: { status: 'CREATING' } },
      { status: 'CREATING', version: 'of unknown version', issues: [] },
    ],
    [
      'health without issues, and tags without a run',
      { addon: { status: 'ACTIVE', addonVersion: 'v1', health: {}, tags: { team: 'shop' } } },
      { status: 'ACTIVE', version: 'v1', issues: [] },
    ],
    ['nothing, where there is none', noSuchThing, undefined],
  ])('is read with %s', async (_what, answer, facts) => {
    const { adapter } = await answering({ [described]: answer })
    expect(await adapter.describeAgentAddon('shop')).toStrictEqual(facts)
  })

  it.each([
    ['without an add-on', {}, 'Transient', /the answer holds no add-on$/],
    ['without its status', { addon: {} }, 'Transient', /the answer holds no status of the add-on$/],
    ['with a refusal', denied, 'AccessDenied', /./],
  ])('is not known by an answer %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [described]: answer })
    const asked = adapter.describeAgentAddon('shop')
    await expect(asked).rejects.toMatchObject(failing(name, message))
    await expect(asked).rejects.toThrow(/^describing the add-on eks-pod-identity-agent of shop: /)
  })

  const always = {
    addonName: 'eks-pod-identity-agent',
    clientRequestToken: 'run-1',
    tags: { 'podid:run': 'run-1' },
  }
  it.each([
    ['in EKS’s version', undefined, always],
    [
      'in a version, with a configuration',
      { version: 'v1.3.10', configuration: { agent: {} } },
      { ...always, addonVersion: 'v1.3.10', configurationValues: '{"agent":{}}' },
    ],
  ])('is installed %s', async (_how, wanted, body) => {
    const { adapter, asked } = await answering({ [`POST ${addons}`]: { addon: {} } })
    await adapter.createAgentAddon('shop', 'run-1', wanted)
    expect(asked()).toStrictEqual([[`POST ${addons}`, body]])
  })

  it.each([
    [
      'there is no such cluster',
      noSuchThing,
      'PreflightFailed',
      /^there is no cluster shop in us-west-2 any more$/,
    ],
    [
      'nothing is answered',
      {},
      'Transient',
      /^installing the add-on .* on shop: .*the answer holds no add-on$/,
    ],
    ['it is denied', denied, 'AccessDenied', /^installing the add-on eks-pod-identity-agent on shop: /],
  ])('is not installed where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [`POST ${addons}`]: answer })
    await expect(adapter.createAgentAddon('shop', 'run-1')).rejects.toMatchObject(failing(name, message))
  })
})

describe('an access entry', () => {
  const created = 'POST /clusters/shop/access-entries'
  const described = 'GET /clusters/shop/access-entries/arn%3Areader'
  const principalArn = 'arn:reader'
  const entry = { principalArn, kubernetesGroups: ['podid'] }
  const inUse = { code: 'ResourceInUseException', message: 'It is there.' }

  it('is asked for with its groups, in the name of a run', async () => {
    const { adapter, asked } = await answering({ [created]: { accessEntry: {} } })
    expect(await adapter.createAccessEntry('shop', entry, 'run-1')).toBe(true)
    expect(asked()).toStrictEqual([
      [
        created,
        {
          ...entry,
          clientRequestToken: expect.stringMatching(/^run-1-[0-9a-f]{16}$/) as unknown,
          tags: { 'podid:run': 'run-1' },
        },
      ],
    ])
  })

  it.each([
    ['this run’s, whose answer was lost', { 'podid:run': 'run-1' }, true],
    ['another run’s', { 'podid:run': 'run-2' }, false],
    ['nobody’s', undefined, false],
  ])('that is there already may be %s', async (_whose, tags, ours) => {
    const { adapter } = await answering({ [created]: inUse, [described]: { accessEntry: { tags } } })
    expect(await adapter.createAccessEntry('shop', entry, 'run-1')).toBe(ours)
  })

  it.each([
    ['nothing is answered', {}, 'Transient', /the answer holds no access entry$/],
    ['it is denied', denied, 'AccessDenied', /./],
    ['there is no such cluster', noSuchThing, 'PreflightFailed', /./],
    ['it is there, and not shown', inUse, 'NotShown', /does not show it yet$/],
  ])('is not made where %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [created]: answer, [described]: noSuchThing })
    const asked = adapter.createAccessEntry('shop', entry, 'run-1')
    await expect(asked).rejects.toMatchObject(failing(name, message))
    await expect(asked).rejects.toThrow(/^creating the access entry of arn:reader on shop: /)
  })

  it.each<[what: string, answer: EksAnswer, facts: { run: string | undefined } | undefined]>([
    [
      'its groups and its run',
      { accessEntry: { kubernetesGroups: ['podid'], tags: { 'podid:run': 'run-1' } } },
      { ...entry, run: 'run-1' } as { run: string },
    ],
    [
      'neither groups nor a run',
      { accessEntry: {} },
      { principalArn, kubernetesGroups: [], run: undefined } as { run: undefined },
    ],
    ['nothing, where there is none', noSuchThing, undefined],
  ])('is read with %s', async (_what, answer, facts) => {
    const { adapter } = await answering({ [described]: answer })
    expect(await adapter.describeAccessEntry('shop', principalArn)).toStrictEqual(facts)
    expect(await adapter.runOfAccessEntry('shop', principalArn)).toBe(facts?.run)
  })

  it.each([
    ['without an entry', {}, 'Transient', /the answer holds no access entry$/],
    ['with a refusal', denied, 'AccessDenied', /./],
  ])('is not known by an answer %s', async (_what, answer, name, message) => {
    const { adapter } = await answering({ [described]: answer })
    const asked = adapter.describeAccessEntry('shop', principalArn)
    await expect(asked).rejects.toMatchObject(failing(name, message))
    await expect(asked).rejects.toThrow(/^describing the access entry of arn:reader on shop: /)
  })
})
