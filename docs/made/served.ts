import { type ServedOperation, servedOperations } from '../../local/aws/served.ts'

const served = await servedOperations()

/** The operations of AWS that are served: a table for each service. */
export const servedTables = (): string =>
  [...Map.groupBy(served, ({ service }) => service)]
    .map(([service, operations]) => {
      const rows = operations.map(
        ({ operation, reads, refuses }: ServedOperation) =>
          `| ${operation} | ${listed(reads)} | ${listed(refuses)} |`,
      )
      return [`### ${service}`, '', '| operation | reads | refuses |', '|---|---|---|', ...rows].join('\n')
    })
    .join('\n\n')

const listed = (members: readonly string[]): string =>
  members.map((member) => `\`${member}\``).join(', ') || '–'
