import { stepLabels, writingStates } from '../../core/steps/table.ts'
import { nextOf } from '../../workflows/graph.ts'
import { enablePodIdentity } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

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

/** Leaves out what only a failure leads to. */
const drawMachine = (machine: Machine, indent: string): string[] => {
  const states = Object.entries(machine.States)
  const reached = new Set([machine.StartAt, ...states.flatMap(([, state]) => nextOf(state))])
  // A Fail is worth its place: it is where a run ends.
  for (const [name, { Type }] of states) if (Type === 'Fail') reached.add(name)
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
    for (const { ErrorEquals, Next } of Catch) {
      // A catcher of some errors is worth a word only where the others go elsewhere.
      if (Next === everything?.Next && !ErrorEquals.includes('States.ALL')) continue
      const which = ErrorEquals.includes('States.ALL') ? name : `${name} (${ErrorEquals.join(', ')})`
      targets.set(Next, [...(targets.get(Next) ?? []), which])
    }
  }
  return [...targets].map(([target, names]) => `- to \`${target}\`: ${names.join(', ')}`).join('\n')
}

const machineOf = (): Machine => JSON.parse(template(enablePodIdentity)) as Machine

/** The workflow as a Mermaid picture, made from the definition itself. */
const workflowDrawing = (): string => `\`\`\`mermaid
flowchart TD
${drawMachine(machineOf(), '  ').join('\n')}
\`\`\``

/** The picture, and where failures go. */
export const workflowPicture = (): string => `${workflowDrawing()}

Rectangles are tasks, hexagons decisions. A failure that outlasts its retries goes

${failures(machineOf())}`

/** The states that a person follows on the way of success, in the order of the definition, and those of a way back. */
const followed = (machine: Machine) => {
  const back = ['Undo', 'AwaitUndo']
  const main = Object.entries(machine.States).filter(
    ([name, { Branches }]) =>
      Branches || (stepLabels[name] && !/^TakeStock/.test(name) && !back.includes(name)),
  )
  return { main, back }
}

/** A run in a few boxes, for a reader's first look: which steps write, and where a failure after them goes. */
export const workflowSketch = (): string => {
  const { main, back } = followed(machineOf())
  const box = (name: string): string =>
    writingStates.has(name) ? `${name}[["${stepLabels[name]}"]]` : `${name}["${stepLabels[name]}"]`
  const drawn = ([name, { Branches }]: (typeof main)[number]): string[] =>
    Branches
      ? [
          `    subgraph ${name} ["checks, all at once"]`,
          ...Branches.map(({ StartAt }) => `      ${box(StartAt)}`),
          '    end',
        ]
      : [`    ${box(name)}`]
  // A row for each part: seventeen boxes side by side are too small to read.
  const row = (id: string, title: string, boxes: string[], names: string[]): string =>
    [
      `  subgraph ${id} ["${title}"]`,
      '    direction LR',
      ...boxes,
      `    ${names.join(' --> ')}`,
      '  end',
    ].join('\n')
  const namesOf = (states: typeof main): string[] => states.map(([name]) => name)
  // An access entry and the agent stay, since others may rely on them by then.
  const first = namesOf(main).indexOf('EnsureRole')
  const [look, act] = [main.slice(0, first), main.slice(first)]
  return `\`\`\`mermaid
flowchart TB
${row('look', 'look and ask', look.flatMap(drawn), namesOf(look))}
${row('act', 'change and prove', act.flatMap(drawn), namesOf(act))}
${row(
  'back',
  'take back',
  back.map((name) => `    ${box(name)}`),
  back,
)}
  look --> act --> Report
  act -.-> back --> Report
\`\`\`

Boxes with double sides write; all others only read. A finding that blocks ends the run at the checks: before them only a deployed stage
writes, and only the access entries without which it cannot look. A failure in the second row leads back (dotted): what the run changed
is taken back, and the workload is watched until it runs as before. [docs/architecture.md](docs/architecture.md) has the whole workflow.`
}
