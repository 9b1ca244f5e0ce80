/**
 * What each folder may import, besides itself: arrows run downward, and nothing that is deployed reaches what
 * only a laptop has. test/architecture.test.ts holds the code to it.
 */
export const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  adapters: ['core'],
  functions: ['adapters', 'core'],
  workflows: [],
  // The settings' schema is core's, since functions read the settings too.
  stacks: ['core', 'workflows'],
  local: ['adapters', 'core'],
  stage: ['adapters', 'core', 'functions', 'local', 'workflows'],
  console: ['core', 'workflows'],
  cli: ['adapters', 'console', 'core', 'functions', 'local', 'stage', 'workflows'],
  packaging: ['console', 'local', 'stacks', 'workflows'],
  bench: [
    'adapters',
    'cli',
    'console',
    'core',
    'functions',
    'local',
    'packaging',
    'stacks',
    'stage',
    'workflows',
  ],
}

/** An arrow that a longer way shows as well would only hide that way. */
const isShown = (from: string, to: string): boolean =>
  !layers[from]?.some((between) => between !== to && layers[between]?.includes(to))

/** The layers as a Mermaid picture: an arrow says "imports". */
export const layersPicture = (): string => `\`\`\`mermaid
flowchart TD
${Object.entries(layers)
  .flatMap(([from, targets]) => targets.filter((to) => isShown(from, to)).map((to) => `  ${from} --> ${to}`))
  .join('\n')}
\`\`\``
