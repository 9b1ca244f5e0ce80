/** How a person calls podid, for commands that are to be pasted: in a clone only npx finds it. */
export const invokedAs = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.npm_lifecycle_event === 'npx' &&
  /^'?podid'?(?:\s|$)/.test(environment.npm_lifecycle_script ?? '')
    ? 'npx podid'
    : 'podid'
