import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { fits, parseConfig } from '../../core/config.ts'
import { bindingRequest, bindingsOn, mayHaveBindings } from '../../core/fleet/expand/of-stage.ts'
import { clusterPatterns, rolesOf } from '../../core/fleet/scope.ts'
import { resolveRequest } from '../../core/request-input.ts'
import { settingsSchema } from '../../stacks/synth/settings-schema.ts'
import {
  cartsBinding as carts,
  settingsFile as file,
  settingsWith as withBinding,
} from './config/settings-file.ts'

const root = join(import.meta.dirname, '../..')
const example = (): Record<string, unknown> => parse(readFileSync(join(root, 'podid.yaml'), 'utf8'))

describe('podid.yaml', () => {
  it('as it comes with the project is good for every stage', () => {
    expect(parseConfig(example(), 'dev').triggers.sweep).toMatchObject({ everyMinutes: 60, mode: 'report' })
    expect(parseConfig(example(), 'production').triggers.sweep).toMatchObject({
      everyMinutes: 30,
      mode: 'mend',
    })
  })

  it('has its schema beside it, for editors', async () => {
    await expect(`${JSON.stringify(settingsSchema(), null, 2)}\n`).toMatchFileSnapshot(
      '../../podid.schema.json',
    )
  })

  it('gives a stage what differs there, whole keys at a time', () => {
    const stages = { production: { region: 'eu-west-1', channels: { amazonQ: true } } }
    const both = file({ channels: { alarmEmails: ['carts@example.com'] }, stages })
    expect(parseConfig(both, 'dev')).toMatchObject({
      region: 'us-west-2',
      channels: { amazonQ: false, alarmEmails: ['carts@example.com'] },
    })
    expect(parseConfig(both, 'production')).toMatchObject({
      region: 'eu-west-1',
      channels: { amazonQ: true, alarmEmails: [] },
    })
  })
})

describe('a pattern', () => {
  const cases: [pattern: string, name: string, does: boolean][] = [
    ['eks-workshop', 'eks-workshop', true],
    ['eks-workshop', 'eks-workshop-2', false],
    ['shop-*', 'shop-', true],
    ['shop-*', 'a-shop-1', false],
    ['shop-?', 'shop-1', true],
    ['shop-?', 'shop-12', false],
    ['*', 'anything', true],
  ]
  it.each(cases)('%s on %s: %s', (pattern, name, does) => {
    expect(fits(pattern, name)).toBe(does)
  })
})

describe('the bindings of a cluster', () => {
  const config = parseConfig(
    file({
      bindings: {
        everywhere: { ...carts, cluster: '*' },
        tagged: {
          ...carts,
          serviceAccount: 'tagged',
          cluster: 'shop-*',
          clusterTags: { team: 'shop', tier: 'live' },
        },
        elsewhere: { ...carts, cluster: '*', region: 'eu-west-1' },
      },
    }),
    'dev',
  )
  const names = (name: string, region: string, tags: Record<string, string>) =>
    bindingsOn(config, { name, region, tags, account: '111122223333' })
      .bindings.map((found) => found.name)
      .toSorted()

  it('are those whose pattern, region and tags all fit', () => {
    expect(names('shop-1', 'us-west-2', { team: 'shop', tier: 'live' })).toEqual(['everywhere', 'tagged'])
    expect(names('shop-1', 'us-west-2', { team: 'shop' })).toEqual(['everywhere'])
    expect(names('shop-1', 'eu-west-1', { team: 'shop', tier: 'live' })).toEqual(['elsewhere'])
    expect(names('shop-1', 'us-east-1', {})).toEqual([])
  })

  it('may be told apart from none before anybody has looked at tags', () => {
    expect(mayHaveBindings(config, { name: 'shop-1', region: 'eu-west-1' })).toBe(true)
    expect(mayHaveBindings(config, { name: 'shop-1', region: 'us-east-1' })).toBe(false)
  })

  it('are requests that the first state takes', () => {
    const { bindings } = bindingsOn(parseConfig(example(), 'dev'), {
      name: 'eks-workshop',
      region: 'us-west-2',
      account: '111122223333',
      tags: {},
    })
    const [found] = bindings
    if (!found) throw new Error('the example has a binding for the workshop')
    const input = bindingRequest(found.binding)
    const execution = {
      arn: 'arn:aws:states:us-west-2:111122223333:execution:podid-dev-enable:r',
      startTime: '2026-11-23T00:00:00Z',
    }
    expect(resolveRequest(input, execution)).toMatchObject({
      cluster: 'eks-workshop',
      workload: { kind: 'Deployment', name: 'carts' },
    })
  })
})

describe('what podid may touch', () => {
  it('is each declared pattern once', () => {
    const config = parseConfig(
      file({
        bindings: { one: carts, two: { ...carts, serviceAccount: 'two' } },
        clusters: { others: ['lab-*'] },
      }),
      'dev',
    )
    expect(clusterPatterns(config)).toEqual([
      { pattern: 'eks-workshop', region: 'us-west-2' },
      { pattern: 'lab-*', region: 'us-west-2' },
    ])
  })

  it('is each role in its part', () => {
    const other = 'arn:aws:iam::111122223333:role/other'
    const far = 'arn:aws:iam::999900001111:role/far'
    expect(rolesOf(parseConfig(withBinding({ formerRoles: [other], targetRole: far }), 'dev'))).toEqual({
      roles: [carts.role],
      formerRoles: [other],
      targetRoles: [far],
      trustRoles: [],
    })
  })
})
