import * as eks from '@aws-sdk/client-eks'
import * as events from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as states from '@aws-sdk/client-sfn'
import type { AwsStandIn } from '../../../local/aws/index.ts'
import { shellCommands } from '../../support/shell-words.ts'

type Answer = Record<string, unknown>

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
const pascalCase = (words: string[]): string => words.map(capital).join('')
const camelCase = ([first = '', ...rest]: string[]): string => first + pascalCase(rest)

/** How a service's clients spell the members of requests: `RoleName`, `clusterName`. */
const services = {
  iam: { module: iam, client: iam.IAMClient, member: pascalCase },
  eks: { module: eks, client: eks.EKSClient, member: camelCase },
  events: { module: events, client: events.EventBridgeClient, member: pascalCase },
  stepfunctions: { module: states, client: states.SFNClient, member: camelCase },
}

/** Options that are the CLI's own, or whose value is JSON where the SDK takes data. */
const ownOptions = new Set(['region', 'query', 'output'])
const jsonOptions = new Set(['pod-identity-associations'])

/**
 * Runs AWS commands that are to be pasted as the AWS CLI would, through the SDK: for machines without the CLI. What they
 * have not had so far is an error: the CLI's own tests run beside this where it is installed.
 */
export const runAwsCommands = async (
  aws: Pick<AwsStandIn, 'url' | 'region' | 'credentials'>,
  text: string,
): Promise<string> => {
  const inner = /"\$\((.*?)\)"/s.exec(text)
  if (inner)
    return runAwsCommands(aws, text.replace(inner[0], (await runAwsCommands(aws, inner[1] ?? '')).trim()))
  let said = ''
  for (const words of shellCommands(text)) {
    const [program, name = '', operation = '', ...options] = words
    if (program !== 'aws' || !Object.hasOwn(services, name))
      throw new Error(`no command of aws: ${words[0]} ${name}`)
    const { module, client: Client, member } = services[name as keyof typeof services]
    const command = `${operation.split('-').map(capital).join('')}Command`
    const Command = (module as unknown as Record<string, (new (input: Answer) => object) | undefined>)[
      command
    ]
    if (!Command) throw new Error(`aws ${name} has no ${operation}`)
    const { input, query } = inputOf(options, member)
    const client = new Client({
      endpoint: aws.url,
      region: aws.region,
      credentials: aws.credentials,
      maxAttempts: 1,
    })
    const send = client.send.bind(client) as unknown as (command: object) => Promise<Answer>
    said += `${asked(await send(new Command(input)), query)}\n`
    client.destroy()
  }
  return said
}

const inputOf = (
  options: readonly string[],
  member: (words: string[]) => string,
): { input: Answer; query: string | undefined } => {
  const input: Answer = {}
  let query: string | undefined
  for (let at = 0; at < options.length; at++) {
    const [option = '', joined] = splitOnce(options[at] ?? '')
    if (!option.startsWith('--')) throw new Error(`${options[at]} stands where an option should`)
    const name = option.slice(2)
    const values = joined === undefined ? [] : [joined]
    while (joined === undefined && at + 1 < options.length && !options[at + 1]?.startsWith('--'))
      values.push(options[++at] ?? '')
    if (name === 'query') query = values[0]
    if (ownOptions.has(name)) continue
    if (values.length === 0) input[member(name.replace(/^no-/, '').split('-'))] = !name.startsWith('no-')
    else input[member(name.split('-'))] = valueOfOption(name, values)
  }
  return { input, query }
}

/** `--policy='-x'` has its value with it. */
const splitOnce = (option: string): [string, string | undefined] => {
  const at = option.indexOf('=')
  return at < 0 || !option.startsWith('--')
    ? [option, undefined]
    : [option.slice(0, at), option.slice(at + 1)]
}

const valueOfOption = (name: string, values: readonly string[]): unknown => {
  if (jsonOptions.has(name)) return JSON.parse(values[0] ?? '')
  if (name === 'tags')
    return values.map((value) => {
      const [, Key, Value] = /^Key=([^,]*),Value=(.*)$/.exec(value) ?? []
      return { Key, Value }
    })
  return /(?:names|arns|keys)$/.test(name) ? [...values] : values[0]
}

/** The one query that a command of a remedy is put into another by. */
const asked = (answer: Answer, query: string | undefined): string => {
  const [, list = '', at = '', member = ''] = /^(\w+)\[(\d+)\]\.(\w+)$/.exec(query ?? '') ?? []
  const items = answer[list] as Answer[] | undefined
  return items ? String(items[Number(at)]?.[member]) : JSON.stringify(answer)
}
