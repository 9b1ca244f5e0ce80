import { describe, expect, it } from 'vitest'
import { AccessDenied, Transient } from '../../../../core/errors.ts'
import type { Finding } from '../../../../core/findings.ts'
import { declaredClusters, targetsOf } from '../../../../functions/support/sweep/targets.ts'
import {
  stageAccount as account,
  active,
  sweptConfig as config,
  fields,
  sweptCluster as known,
  region,
} from '../../../support/sweep.ts'

const one = { ...fields, serviceAccount: 'one', cluster: 'shop-1' }
const pattern = { ...one, namespace: 'team-*', serviceAccount: '*', role: '{namespace}_{serviceAccount}' }
const tagged = { ...one, serviceAccount: 'tagged', clusterTags: { stage: 'prod' } }
const teams = [{ name: 'team-a', labels: {}, serviceAccounts: [{ name: 'api', labels: {} }] }]

describe('the clusters that bindings are for', () => {
  const far = { ...one, cluster: 'far-*', region: 'eu-north-1' }
  const declared = async (lists: Record<string, string[] | Error>, bindings: object) => {
    const did: unknown[] = []
    const places = await declaredClusters(
      {
        config: config({ bindings }),
        clusters: ((where: string) => ({
          list: async () => {
            const names = lists[where]
            if (names instanceof Error) throw names
            return names ?? []
          },
        })) as never,
      },
      {
        notChecked: async (place: object, error: Error) => void did.push(['not checked', place, error]),
      } as never,
      {
        declared: (regions: Set<string>) => void did.push(['declared', [...regions]]),
        listed: (where: string, names: Set<string>) => void did.push(['listed', where, [...names]]),
      } as never,
    )
    return { places: Object.fromEntries(places), did }
  }

  it('are those whose names fit, in the regions of the bindings; of others nothing is noted any more', async () => {
    expect(
      await declared({ [region]: ['shop-1', 'bank'], 'eu-north-1': ['far-1', 'shop-1'] }, { one, far }),
    ).toEqual({
      places: {
        [`${region}/shop-1`]: { region, name: 'shop-1' },
        'eu-north-1/far-1': { region: 'eu-north-1', name: 'far-1' },
      },
      did: [
        ['declared', [region, 'eu-north-1']],
        ['listed', region, ['shop-1']],
        ['listed', 'eu-north-1', ['far-1']],
      ],
    })
  })

  it('are passed where a region cannot be asked, of which everything stays noted', async () => {
    const error = new AccessDenied('no')
    expect(await declared({ [region]: error, 'eu-north-1': ['far-1'] }, { one, far })).toEqual({
      places: { 'eu-north-1/far-1': { region: 'eu-north-1', name: 'far-1' } },
      did: [
        ['declared', [region, 'eu-north-1']],
        ['not checked', { region, name: null }, error],
        ['listed', 'eu-north-1', ['far-1']],
      ],
    })
  })
})

interface Given {
  bindings?: object
  /** What EKS says of it. */
  status?: string | Error | null
  tags?: Record<string, string>
  reachable?: Error
  inside?: typeof teams | Error
}

describe('what a sweep looks at in a cluster', () => {
  const look = async ({
    bindings = { one },
    status = 'ACTIVE',
    tags = {},
    reachable,
    inside = [],
  }: Given) => {
    const did: unknown[] = []
    const found = await targetsOf(
      {
        config: config({ bindings }),
        clusters: ((where: string) => ({
          describe: async (name: string) => {
            did.push(`describe ${where}/${name}`)
            if (status instanceof Error) throw status
            return status === null ? undefined : { known: known(name, tags), cluster: active(name, status) }
          },
        })) as never,
      },
      {
        reachable: async ({ name }: { name: string }) => {
          did.push(`reach ${name}`)
          if (reachable) throw reachable
        },
        inside: async ({ name }: { name: string }, bindings: readonly { serviceAccount: string }[]) => {
          did.push([`inside ${name}`, bindings.map(({ serviceAccount }) => serviceAccount)])
          if (inside instanceof Error) throw inside
          return inside
        },
      } as never,
      { region, name: 'shop-1' },
      {
        notChecked: async (place: object, error: Error) => void did.push(['not checked', place, error]),
      } as never,
    )
    const { targets, unfit, looked, connected } = found
    return { targets, unfit, looked, connected, did }
  }
  const described = `describe ${region}/shop-1`
  const reached = [described, 'reach shop-1']

  it('are its bindings, each with the cluster', async () => {
    const { targets, unfit, looked, connected, did } = await look({ bindings: { one, tagged } })
    expect([...targets]).toEqual([
      [
        'one',
        expect.objectContaining({
          name: 'one',
          binding: expect.objectContaining({ serviceAccount: 'one', role: fields.role }),
          cluster: known('shop-1'),
          described: active('shop-1'),
        }),
      ],
    ])
    expect([unfit, looked, did]).toEqual([[], true, reached])
    await connected()
    expect(did).toEqual([...reached, 'reach shop-1'])
  })

  const of = (...names: string[]) => names
  it.each<[why: string, given: Given, names: string[], looked: boolean, did: unknown[]]>([
    [
      'those by pattern, for which it looks inside',
      { bindings: { pattern, one }, inside: teams },
      of('pattern/team-a/api', 'one'),
      true,
      [...reached, ['inside shop-1', ['*']]],
    ],
    [
      'those by pattern alone',
      { bindings: { pattern }, inside: teams },
      of('pattern/team-a/api'),
      true,
      [...reached, ['inside shop-1', ['*']]],
    ],
    ['those by its tags', { bindings: { tagged }, tags: { stage: 'prod' } }, of('tagged'), true, reached],
    ['none of other tags, for which its API is not asked', { bindings: { tagged } }, [], true, [described]],
    ['none of a cluster that is gone', { status: null }, [], false, [described]],
    ['none of one that is being made', { status: 'CREATING' }, [], false, [described]],
    ['none of one that is being deleted', { status: 'DELETING' }, [], false, [described]],
    [
      'none of one that EKS does not describe',
      { status: new Transient('500') },
      [],
      false,
      [described, ['not checked', { region, name: 'shop-1' }, new Transient('500')]],
    ],
    [
      'none of one that does not answer',
      { reachable: new Transient('no answer') },
      [],
      false,
      [...reached, ['not checked', { region, name: 'shop-1' }, new Transient('no answer')]],
    ],
    [
      'none of one that stops to answer while it looks inside',
      { bindings: { pattern, one }, inside: new Transient('no answer') },
      [],
      false,
      [
        ...[...reached, ['inside shop-1', ['*']]],
        ['not checked', { region, name: 'shop-1' }, new Transient('no answer')],
      ],
    ],
  ])('are %s', async (_why, given, names, looked, did) => {
    const found = await look(given)
    expect([...found.targets.keys()].toSorted()).toEqual(names.toSorted())
    expect([found.unfit, found.looked, found.did]).toEqual([[], looked, did])
    if (!looked) await found.connected()
    expect(found.did).toEqual(did)
  })

  const finding = (code: string): Finding => expect.objectContaining({ code })
  it.each<[why: string, given: Given, names: string[], unfit: [binding: string, finding: Finding][]]>([
    [
      'two of one ServiceAccount',
      { bindings: { one, other: one, two: { ...one, serviceAccount: 'two' } } },
      of('two'),
      [['one', finding('binding-twice')]],
    ],
    ['two of one, and no other', { bindings: { one, other: one } }, [], [['one', finding('binding-twice')]]],
    [
      'those by pattern where nobody may look inside',
      { bindings: { pattern, one }, inside: new AccessDenied('listing namespaces: no') },
      of('one'),
      [
        [
          'pattern',
          expect.objectContaining({
            code: 'cluster-not-read',
            found: expect.stringContaining('listing namespaces: no'),
          }),
        ],
      ],
    ],
    // It works, and somebody should look at it: no drift.
    [
      'not those whose role is that of several',
      {
        bindings: { pattern: { ...pattern, role: '{namespace}-{serviceAccount}' } },
        inside: [
          { name: 'team-a', labels: {}, serviceAccounts: [{ name: 'b-c', labels: {} }] },
          { name: 'team-a-b', labels: {}, serviceAccounts: [{ name: 'c', labels: {} }] },
        ],
      },
      of('pattern/team-a-b/c', 'pattern/team-a/b-c'),
      [],
    ],
  ])('and what cannot be as declared: %s', async (_why, given, names, unfit) => {
    const found = await look(given)
    expect(found.looked).toBe(true)
    expect([...found.targets.keys()].toSorted()).toEqual(names)
    expect(found.unfit).toEqual(
      unfit.map(([binding, one]) => ({
        arn: `arn:aws:eks:${region}:${account}:cluster/shop-1`,
        drift: expect.objectContaining({ binding, cluster: 'shop-1', region, findings: [one], run: null }),
      })),
    )
  })
})
