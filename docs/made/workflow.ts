import { enablePodIdentity, template } from '../../workflows/render.ts'

interface State {
  Type: string
  Next?: string
  Default?: string
  Choices?: { Next: string }[]
  Branches?: Machine[]
  Catch?: { ErrorEquals: string[]; Next: string }[]
}
interface Machine {
  StartAt: string
  States: Record<string, State>
}

const shapes: Readonly<Record<string, [open: string, close: string]>> = {
  Choice: ['{{', '}}'],
  Wait: ['([', '])'],
  Pass: ['([', '])'],
  Succeed: ['((', '))'],
  Fail: ['((', '))'],
}

const node = (name: string, { Type }: State): string => {
  const [open, close] = shapes[Type] ?? ['[', ']']
  return `${name}${open}${name}${close}`
}

const nextOf = ({ Next, Default, Choices = [] }: State): string[] => [
  ...new Set([...Choices.map((choice) => choice.Next), Default, Next].filter((name) => name !== undefined)),
]

/** Leaves out what only a failure leads to. */
const drawMachine = (machine: Machine, indent: string): string[] => {
  const states = Object.entries(machine.States)
  const reached = new Set([machine.StartAt, ...states.flatMap(([, state]) => nextOf(state))])
  return states
    .filter(([name]) => reached.has(name))
    .flatMap(([name, state]) => drawState(name, state, indent))
}

const drawState = (name: string, state: State, indent: string): string[] => [
  ...(state.Branches
    ? [
        `${indent}subgraph ${name}`,
        ...state.Branches.flatMap((branch) => drawMachine(branch, `${indent}  `)),
        `${indent}end`,
      ]
    : [`${indent}${node(name, state)}`]),
  ...nextOf(state).map((next) => `${indent}${name} --> ${next}`),
]

/** Where failures go, a line for each target, since an arrow for each would hide the way of success. */
const failures = ({ States }: Machine): string => {
  const targets = new Map<string, string[]>()
  for (const [name, { Catch = [] }] of Object.entries(States)) {
    const everything = Catch.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'))
    if (everything) targets.set(everything.Next, [...(targets.get(everything.Next) ?? []), name])
  }
  return [...targets].map(([target, names]) => `- to \`${target}\`: ${names.join(', ')}`).join('\n')
}

/** The workflow as a Mermaid picture, and where its failures go: made from the definition itself. */
export const workflowPicture = (): string => {
  const machine = JSON.parse(template(enablePodIdentity)) as Machine
  return `\`\`\`mermaid
flowchart TD
${drawMachine(machine, '  ').join('\n')}
\`\`\`

Rectangles are steps, hexagons decisions. What a step cannot get over by its retries goes

${failures(machine)}`
}
