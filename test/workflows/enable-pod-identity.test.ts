import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import validate from 'asl-validator'
import { describe, expect, it } from 'vitest'
import { isAlias, isMap, isNode, parseDocument, visit } from 'yaml'
import { errorNames } from '../../core/errors.ts'
import { stepEntries, steps } from '../../core/steps/table.ts'
import { validateDefinition } from '../../local/engine/index.ts'
import { localDefinition } from '../../stage/execution.ts'
import { enablePodIdentity, placeholders, render } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

const root = join(import.meta.dirname, '../..')
const text = template(enablePodIdentity)
const rendered = render(
  text,
  Object.fromEntries(placeholders(text).map((name) => [name, `function:${name}`])),
)

interface State {
  Type: string
  Comment?: string
  Arguments?: { FunctionName?: string }
  Next?: string
  Default?: string
  End?: boolean
  TimeoutSeconds?: number | string
  HeartbeatSeconds?: number
  Retry?: {
    ErrorEquals: string[]
    IntervalSeconds?: number
    BackoffRate?: number
    MaxAttempts?: number
    MaxDelaySeconds?: number
    JitterStrategy?: string
  }[]
  Catch?: { ErrorEquals: string[]; Next: string; Assign?: Record<string, unknown> }[]
  Choices?: Rule[]
  Branches?: Machine[]
  Assign?: Record<string, unknown>
}
interface Rule {
  Condition: string
  Next: string
}
interface Machine {
  StartAt: string
  States: Record<string, State>
}

const machine = JSON.parse(rendered) as Machine
const statesOf = ({ States }: Machine): [string, State][] =>
  Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.Branches ?? []).flatMap(statesOf),
  ])
const states = statesOf(machine)
const tasks = states.filter(([, { Type }]) => Type === 'Task')

/** What each state's Retry is called in the definition's file: its anchor, or the one it repeats. */
const retries = new Map<string, string | undefined>()
visit(parseDocument(readFileSync(join(root, `workflows/${enablePodIdentity}.asl.yaml`), 'utf8')), {
  Pair: (_key, { key, value }) => {
    const retry = isMap(value) ? value.get('Retry', true) : undefined
    if (isNode(retry)) retries.set(String(key), isAlias(retry) ? retry.source : retry.anchor)
  },
})
const retryOf = (state: string): string | undefined => retries.get(state)

describe('the definition', () => {
  // That of rollouts too, as the validator takes long to load.
  it.each([
    ['runs', rendered],
    ['rollouts', localDefinition('111122223333', 'us-west-2', 'rollout')],
  ])('of %s is what asl-validator accepts', (_of, text) => {
    // It writes into its argument.
    const verdict = validate(JSON.parse(text))
    expect(verdict.isValid ? '' : verdict.errorsText('\n')).toBe('')
  })

  it('is what the engine implements, down to its expressions', () => {
    expect(validateDefinition(JSON.parse(rendered))).toEqual([])
  })

  it('has a step for each of its functions, and each has its file', () => {
    expect(placeholders(text).sort()).toEqual(Object.keys(steps).sort())
    const files = Object.keys(steps).map(
      (name) => `functions/steps/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`,
    )
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})

describe.each(stepEntries)('the step %s', (name, { states: listed, retry }) => {
  const own = tasks.filter(([, { Arguments }]) => Arguments?.FunctionName === `function:${name}`)

  it('is run by the states of its row, and no others', () => {
    expect(own.map(([state]) => state).sort()).toEqual(Object.keys(listed).sort())
  })

  it('is retried as its row says', () => {
    for (const [state] of own) expect([state, retryOf(state)]).toEqual([state, retry])
  })
})

describe.each(tasks)('the task %s', (_name, state) => {
  it('bounds its time', () => {
    // The one expression is the time the request gives a person to answer.
    if (_name === 'AwaitApproval') expect(state.TimeoutSeconds).toBe('{% $request.approvalTimeoutSeconds %}')
    else expect(state.TimeoutSeconds).toBeGreaterThan(0)
  })

  it('retries what may pass, with backoff, a limit and full jitter', () => {
    const transient = state.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes('Transient'))
    expect(transient).toMatchObject({ BackoffRate: 2, JitterStrategy: 'FULL' })
    for (const retrier of state.Retry ?? []) {
      expect(retrier.JitterStrategy).toBe('FULL')
      expect(retrier.MaxAttempts).toBeGreaterThan(0)
    }
  })

  it('retries a function whose time was over, by the name that its time limit gives', () => {
    expect((state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('TimedOut')
  })

  it('never repeats what a repetition cannot mend', () => {
    const retried = (state.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals)
    for (const hopeless of [
      'InvalidRequest',
      'PreflightFailed',
      'Refused',
      'Declined',
      'RolloutFailed',
      'States.ALL',
    ])
      expect(retried).not.toContain(hopeless)
  })

  it('leaves nothing uncaught', () => {
    // A branch's failure is caught by its Parallel state.
    const inBranch = !(_name in machine.States)
    if (inBranch) return
    expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL'])
  })
})

describe('the error names', () => {
  const builtIn = /^(?:States|Lambda|Sandbox)\./
  const assigned = [...rendered.matchAll(/"Error": "(\w+)"|: '(\w+)' %}"/g)].flatMap(
    ([, a, b]) => a ?? b ?? [],
  )
  const used = new Set([
    ...states.flatMap(([, { Retry = [], Catch = [] }]) =>
      [...Retry, ...Catch].flatMap((rule) => rule.ErrorEquals),
    ),
    ...assigned,
  ])

  it('of the workflow are those of the taxonomy, or built in', () => {
    const known: readonly string[] = errorNames
    expect([...used].filter((name) => !builtIn.test(name) && !known.includes(name))).toEqual([])
  })

  it.each(errorNames)('%s is treated somewhere', (name) => {
    expect(used).toContain(name)
  })
})

describe('rendering', () => {
  // That stacks deploy the same bytes is seen in test/stacks/synth.test.ts.
  it('gives the console what runs locally, byte for byte', () => {
    // What `npm run -s asl` starts; npm itself takes longer than that.
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const [program, ...args] = scripts.asl.split(' ')
    expect(program).toBe('node')
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root })
    const arns = Object.fromEntries(
      placeholders(printed).map((name) => [
        name,
        `arn:aws:lambda:us-west-2:123456789012:function:podid-${name}`,
      ]),
    )
    expect(render(printed, arns)).toBe(localDefinition('123456789012', 'us-west-2'))
  })

  it.each<[account: string, region: string, machine: 'enable' | 'rollout', named: string]>([
    ['123456789012', 'us-west-2', 'enable', 'arn:aws:lambda:us-west-2:123456789012:function:podid-report'],
    ['210987654321', 'us-west-2', 'enable', 'arn:aws:lambda:us-west-2:210987654321:function:podid-report'],
    [
      '123456789012',
      'us-gov-west-1',
      'enable',
      'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:podid-report',
    ],
    [
      '123456789012',
      'us-west-2',
      'rollout',
      'arn:aws:lambda:us-west-2:123456789012:function:podid-planWaves',
    ],
  ])(
    'in %s in %s: the machine %s has the functions of there, whichever was asked for before',
    (account, region, machine, named) => {
      const text = localDefinition(account, region, machine)
      expect(text).toContain(named)
      const others = [...text.matchAll(/:lambda:([\w-]+:\d{12})/g)].filter(
        ([, where]) => where !== `${region}:${account}`,
      )
      expect(others).toEqual([])
    },
  )

  it('refuses a placeholder without a value and a value without a placeholder', () => {
    expect(() => render('{"a":"${one}","b":"${two}"}', { one: '1', three: '3' })).toThrow(
      'the placeholder ${two} has no value; the value three has no placeholder',
    )
  })

  it('escapes values as JSON does', () => {
    expect(JSON.parse(render('{"a":"${one}"}', { one: 'say "hi"\\' }))).toEqual({ a: 'say "hi"\\' })
  })
})

describe('the way through', () => {
  type Next = (state: State) => string[]
  const everywhere: Next = (state) => [
    ...(state.Next ? [state.Next] : []),
    ...(state.Default ? [state.Default] : []),
    ...(state.Choices ?? []).map((rule) => rule.Next),
    ...(state.Catch ?? []).map((rule) => rule.Next),
  ]
  const reach = (from: string, without: string[] = [], next = everywhere): string[] => {
    const seen = new Set<string>()
    const queue = [from]
    for (let name = queue.pop(); name; name = queue.pop()) {
      if (seen.has(name) || without.includes(name)) continue
      seen.add(name)
      queue.push(...next(machine.States[name] as State))
    }
    return [...seen]
  }
  const writers = stepEntries.flatMap(([, { writes, states }]) => (writes ? Object.keys(states) : []))
  const writes = (name: string): boolean => writers.includes(name)
  const isTask = (name: string): boolean => machine.States[name]?.Type === 'Task'

  /** What is written before Preflight because the request asks for it: the writer, and the rule that leads to it. */
  const askedFor: readonly [writer: string, by: RegExp][] = [
    [
      'EnsureAccess',
      /\$request\.access = 'create' and \$request\.mode = 'enable' and \$request\.approval = 'none'/,
    ],
    ['Undo', /\$request\.mode = 'undo'/],
  ]
  const unasked: Next = (state) =>
    everywhere({
      ...state,
      Choices: (state.Choices ?? []).filter(
        ({ Next, Condition }) => !askedFor.some(([writer, by]) => Next === writer && by.test(Condition)),
      ),
    })

  it('touches nothing before Preflight has answered, unless the request asks for it', () => {
    expect(reach('ResolveRequest', ['Preflight'], unasked).filter(writes)).toEqual([])
    expect(reach('ResolveRequest', ['Preflight']).filter(writes).sort()).toEqual(
      [...askedFor.map(([writer]) => writer), 'AwaitUndo'].sort(),
    )
  })

  const afterAssociation = reach('EnsureAssociation', ['TakeStock', 'Recover', 'Undo', 'Report']).filter(
    isTask,
  )
  const beforeAssociation = reach('AwaitCluster', [
    'EnsureAssociation',
    'TakeStock',
    'Undo',
    'Report',
  ]).filter(isTask)

  it('knows what is before the association and what after', () => {
    expect(afterAssociation).toContain('VerifyCredentials')
    expect(beforeAssociation).toContain('EnsureAgent')
  })

  it('has an end that says what is known even where the report cannot be written', () => {
    expect(machine.States.Report?.Catch?.at(-1)?.Next).toBe('Unreported')
    expect(machine.States.Unreported?.Type).toBe('Fail')
  })

  it.each(afterAssociation)('fails from %s, after the association, to where it is undone', (name) => {
    expect(machine.States[name]?.Catch?.at(-1)?.Next).toBe(writes(name) ? 'TakeStock' : 'Recover')
  })

  it.each(beforeAssociation)('fails from %s, before the association, to the report', (name) => {
    expect(machine.States[name]?.Catch?.at(-1)?.Next).toBe(writes(name) ? 'TakeStock' : 'Report')
  })
})
