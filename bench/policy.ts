import { evaluate, type NamedPolicy } from '../core/policy/evaluate.ts'
import { checkPermissions } from '../core/role/permissions/permissions.ts'

/** One measured thing: the median of the rounds, what it may cost, and how it compares. */
export interface PolicyBenchmarkRow {
  what: string
  value: number
  unit: 'µs' | 'ms'
  budget?: number
  /** This row's value to the baseline's in the same run. */
  ratio?: number
}

const account = '111122223333'
const tableArn = (name: string) => `arn:aws:dynamodb:us-west-2:${account}:table/${name}`
const context = { 'aws:PrincipalTag/kubernetes-namespace': 'carts', 'aws:SecureTransport': 'true' }

/** Ten statements as a team's policy has them: several services, some conditions, a Deny; the last one grants. */
const document = (table: string) => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'Logs', Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' },
    {
      Sid: 'Objects',
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:PutObject'],
      Resource: `arn:aws:s3:::${table}/*`,
    },
    { Sid: 'Bucket', Effect: 'Allow', Action: 's3:ListBucket', Resource: `arn:aws:s3:::${table}` },
    { Sid: 'Queue', Effect: 'Allow', Action: 'sqs:*', Resource: `arn:aws:sqs:*:${account}:${table}-*` },
    { Sid: 'Topic', Effect: 'Allow', Action: 'sns:Publish', Resource: `arn:aws:sns:*:${account}:${table}` },
    {
      Sid: 'Secrets',
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: `arn:aws:secretsmanager:*:${account}:secret:${table}-??????`,
    },
    {
      Sid: 'Keys',
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': 's3.us-west-2.amazonaws.com' } },
    },
    {
      Sid: 'Parameters',
      Effect: 'Allow',
      Action: 'ssm:GetParameter*',
      Resource: `arn:aws:ssm:*:${account}:parameter/${table}/*`,
    },
    {
      Sid: 'PlainHttp',
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      Sid: 'Table',
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'],
      Resource: [tableArn(table), `${tableArn(table)}/index/*`],
      Condition: { StringEquals: { 'aws:PrincipalTag/kubernetes-namespace': 'carts' } },
    },
  ],
})

type PlainStatement = {
  Effect: string
  Action: string | string[]
  Resource: string | string[]
  Condition?: Record<string, Record<string, string>>
}

/** The obvious evaluator, for comparison: patterns as regular expressions, two-valued, equality only. */
const plainEvaluate = (statements: readonly PlainStatement[], action: string, resource: string): boolean => {
  const matches = (patterns: string | string[], text: string) =>
    [patterns].flat().some((pattern) => {
      const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')
      return new RegExp(`^${source}$`, 'i').test(text)
    })
  const known: Record<string, string> = context
  const applies = ({ Action, Resource, Condition = {} }: PlainStatement) =>
    matches(Action, action) &&
    matches(Resource, resource) &&
    Object.values(Condition).every((keys) =>
      Object.entries(keys).every(([key, value]) => known[key] === value),
    )
  const effects = new Set(statements.filter(applies).map(({ Effect }) => Effect))
  return effects.has('Allow') && !effects.has('Deny')
}

const decisions = 2000

const decide = () => {
  const policies: NamedPolicy[] = [{ name: 'carts', document: document('carts') }]
  const ask = { policies, action: 'dynamodb:Query', resource: `${tableArn('carts')}/index/byOwner`, context }
  for (let count = 0; count < decisions; count++) expectGranted(evaluate(ask).decision === 'allowed')
}

const decidePlainly = () => {
  const { Statement: statements } = document('carts')
  const resource = `${tableArn('carts')}/index/byOwner`
  for (let count = 0; count < decisions; count++)
    expectGranted(plainEvaluate(statements as PlainStatement[], 'dynamodb:Query', resource))
}

const tables = Array.from({ length: 20 }, (_, at) => `shop-${at}`)
const needs = Array.from({ length: 1000 }, (_, at) => ({
  actions: ['dynamodb:Query'],
  resources: [`${tableArn(tables[at % tables.length] ?? '')}/index/by-${at}`],
}))
const role = {
  name: 'shop',
  arn: `arn:aws:iam::${account}:role/shop`,
  path: '/',
  trust: {},
  policies: tables.map((name) => ({ name, kind: 'inline' as const, document: document(name) })),
}
const identity = {
  cluster: { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` },
  account,
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}

const checkRole = () => {
  const { verdicts } = checkPermissions({ ...identity, role, needs })
  expectGranted(verdicts.length === needs.length && verdicts.every(({ granted }) => granted))
}

/** Documents that somebody wrote to make the check slow. */
const hostile = (Statement: object[], resource: (at: number) => string) => {
  const asked = Array.from({ length: 1000 }, (_, at) => ({
    actions: ['s3:GetObject'],
    resources: [resource(at)],
  }))
  const document = { Version: '2012-10-17', Statement }
  const policies = [{ name: 'hostile', kind: 'inline' as const, document }]
  return () => void checkPermissions({ ...identity, needs: asked, role: { ...role, policies } })
}
const unclosed = hostile(
  [{ Effect: 'Allow', Action: '*', Resource: '${'.repeat(3000) }],
  (at) => `arn:aws:s3:::b-${at}`,
)
const overlapping = hostile(
  Array.from({ length: 400 }, (_, at) => ({
    Effect: 'Deny',
    Action: 's3:*',
    Resource: `arn:aws:s3:::*x*y*z*${at}*`,
  })),
  (at) => `arn:aws:s3:::*a*b*c*${at}*`,
)

const expectGranted = (granted: boolean): void => {
  if (!granted) throw new Error('the benchmark asks for what its policies grant, and was denied')
}

/** Measures by turns in one process, so that what disturbs one disturbs the other. */
export const benchPolicy = (rounds = 9): PolicyBenchmarkRow[] => {
  const times = { decide: [] as number[], plain: [] as number[], role: [] as number[] }
  const [unclosedMs, overlappingMs] = [timed(unclosed), timed(overlapping)]
  for (let round = -2; round < rounds; round++) {
    const measured = { decide: timed(decide), plain: timed(decidePlainly), role: timed(checkRole) }
    if (round < 0) continue // the first rounds warm up
    times.decide.push(measured.decide)
    times.plain.push(measured.plain)
    times.role.push(measured.role)
  }
  const decision = (median(times.decide) * 1000) / decisions
  const plain = (median(times.plain) * 1000) / decisions
  return [
    {
      what: 'a decision, document of 10 statements',
      value: decision,
      unit: 'µs',
      budget: 20,
      ratio: decision / plain,
    },
    { what: 'the same by regular expressions (baseline)', value: plain, unit: 'µs', ratio: 1 },
    {
      what: '1,000 needs against a role with 20 policies',
      value: median(times.role),
      unit: 'ms',
      budget: 250,
    },
    {
      what: '1,000 needs, 3,000 variables that are never closed',
      value: unclosedMs,
      unit: 'ms',
      budget: 500,
    },
    { what: '1,000 wildcard needs, 400 wildcard Denies', value: overlappingMs, unit: 'ms', budget: 3000 },
  ]
}

const timed = (work: () => void): number => {
  const start = performance.now()
  work()
  return performance.now() - start
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

if (import.meta.main)
  for (const { what, value, unit, budget, ratio } of benchPolicy())
    process.stdout.write(
      `${what}: ${value.toFixed(1)} ${unit}${budget === undefined ? '' : ` (budget ${budget})`}${ratio === undefined ? '' : `, ratio ${ratio.toFixed(2)}`}\n`,
    )
