import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { NormalizedSchema } from '@smithy/core/schema'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import type { Constraint } from '../../../local/aws/protocol/constraints/constraint.ts'
import { constraintTable } from '../../../local/aws/protocol/constraints/table.ts'
import {
  modelOf,
  type OperationModel,
  type ServiceModel,
  type ServiceName,
} from '../../../local/aws/protocol/model.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { randomSource } from '../../support/random.ts'
import { allow, clientsOf } from './support.ts'
import { sendSigned, type WireCall } from './wire.ts'

const seed = Number(process.env.PODID_SEED ?? 20261125)
const rounds = process.env.PODID_EXHAUSTIVE ? 100 : 1

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws()
  aws.state.addRole({ name: 'carts', trust: podIdentityTrust, inline: { a: allow('*') } })
  aws.state.addPolicy({ name: 'items', versions: [allow('dynamodb:*')] })
  aws.tables.add('items', 'id')
  aws.topics.add('topic')
  aws.buckets.add('shop')
  arrange()
})
afterAll(() => aws.close())

/** What earlier requests may have deleted is put back before each operation, so that handlers are reached. */
const arrange = () => {
  if (!aws.state.clusters.has('shop')) aws.state.addCluster({ name: 'shop' })
  if (!aws.state.roles.has('carts')) aws.state.addRole({ name: 'carts', trust: podIdentityTrust })
}

type Random = ReturnType<typeof randomSource>

const account = '123456789012'
const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const texts = [
  'shop',
  'carts',
  'items',
  'id',
  'default',
  'a',
  '',
  ' ',
  '*',
  '0',
  '-1',
  'true',
  'null',
  '{}',
  '[]',
  '{',
  '""',
  '__proto__',
  'constructor',
  'toString',
  '../..',
  '%00%ff',
  '\u0000',
  '\ud800',
  '🙂'.repeat(300),
  'ä'.repeat(5000),
  'x'.repeat(70_000),
  deep(20_000),
  `arn:aws:iam::${account}:role/carts`,
  `arn:aws:iam::${account}:policy/items`,
  `arn:aws:iam::${account}:role/`,
  'arn:aws:iam::aws:policy/x',
  `arn:aws:sns:us-west-2:${account}:topic`,
  `arn:aws:eks:us-west-2:${account}:cluster/shop`,
  `arn:aws:states:us-west-2:${account}:stateMachine:m`,
  ':::::::',
  'v1',
  JSON.stringify(podIdentityTrust),
  JSON.stringify(allow('s3:*')),
  '{"Version":"2012-10-17","Statement":null}',
  '{"Version":"2012-10-17","Statement":[null]}',
  '{"Statement":[{"Effect":"Allow","Principal":{"AWS":{}},"Action":7}]}',
  'attribute_exists(id) AND (',
  '#a = :b',
  'id = :id',
  'rate(1 day)',
  '{"source":["x"]}',
  'bnVsbA==',
  '2026-11-25T00:00:00Z',
]
const numbers = [0, 1, -1, 2, 100, 1000, 3600, 43_200, 2 ** 31, 2 ** 53, -(2 ** 53), 0.5, 1e308]
const garbage = [
  null,
  true,
  false,
  0,
  -1,
  1e308,
  '',
  'x',
  [],
  [null],
  {},
  { a: null },
  [[[]]],
  { '': { '': [] } },
]

/** How an input is made: `good` keeps to the model and to what the operation reads, so that handlers are reached. */
interface Recipe {
  random: Random
  good: boolean
  reads: readonly string[]
  constraintAt(path: string): Constraint
}

const satisfies = ({ min = -Infinity, max = Infinity, pattern, values }: Constraint, value: unknown) => {
  if (typeof value === 'number') return value >= min && value <= max
  const text = String(value)
  return (
    (!values || values.includes(text)) &&
    text.length >= min &&
    text.length <= max &&
    (!pattern || new RegExp(`^(?:${pattern})$`, 'u').test(text))
  )
}

/** One of the candidates; in a good input, one that the model allows if there is any. */
const choose = ({ random, good, constraintAt }: Recipe, path: string, candidates: readonly unknown[]) => {
  const { values = [] } = constraintAt(path)
  const all = [...candidates, ...values]
  const allowed = good ? all.filter((value) => satisfies(constraintAt(path), value)) : all
  return random.pick(allowed.length > 0 ? allowed : all)
}

const valueFor = (recipe: Recipe, schema: NormalizedSchema, path: string, depth: number): unknown => {
  const { random, good } = recipe
  if (!good && random.chance(0.04)) return random.pick(garbage)
  if (schema.isListSchema())
    // Only a list that is in no other: many of many would be many megabytes.
    return Array.from({ length: random.pick(good ? [1, 1, 2, 3] : [0, 1, 2, depth > 1 ? 3 : 60]) }, () =>
      random.chance(0.08) ? null : valueFor(recipe, schema.getValueSchema(), `${path}[]`, depth + 1),
    )
  if (schema.isMapSchema())
    return Object.fromEntries(
      Array.from({ length: random.pick([0, 1, 1, 2]) }, () => [
        choose(recipe, `${path}{key}`, texts),
        random.chance(0.04) ? null : valueFor(recipe, schema.getValueSchema(), `${path}{}`, depth + 1),
      ]),
    )
  if (schema.isStructSchema()) return depth > 5 ? {} : structure(recipe, schema, path, depth + 1)
  if (schema.isBooleanSchema()) return random.chance(0.5)
  if (schema.isNumericSchema()) return choose(recipe, path, numbers)
  if (schema.isTimestampSchema()) return random.pick([0, 1.7e9, -1, 1e300, '2026-11-25T00:00:00Z'])
  const known = likely(path.split('.').at(-1) ?? '')
  return choose(recipe, path, known.length > 0 && random.chance(0.8) ? known : texts)
}

const structure = (recipe: Recipe, schema: NormalizedSchema, path = '', depth = 0) => {
  const within = path.replace(/\[\]$/, '')
  const percent = recipe.random.pick(recipe.good ? [60, 90, 100] : [30, 70, 100])
  return Object.fromEntries(
    [...schema.structIterator()].flatMap(([name, member]) => {
      const at = within ? `${within}.${name}` : name
      const skipped = !recipe.random.chance(percent / 100) || (recipe.good && !isRead(recipe.reads, at))
      return skipped ? [] : [[name, valueFor(recipe, member, at, depth)]]
    }),
  )
}

const isRead = (reads: readonly string[], path: string): boolean => {
  const plain = path.replace(/\[\]|\{(key)?\}/g, '')
  return reads.some((read) => read === plain || plain.startsWith(`${read}.`) || read.startsWith(`${plain}.`))
}

/** What a member of that name often holds in a good request. */
const likely = (name: string): string[] => {
  const lower = name.toLowerCase()
  if (lower === 'clustername' || lower === 'name') return ['shop']
  if (lower.endsWith('rolearn') || lower.endsWith('principalarn') || lower === 'policysourcearn')
    return [`arn:aws:iam::${account}:role/carts`]
  if (lower === 'rolename') return ['carts']
  if (lower === 'policyarn' || lower === 'permissionsboundary')
    return [`arn:aws:iam::${account}:policy/items`]
  if (lower === 'tablename') return ['items']
  if (lower === 'addonname') return ['eks-pod-identity-agent']
  if (lower === 'statemachinearn') return [`arn:aws:states:us-west-2:${account}:stateMachine:m`]
  if (lower.endsWith('document')) return [JSON.stringify(podIdentityTrust), JSON.stringify(allow('s3:*'))]
  return []
}

const wire = (
  { name: service, protocol }: ServiceModel,
  model: OperationModel,
  input: Record<string, unknown>,
): WireCall => {
  if (protocol === 'query') {
    const form = new URLSearchParams({ Action: model.name })
    flatten(form, '', input)
    return {
      service,
      method: 'POST',
      target: '/',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: form.toString(),
    }
  }
  if (protocol === 'json')
    return {
      service,
      method: 'POST',
      target: '/',
      headers: { 'x-amz-target': `X.${model.name}`, 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify(input),
    }
  return restCall(service, model, input)
}

const restCall = (service: ServiceName, model: OperationModel, input: Record<string, unknown>): WireCall => {
  const rest = { ...input }
  const labels = [...model.http.labels]
  let path = model.http.path.source.replace(/^\^|\\?\/\?\$$/g, '').replaceAll('\\/', '/')
  for (const label of labels) {
    const text = String(rest[label] ?? 'shop')
      .toWellFormed()
      .slice(0, 2000)
    path = path.replace(/\([^)]*\)/, () => encodeURIComponent(text) || 'shop')
    delete rest[label]
  }
  const query = new URLSearchParams([...model.http.query])
  const headers: Record<string, string> = {}
  for (const [name, member] of model.input.structIterator()) {
    const { httpQuery, httpHeader } = member.getMergedTraits()
    if (rest[name] === undefined || (!httpQuery && !httpHeader)) continue
    const text = String(rest[name]).slice(0, 2000)
    if (httpQuery) query.set(httpQuery, text)
    // Not every text can travel in a header; how long the body is is the client's own to say.
    else if (httpHeader && /^[\x21-\x7e]+$/.test(text) && httpHeader !== 'Content-Length')
      headers[httpHeader.toLowerCase()] = text
    delete rest[name]
  }
  const target = query.size > 0 ? `${path}?${query}` : path
  const bodiless = ['GET', 'HEAD', 'DELETE'].includes(model.http.method)
  return { service, method: model.http.method, target, headers, body: bodiless ? '' : bodyOf(service, rest) }
}

/** S3 reads bytes, or a structure in XML. */
const bodyOf = (service: ServiceName, rest: Record<string, unknown>): string => {
  if (service !== 's3') return JSON.stringify(rest)
  const [value] = Object.values(rest)
  if (typeof value !== 'object' || value === null) return String(value)
  const elements = Object.entries(value).map(([name, text]) => `<${name}>${String(text)}</${name}>`)
  return `<Root>${elements.join('')}</Root>`
}

const flatten = (form: URLSearchParams, prefix: string, value: unknown): void => {
  if (typeof value !== 'object' || value === null) return void form.set(prefix, String(value))
  const dotted = (name: string) => (prefix ? `${prefix}.${name}` : name)
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) flatten(form, dotted(`member.${index + 1}`), item)
  else for (const [name, item] of Object.entries(value)) flatten(form, dotted(name), item)
}

const served = () =>
  Object.entries(aws.operations).flatMap(([service, operations]) =>
    Object.keys(operations).map((name) => ({ service: service as ServiceName, name })),
  )

it(`answers whatever its operations are asked (seed ${seed})`, async () => {
  const random = randomSource(seed)
  const answered = new Map<number, number>()
  for (const [at, { service, name }] of served().entries()) {
    const serviceModel = await modelOf(service)
    const model = serviceModel.operations.get(name) as OperationModel
    const { shapes, members } = constraintTable[service]
    const recipe = {
      random,
      reads: aws.operations[service][name]?.reads ?? [],
      constraintAt: (path: string) => shapes[members[name]?.[path] ?? ''] ?? {},
    }
    for (let round = 0; round < rounds; round++) {
      arrange()
      // Most keep to the model; of the others, every second one is no input at all.
      const good = (at + round) % 3 !== 0
      const garbled = !good && (at + round) % 2 === 0
      const whole = garbled ? random.pick(garbage) : structure({ ...recipe, good }, model.input)
      const call = wire(serviceModel, model, Object(whole) as Record<string, unknown>)
      const answer = await sendSigned(aws, call)
      answered.set(answer.status, (answered.get(answer.status) ?? 0) + 1)
      // Only then: to write all of them down takes longer than to answer them.
      if (answer.status === 500)
        expect.fail(
          `${service} ${name} with ${JSON.stringify(whole)?.slice(0, 2000)}: ${answer.text.slice(0, 500)}`,
        )
    }
  }
  expect(aws.calls.calls.filter(({ failure }) => failure)).toEqual([])
  // Garbage that is refused at the door would show nothing: a good part reaches the handlers.
  expect([...answered.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 501]))
  await clientsOf(aws).sts.send(new GetCallerIdentityCommand({}))
})

it('has a row of constraints for each operation', () => {
  for (const { service, name } of served())
    expect(Object.keys(constraintTable[service].members), `${service} ${name}: run generate.ts`).toContain(
      name,
    )
})
