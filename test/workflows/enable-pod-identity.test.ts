import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import validate from 'asl-validator'
import { describe, expect, it } from 'vitest'
import { errorNames } from '../../core/errors.ts'
import { functions } from '../../functions/registry.ts'
import { validateDefinition } from '../../local/engine/index.ts'
import { localDefinition } from '../../stage/execution.ts'
import { enablePodIdentity, placeholders, render, template } from '../../workflows/render.ts'

const text = template(enablePodIdentity)
const rendered = render(
  text,
  Object.fromEntries(
    placeholders(text).map((name) => [name, `arn:aws:lambda:us-west-2:123456789012:function:${name}`]),
  ),
)

interface State {
  Type: string
  Comment?: string
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
  Choices?: { Condition: string; Next: string }[]
  Branches?: Machine[]
  Assign?: Record<string, unknown>
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

describe('the definition', () => {
  it('is what asl-validator accepts', () => {
    // It writes into its argument.
    const verdict = validate(JSON.parse(rendered))
    expect(verdict.isValid ? '' : verdict.errorsText('\n')).toBe('')
  })

  it('is what the engine implements, down to its expressions', () => {
    expect(validateDefinition(JSON.parse(rendered))).toEqual([])
  })

  it('names its functions by the registry, and each has its file', () => {
    expect(placeholders(text).sort()).toEqual(Object.keys(functions).sort())
    const files = Object.keys(functions).map(
      (name) => `functions/steps/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`,
    )
    expect(files.filter((file) => !existsSync(join(import.meta.dirname, '../..', file)))).toEqual([])
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
    // A branch's failure is caught by its Parallel state; the report is the last resort itself.
    const inBranch = !(_name in machine.States)
    if (inBranch || _name === 'Report') return
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
    const printed = execFileSync('npm', ['run', '-s', 'asl'], { encoding: 'utf8' })
    const arns = Object.fromEntries(
      placeholders(printed).map((name) => [
        name,
        `arn:aws:lambda:us-west-2:123456789012:function:podid-${name}`,
      ]),
    )
    expect(render(printed, arns)).toBe(localDefinition('123456789012', 'us-west-2'))
  })

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
  const after = (name: string): string[] => {
    const state = machine.States[name] as State
    return [
      ...(state.Next ? [state.Next] : []),
      ...(state.Default ? [state.Default] : []),
      ...(state.Choices ?? []).map((choice) => choice.Next),
      ...(state.Catch ?? []).map((rule) => rule.Next),
    ]
  }
  const reach = (from: string, without: string[] = []): Set<string> => {
    const seen = new Set<string>()
    const queue = [from]
    for (let name = queue.pop(); name; name = queue.pop()) {
      if (seen.has(name) || without.includes(name)) continue
      seen.add(name)
      queue.push(...after(name))
    }
    return seen
  }

  it('touches nothing before Preflight has answered', () => {
    const early = reach('ResolveRequest', ['Preflight'])
    for (const writer of ['EnsureAgent', 'EnsureAssociation', 'RestartWorkload'])
      expect(early).not.toContain(writer)
  })

  it('fails to Undo from every state after the association, and to the report from every state before', () => {
    const failsTo = (name: string) => machine.States[name]?.Catch?.at(-1)?.Next
    for (const name of [
      'EnsureAssociation',
      'AwaitInjection',
      'RestartWorkload',
      'WatchRollout',
      'VerifyCredentials',
    ])
      expect([name, failsTo(name)]).toEqual([name, 'Recover'])
    for (const name of ['AwaitCluster', 'Preflight', 'AwaitApproval', 'EnsureAgent'])
      expect([name, failsTo(name)]).toEqual([name, 'Report'])
  })
})
