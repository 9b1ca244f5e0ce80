import { limits } from '../../stacks/limits/table.ts'

/** What a stage is held to, as rows of a table. */
export const limitsTable = (): string =>
  [
    '| what | AWS takes | by |',
    '|---|---|---|',
    ...Object.values(limits).map(
      ({ what, most, unit, source }) =>
        `| ${what} | ${most.toLocaleString('en-US')} ${unit} | [${new URL(source).pathname.split('/').at(-1)}](${source}) |`,
    ),
  ].join('\n')
