/** A step of the workflow that rolls out in waves. */
interface RolloutStep {
  /** What it is for, in a sentence that a list of functions shows. */
  description: string
  /** The states of the definition that run it. */
  states: readonly string[]
  memoryMb: 512 | 1024
}

/**
 * Every step that the rollout's definition has besides those of the enablement, by its function's name: in kebab-case
 * its file in functions/steps/. RequestApproval serves both. Functions, grants and the definition are held to these names.
 */
export const rolloutSteps = {
  planWaves: {
    description: 'Divides many bindings into waves',
    states: ['PlanWaves'],
    memoryMb: 1024,
  },
  judgeRound: {
    description: 'Looks what a round of a wave came to, and decides what is next',
    states: ['JudgeRound'],
    memoryMb: 1024,
  },
  reportRollout: {
    description: 'Writes the report of a rollout',
    states: ['Report'],
    memoryMb: 1024,
  },
} as const satisfies Readonly<Record<string, RolloutStep>>

export type RolloutStepName = keyof typeof rolloutSteps

/** The steps with their names, in the order of the workflow. */
export const rolloutStepEntries = Object.entries(rolloutSteps) as [RolloutStepName, RolloutStep][]
