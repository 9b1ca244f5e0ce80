import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { draftText } from '../../cli/look/draft-text.ts'
import { inventoryCsv } from '../../cli/look/inventory-view.ts'
import { readConfig } from '../../core/config.ts'
import type { InventoryItem } from '../../core/fleet/inventory.ts'
import { type Here, startHere } from '../support/commands/here.ts'

describe('an inventory of four clusters', () => {
  let here: Here
  beforeAll(async () => {
    here = await startHere('fleet')
  })
  afterAll(() => here[Symbol.asyncDispose]())

  it('says what each ServiceAccount uses today, and drafts the bindings that a rollout takes', async () => {
    const draft = join(here.folder, 'draft.yaml')
    const { code, stdout, stderr } = await here.podid(
      'inventory',
      '--all-clusters',
      '-o',
      'json',
      '--draft',
      draft,
    )
    expect([code, stderr]).toEqual([0, `podid: wrote ${draft}: 4 bindings, 4 proposals as comments\n`])
    const { summary, items } = JSON.parse(stdout) as { summary: unknown; items: InventoryItem[] }
    expect(summary).toEqual({
      clusters: 4,
      serviceAccounts: 9,
      pods: 13,
      uses: { 'pod-identity': 1, irsa: 3, 'static-keys': 1, 'node-role': 3, nothing: 1 },
    })
    expect(
      items.map(({ cluster, serviceAccount, uses, next }) =>
        [
          cluster,
          serviceAccount,
          ...uses.map(({ source, role }) => `${source} ${role?.split('/').at(-1)}`),
          next,
        ].join(' '),
      ),
    ).toEqual([
      'data batch nothing undefined not-possible',
      'data etl pod-identity data-etl nothing',
      `eks-workshop carts node-role ${nodeRole} choose-role`,
      `eks-workshop default node-role ${nodeRole} choose-role`,
      'shop-blue orders irsa shop-blue-orders associate',
      'shop-blue payments irsa shop-blue-payments associate',
      'shop-green orders irsa shop-green-orders associate',
      'shop-green reports static-keys undefined choose-role',
      `shop-green search node-role ${nodeRole} choose-role`,
    ])

    const text = readFileSync(draft, 'utf8')
    const drafted = readConfig(parse(text), 'local')
    expect(drafted.faults).toBeUndefined()
    expect(Object.keys(drafted.config?.bindings ?? {})).toEqual([
      'shop-etl',
      'shop-orders-shop-blue',
      'shop-payments',
      'shop-orders-shop-green',
    ])
    expect(drafted.config?.bindings['shop-orders-shop-blue']).toMatchObject({
      needs: [{ actions: expect.arrayContaining(['dynamodb:Query']) }],
      workload: 'deployment/orders',
    })
    // The proposals are bindings as well, once a person has taken the # away.
    const proposals = readConfig(parse(text.replaceAll(/^#(?= {2})/gm, '')), 'local')
    expect(proposals.faults).toBeUndefined()
    expect(Object.keys(proposals.config?.bindings ?? {})).toHaveLength(8)

    const command = items.find(
      ({ cluster, next }) => cluster === 'shop-green' && next === 'associate',
    )?.migrate
    expect(command).toBe(
      'podid migrate --cluster shop-green --region us-west-2 -n shop --service-account orders --workload deployment/orders --manage-trust',
    )
    const [migrated, planned, again, elsewhere] = await Promise.all(
      [
        command?.split(' ').slice(1) ?? [],
        ['rollout', '-f', draft, '--plan'],
        ['inventory', '--cluster', 'data', '--draft', draft],
        ['inventory', '--cluster', 'data', '--cluster', 'dato', '-o', 'name'],
      ].map((args) => here.podid(...args)),
    )
    // The role is the one of the annotation.
    expect(migrated?.code).toBe(3)
    expect(migrated?.stdout).toMatch(
      /~ trust policy of role shop-green-orders[\s\S]*\+ association of shop\/orders/,
    )
    // Its waves are by its clusters; what it asks of a person is all that keeps it from being carried out.
    const waves = planned?.stdout.split('\n').filter((line) => /^\d {2}/.test(line)) ?? []
    expect([planned?.code, waves.map((line) => line.split(/ {2,}/).slice(0, 4).join(' '))]).toEqual([
      3,
      [
        '1 data shop-etl shop/etl',
        '2 shop-blue shop-orders-shop-blue shop/orders',
        '2 shop-blue shop-payments shop/payments',
        '3 shop-green shop-orders-shop-green shop/orders',
      ],
    ])
    // A plan leaves nothing behind.
    expect(existsSync(join(here.folder, 'podid'))).toBe(false)
    expect([again?.code, again?.stdout, again?.stderr]).toEqual([
      2,
      '',
      `podid: ${draft} is there already, and is not written over: name another file for the draft\n`,
    ])
    // One cluster that cannot be looked at hides no other.
    expect([elsewhere?.code, elsewhere?.stdout]).toEqual([1, 'data/shop/batch\ndata/shop/etl\n'])
    expect(elsewhere?.stderr).toMatch(/^podid: there is no cluster dato in us-west-2; did you mean data\?\n$/)
  })

  it('reads the logs of pods only where that is asked for', async () => {
    const { calls } = here.world
    const logsRead = async (...flags: string[]) => {
      const before = calls.calls.length
      const { code } = await here.podid('inventory', '--cluster', 'eks-workshop', '-o', 'name', ...flags)
      const read = calls.calls.slice(before).filter(({ operation }) => operation === 'get pods/log')
      return [code, read.map(({ subject }) => subject?.split('/')[0])]
    }
    expect(await logsRead()).toEqual([0, []])
    // Of one pod of each ReplicaSet: the database’s, and two of carts, whose rollout does not come to its end.
    expect(await logsRead('--logs')).toEqual([0, ['carts', 'carts', 'carts']])
  })

  it('claims nothing of what the caller may not list, and says it in one line and in JSON', async () => {
    const refuse = (resource: string) =>
      here.world.calls.inject({
        operation: `list ${resource}`,
        times: Number.POSITIVE_INFINITY,
        action: {
          kind: 'error',
          status: 403,
          code: 'Forbidden',
          message: `${resource} is forbidden: User "viewer" cannot list resource "${resource}" in API group "" at the cluster scope`,
        },
      })
    const on = ['--cluster', 'data', '-o', 'json']
    const restore = ['pods', 'nodes', 'serviceaccounts'].map(refuse)
    const status = await here.podid('status', ...on)
    restore[0]?.()
    const inventory = await here.podid('inventory', ...on)
    for (const again of restore) again()
    const oneLine = (...whats: string[]) =>
      expect.stringContaining(
        `podid: could not look at ${whats.join(', ')} on cluster data: viewer may not, by the cluster’s RBAC (403 Forbidden)`,
      )
    expect(status).toMatchObject({ code: 1, stderr: oneLine('pods', 'serviceaccounts') })
    expect(JSON.parse(status.stdout)).toMatchObject({
      items: [{ serviceAccount: 'etl', workloads: null }],
      unseen: [expect.stringMatching(/^pods \(list pods/), expect.stringMatching(/^serviceaccounts \(list/)],
    })
    expect(inventory).toMatchObject({ code: 1, stderr: oneLine('ServiceAccounts', 'nodes') })
    expect(JSON.parse(inventory.stdout)).toMatchObject({
      clusters: [
        {
          cluster: 'data',
          unseen: [
            expect.stringMatching(/^ServiceAccounts \(list/),
            expect.stringMatching(/^nodes \(list nodes/),
          ],
        },
      ],
    })
  })

  it('shows what bindings by pattern come to there, and takes them wherever bindings are taken', async () => {
    const file = join(here.folder, 'patterns.yaml')
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
    writeFileSync(
      file,
      `account: '123456789012'
region: us-west-2
bindings:
  apps:
    cluster: shop-*
    namespace: sh*
    serviceAccount: '*'
    role: '{cluster}-{serviceAccount}'
    workload: deployment/{serviceAccount}
    overrides:
      - where: { serviceAccount: reports }
        skip: true
      - where: { serviceAccount: search }
        role: search
  orders: { cluster: shop-green, namespace: shop, serviceAccount: orders, role: orders }
`,
    )
    const more = join(here.folder, 'more.yaml')
    writeFileSync(
      more,
      `account: '123456789012'
region: us-west-2
bindings:
  pay: { cluster: shop-blue, namespace: shop, serviceAccount: payments, role: pay }
`,
    )
    const run = (...args: string[]) => here.podid(...args, '--file', file)
    const [both, unknown] = [
      await run('bindings', '--file', more, '--cluster', 'shop-blue'),
      await run('bindings', '--file', more, '--binding', 'paid'),
    ]
    // Each by its own file.
    expect([both.code, both.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^podid: \S+more\.yaml:4 and \S+patterns\.yaml:4: bindings pay and apps: both are for shop\/payments on shop-blue: /,
      ),
    ])
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringMatching(/no binding paid in \S+more\.yaml, \S+patterns\.yaml; did you mean pay\?/),
    ])
    const [all, named, planned] = await Promise.all([
      run('bindings', '-o', 'wide'),
      run('bindings', '-o', 'json', '--binding', 'apps', '--cluster', 'shop-blue'),
      run('plan', '--binding', 'apps/shop/payments', '-q'),
    ])
    expect(all.code).toBe(1)
    expect(all.stdout).toContain('shop-green')
    expect(all.stdout).toContain('search')
    expect(all.stdout).toMatch(
      /Left out\n.*patterns\.yaml:11: shop\/reports on shop-green: an override skips it/s,
    )
    expect(all.stderr).toMatch(
      /^podid: \S+patterns\.yaml:4 and \S+patterns\.yaml:15: bindings apps and orders: both are for shop\/orders on shop-green: /,
    )
    expect(named.code).toBe(0)
    const { bindings } = JSON.parse(named.stdout) as { bindings: Record<string, unknown>[] }
    expect(bindings.map(({ name, role: given, workload }) => [name, given, workload])).toEqual([
      ['apps/shop/orders', role('shop-blue-orders'), 'deployment/orders'],
      ['apps/shop/payments', role('shop-blue-payments'), 'deployment/payments'],
    ])
    expect(planned.stderr).not.toContain('usage')
    expect([planned.code, planned.stdout]).toEqual([
      expect.any(Number),
      expect.stringContaining('shop/payments'),
    ])
  })
})

const nodeRole = 'eksctl-eks-workshop-nodegroup-defa-NodeInstanceRole-vniVa7QtOHXO'

const hostile: InventoryItem = {
  cluster: 'shop',
  region: 'us-west-2',
  namespace: 'shop',
  serviceAccount: 'carts',
  pods: 1,
  workloads: [{ workload: '=cmd|calc!a', pods: 1 }],
  uses: [{ source: 'irsa', role: 'a,"b"\nc', pods: 1 }],
  association: null,
  irsaRole: 'x\nbindings: {}',
  since: '2026-01-01T00:00:00Z',
  against: [],
  next: 'associate',
  migrate: 'podid migrate -n shop',
}

it('keeps what others wrote in its cell, and lets a spreadsheet compute nothing', () => {
  const [, row] = inventoryCsv([
    { cluster: 'shop', region: 'us-west-2', account: '123456789012', items: [hostile], unseen: [] },
  ]).split(/(?<=,)\n|\n(?=shop,us)/)
  expect(row).toBe(
    `shop,us-west-2,123456789012,shop,carts,1,'=cmd|calc!a,irsa,"a,""b""\nc",,"x\nbindings: {}",2026-01-01T00:00:00Z,associate,podid migrate -n shop,`,
  )
})

it('lets nothing that others wrote leave the comment of a draft', () => {
  const binding = {
    name: 'carts',
    cluster: 'shop',
    region: 'us-west-2',
    namespace: 'shop',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    migrates: true,
    proposed: false,
    why: 'IRSA (x\nbindings: {})',
  }
  const text = draftText(
    { bindings: [binding, { ...binding, name: 'b', proposed: true }], left: ['shop/x: a\r\nb: c\u2028d: e'] },
    { account: '123456789012', region: 'us-west-2' },
    () => ({ needs: [], left: ['statement a\nb: c'], lookedAt: true }),
  )
  expect(Object.keys(parse(text))).toEqual(['account', 'region', 'bindings'])
  expect(Object.keys(parse(text).bindings)).toEqual(['carts'])
  expect(parse(text).bindings.carts.migrate).toBe('irsa')
})
