import { describe, expect, it } from 'vitest'
import {
  type Context,
  type ContextValue,
  type Decision,
  type Evaluation,
  evaluate,
} from '../../core/policy.ts'

// What must hold of every policy. The cases are drawn from a small world, in which patterns meet often; SEED
// draws others, and a failure names the seed and the case that it was found by.
const cases = 100_000
const seed = Number(process.env.SEED ?? 20260101)

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
const randomFrom = (start: number) => {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const random = randomFrom(seed)
const below = (limit: number) => Math.floor(random() * limit)
const pick = <Item>(items: readonly Item[]): Item => items[below(items.length)] as Item
const chance = (of: number) => random() < of
const some = <Item>(draw: () => Item, most: number): Item[] => Array.from({ length: 1 + below(most) }, draw)

const actions = [
  's3:Get',
  's3:Put',
  's3:GetAll',
  's3:*',
  's3:Get*',
  's3:?et',
  '*',
  'S3:get',
  'sqs:*',
] as const
const resources = [
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/b',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::*/b',
  'arn:aws:s3:::?/b*',
  'arn:aws:s3:::a/b?',
  'arn:aws:s3:::${aws:PrincipalTag/t}/*',
  "arn:aws:s3:::${k:none, 'a'}/b",
  '*',
] as const
const keys = ['k:one', 'k:two', 'aws:PrincipalTag/t'] as const
const values = ['a', 'b', 'ab', '1', 'true'] as const
const operators = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLikeIfExists',
  'StringEqualsIfExists',
  'NumericLessThan',
  'Bool',
  'ForAllValues:StringLike',
  'ForAnyValue:StringNotEquals',
] as const

interface Statement {
  Sid: string
  Effect: 'Allow' | 'Deny'
  [element: string]: unknown
}
type Document = { Version: string; Statement: Statement[] }
interface Case {
  policies: { name: string; document: Document }[]
  action: string
  resource: string
  context: Context
}

let sids = 0
const drawStatement = (Effect: Statement['Effect'] = chance(0.75) ? 'Allow' : 'Deny'): Statement => ({
  Sid: `S${sids++}`,
  Effect,
  [chance(0.85) ? 'Action' : 'NotAction']: some(() => pick(actions), 2),
  [chance(0.85) ? 'Resource' : 'NotResource']: some(() => pick(resources), 2),
  ...(chance(0.4) && { Condition: { [pick(operators)]: { [pick(keys)]: some(() => pick(values), 2) } } }),
  ...(chance(0.1) && { Condition: { Null: { [pick(keys)]: pick(['true', 'false']) } } }),
})

const drawContext = (): Context => {
  const context: Record<string, ContextValue> = {}
  for (const key of [...keys, 'k:none']) {
    if (chance(0.3)) continue
    context[key] = pick<() => ContextValue>([
      () => null,
      () => pick(values),
      () => some(() => pick(values), 2),
    ])()
  }
  return context
}

const drawCase = (): Case => ({
  policies: some(
    () => ({ name: 'p', document: { Version: '2012-10-17', Statement: some(drawStatement, 3) } }),
    2,
  ),
  action: pick(actions),
  resource: pick(resources.filter((resource) => !resource.includes('$'))),
  context: drawContext(),
})

const added = (drawn: Case, Effect: Statement['Effect']): Case => ({
  ...drawn,
  policies: [
    ...drawn.policies,
    { name: 'q', document: { Version: '2012-10-17', Statement: [drawStatement(Effect)] } },
  ],
})

/** The need with each wildcard replaced by something that it stands for. */
const narrow = (need: string): string =>
  need.replace(/[*?]/g, (wildcard) =>
    pick(wildcard === '*' ? ['', 'b', '*', '?', 'b*', '*b', '?*'] : ['b', '?']),
  )

const shuffled = <Item>(items: readonly Item[]): Item[] =>
  items
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)

const isDenied = (decision: Decision) => decision !== 'allowed' && decision !== 'conditional'

/** What must not have come of a change: undefined where all is well. */
const violation = (drawn: Case, before: Evaluation): string | undefined => {
  const was = before.decision
  const moreGrants = evaluate(added(drawn, 'Allow')).decision
  if (was === 'allowed' && moreGrants !== 'allowed') return `an added Allow made it ${moreGrants}`
  if (was === 'explicitDeny' && moreGrants !== was) return `an added Allow outweighed a Deny: ${moreGrants}`

  const moreDenials = evaluate(added(drawn, 'Deny')).decision
  if (was !== 'allowed' && moreDenials === 'allowed') return 'an added Deny granted it'
  if (isDenied(was) && !isDenied(moreDenials)) return `an added Deny made it ${moreDenials}`

  const narrower = { ...drawn, action: narrow(drawn.action), resource: narrow(drawn.resource) }
  const ofNarrower = evaluate(narrower).decision
  if (was === 'allowed' && ofNarrower !== 'allowed')
    return `${narrower.action} on ${narrower.resource} within it is ${ofNarrower}`
  if (was === 'explicitDeny' && ofNarrower !== was)
    return `${narrower.action} on ${narrower.resource} within it is ${ofNarrower}`

  const reordered = evaluate({
    ...drawn,
    policies: shuffled(drawn.policies).map(({ name, document }) => ({
      name,
      document: { ...document, Statement: shuffled(document.Statement) },
    })),
  })
  if (describeEvaluation(reordered) !== describeEvaluation(before)) return 'the order of statements mattered'

  const bounded = evaluate({ ...drawn, boundary: added(drawn, 'Allow').policies.at(-1) }).decision
  if (was !== 'allowed' && bounded === 'allowed') return 'a boundary granted it'

  const learnt = evaluate({ ...drawn, context: { ...drawContext(), ...drawn.context } }).decision
  if (was === 'allowed' && learnt !== was) return `a key that played no part made it ${learnt}`
  if (isDenied(was) && !isDenied(learnt)) return `a key that played no part made it ${learnt}`
  return undefined
}

const describeEvaluation = ({ decision, by, missingKeys }: Evaluation): string =>
  [decision, ...by.map(({ sid }) => sid).sort(), ...[...missingKeys].sort()].join()

describe('any policy', () => {
  it(`keeps its promises in ${cases} cases`, () => {
    const seen = new Map<Decision, number>()
    for (let count = 0; count < cases; count++) {
      const drawn = drawCase()
      const before = evaluate(drawn)
      seen.set(before.decision, (seen.get(before.decision) ?? 0) + 1)
      const broken = violation(drawn, before)
      if (broken !== undefined)
        expect.fail(
          `${before.decision}, and ${broken}; SEED=${seed}, case ${count}: ${JSON.stringify(drawn)}`,
        )
      if (before.decision === 'conditional' && before.missingKeys.length === 0)
        expect(before.by.length, `open without a key: ${JSON.stringify(drawn)}`).toBeGreaterThan(0)
    }
    // A world in which hardly anything is granted would prove little.
    for (const decision of ['allowed', 'conditional', 'implicitDeny', 'explicitDeny', 'partialDeny'] as const)
      expect(seen.get(decision) ?? 0, decision).toBeGreaterThan(cases / 50)
  })
})
