interface States {
  States: Record<
    string,
    {
      TimeoutSeconds?: number | string
      Resource?: string
      Arguments?: { FunctionName?: string }
      Branches?: States[]
    }
  >
}

/**
 * How long each function may take, in seconds: a little less than the state that waits for it, so that a
 * function that hangs fails by its own name. Where a state waits for a person, the function itself is quick.
 */
export const functionTimeouts = (text: string): Record<string, number> => {
  const timeouts: Record<string, number> = {}
  const visit = ({ States }: States): void => {
    for (const state of Object.values(States)) {
      const [, name] = state.Arguments?.FunctionName?.match(/^\$\{(\w+)\}$/) ?? []
      const waitsForPerson = state.Resource?.endsWith('.waitForTaskToken')
      if (name && typeof state.TimeoutSeconds === 'number' && !waitsForPerson) {
        timeouts[name] = Math.min(timeouts[name] ?? Number.POSITIVE_INFINITY, state.TimeoutSeconds - 2)
      }
      for (const branch of state.Branches ?? []) visit(branch)
    }
  }
  visit(JSON.parse(text) as States)
  return timeouts
}
