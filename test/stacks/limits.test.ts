import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Config, parseConfig } from '../../core/config.ts'
import { partitionOf } from '../../core/partitions/partitions.ts'
import { type LimitName, limitFaults, limits, policySize } from '../../stacks/limits.ts'
import { type FunctionName, type PolicyGrant, permissions } from '../../stacks/permissions.ts'
import { packGrants } from '../../stacks/policies.ts'
import { scopeOf } from '../../stacks/scope.ts'
import { readSettings } from '../../stacks/settings.ts'
import { type SynthesizedStage, synthesizeStage } from './support.ts'

const account = '111122223333'

/** Bindings with a role and a ServiceAccount each, on 50 clusters that are named one by one. */
const fleet = (many: number, { region = 'us-west-2', ...binding }: Record<string, unknown> = {}) => ({
  account,
  region,
  clusters: { createAccessEntries: true },
  bindings: Object.fromEntries(
    Array.from({ length: many }, (_, index) => [
      `team-${index}`,
      {
        cluster: `shop-cluster-${index % 50}`,
        namespace: `team-${index}`,
        serviceAccount: 'service',
        role: `arn:${partitionOf(String(region))}:iam::${account}:role/team-${index}`,
        ...binding,
      },
    ]),
  ),
})

const grantsOf = (name: FunctionName, config: Config): PolicyGrant[] =>
  permissions[name](scopeOf(config, (what) => `podid-dev-${what}`)).filter(
    ({ resources }) => resources.length > 0,
  )

const names = Object.keys(permissions) as FunctionName[]

describe.each([27, 100, 1000])('%i bindings on 50 clusters', (many) => {
  const config = parseConfig(fleet(many), 'dev')

  it.each(names)('%s: its policies fit, and grant what they did in one piece', (name) => {
    const grants = grantsOf(name, config)
    const { inline, managed } = packGrants(`podid-dev-${name}`, grants)
    const documents = managed.map((text) => JSON.parse(text) as { Statement: Statement[] })
    for (const text of managed) expect(policySize(text)).toBeLessThanOrEqual(6144)
    expect(policySize(JSON.stringify(inline.map(statement)))).toBeLessThanOrEqual(10_240)
    expect(managed.length).toBeLessThanOrEqual(10)
    const packed = [...inline.map(statement), ...documents.flatMap(({ Statement }) => Statement)]
    expect(single(packed)).toEqual(single(grants.map(statement)))
  })
})

interface Statement {
  Action: string[]
  Resource: string[]
  Condition?: unknown
}
const statement = ({ actions, resources, conditions }: PolicyGrant): Statement => ({
  Action: actions,
  Resource: resources,
  ...(conditions
    ? {
        Condition: Object.fromEntries(
          conditions.map(({ test, variable, values }) => [test, { [variable]: values }]),
        ),
      }
    : {}),
})
/** Each action on each resource, with its condition. */
const single = (statements: Statement[]): string[] =>
  statements
    .flatMap(({ Action, Resource, Condition }) =>
      Action.flatMap((action) =>
        Resource.map((resource) => `${action} ${resource} ${JSON.stringify(Condition ?? {})}`),
      ),
    )
    .sort()

describe('roles that podid may make', () => {
  const boundary = `arn:aws:iam::${account}:policy/limits`
  const made = fleet(1000, { createRole: true, permissionsBoundary: boundary })

  it('are too many by name, and the error says how many policies, the limit, and what to do', () => {
    const config = parseConfig(made, 'dev')
    expect(() => packGrants('podid-dev-ensure-role', grantsOf('ensureRole', config))).toThrow(
      /^podid-dev-ensure-role: a role's managed policies: \d+ policies, and AWS takes 10 \(https:.*\); name the roles by patterns \(rolePatterns in podid.yaml\)/,
    )
  })

  it('grow with patterns where the settings name some, and keep boundary and tag', () => {
    const pattern = `arn:aws:iam::${account}:role/team-*`
    const config = parseConfig({ ...made, rolePatterns: [pattern] }, 'dev')
    const { inline, managed } = packGrants('podid-dev-ensure-role', grantsOf('ensureRole', config))
    expect(managed).toEqual([])
    expect(inline.map(statement)).toContainEqual({
      Action: ['iam:CreateRole'],
      Resource: [pattern],
      Condition: { StringEquals: { 'iam:PermissionsBoundary': [boundary] } },
    })
    const written = inline.find(({ actions }) => actions.includes('iam:PutRolePolicy'))
    expect(written?.resources).toEqual([pattern])
    expect(written?.conditions?.[0]?.values).toContain('shop-cluster-7/*')
    expect(written?.conditions?.[0]?.values).toHaveLength(50)
  })

  it.each([`arn:aws:iam::${account}:role/*`, `arn:aws:iam::*:role/x`, 'role/x'])(
    'are no pattern that takes in every role: %s',
    (pattern) => {
      expect(() => parseConfig({ ...made, rolePatterns: [pattern] }, 'dev')).toThrow(
        '- rolePatterns[0]: is not',
      )
    },
  )
})

it('a cluster that a pattern covers is not named a second time', () => {
  const binding = { ...fleet(1).bindings['team-0'], cluster: 'shop-*' }
  const config = parseConfig({ ...fleet(100), bindings: { ...fleet(100).bindings, all: binding } }, 'dev')
  expect(scopeOf(config, String).clusters).toEqual([`arn:aws:eks:us-west-2:${account}:cluster/shop-*`])
})

const text = (length: number) => 'x'.repeat(length)
const over: [name: LimitName, type: string, inputs: object][] = [
  ['roleName', 'aws:iam/role:Role', { name: text(65) }],
  ['functionName', 'aws:lambda/function:Function', { name: text(65) }],
  ['stateMachineName', 'aws:sfn/stateMachine:StateMachine', { name: text(81) }],
  ['ruleName', 'aws:cloudwatch/eventRule:EventRule', { name: text(65) }],
  [
    'inlinePolicies',
    'aws:iam/role:Role',
    { inlinePolicies: [{ policy: text(10_000) }, { policy: text(241) }] },
  ],
  ['managedPolicies', 'aws:iam/role:Role', { managedPolicyArns: Array(11).fill('arn') }],
  ['managedPolicy', 'aws:iam/policy:Policy', { policy: text(6145) }],
  ['trustPolicy', 'aws:iam/role:Role', { assumeRolePolicy: text(2049) }],
  ['environment', 'aws:lambda/function:Function', { environment: { variables: { A: 'ü'.repeat(2048) } } }],
  ['eventPattern', 'aws:cloudwatch/eventRule:EventRule', { eventPattern: text(2049) }],
  ['definition', 'aws:sfn/stateMachine:StateMachine', { definition: text(1_048_577) }],
]

describe('a synthesis is held to', () => {
  it('every limit of the table', () => {
    expect(over.map(([name]) => name).sort()).toEqual(Object.keys(limits).sort())
  })

  it.each(over)('%s', (name, type, inputs) => {
    const faults = limitFaults([{ type, name: 'One', inputs: { name: 'one', ...inputs } }])
    expect(faults).toHaveLength(1)
    const { most, unit, source } = limits[name]
    expect(faults[0]).toContain(`and AWS takes ${most.toLocaleString('en-US')} (${source})`)
    expect(faults[0]).toContain(` ${unit}, `)
  })

  it('the longest stage name that is taken', () => {
    expect(() => readSettings(process.cwd(), text(31))).toThrow('30 characters at most')
    const longest = names.map((name) => `podid-${text(30)}-${name.replaceAll(/(?=[A-Z])/g, '-')}`)
    expect(Math.max(...longest.map((name) => name.length))).toBeLessThanOrEqual(limits.roleName.most)
  })
})

describe('a stage of 1,000 bindings on 50 clusters in GovCloud', () => {
  let stage: SynthesizedStage

  beforeAll(async () => {
    const folder = join(process.cwd(), 'node_modules/.cache/podid-tests')
    mkdirSync(folder, { recursive: true })
    const settings = join(folder, 'fleet-1000.json')
    writeFileSync(settings, JSON.stringify(fleet(1000, { region: 'us-gov-west-1' })))
    stage = await synthesizeStage('dev', { settings })
  })

  it('passes no limit, and attaches what its inline policies have no room for', () => {
    expect(limitFaults(stage.resources)).toEqual([])
    const passing = stage.roles.find(({ of }) => of === 'EnsureAssociation')?.statements ?? []
    const roles = passing.filter(({ Action }) => Action.includes('iam:PassRole'))
    expect(roles.flatMap(({ Resource }) => Resource)).toHaveLength(1000)
    for (const { Condition } of roles)
      expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': ['pods.eks.amazonaws.com'] } })
  })

  it('has ARNs of its partition only', () => {
    const arns = JSON.stringify([stage.resources, stage.outputs]).match(/arn:aws[\w-]*:/g) ?? []
    expect(new Set(arns)).toEqual(new Set(['arn:aws-us-gov:']))
  })
})
