import { unqualifiedStateMachine } from '../../core/names.ts'
import { domainOf, partitionOf } from '../../core/partitions/partitions.ts'
import type { Resource } from './synth.ts'

interface Place {
  account: string
  region: string
}

type Inputs = Record<string, unknown>

const text = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise)

/** The ARN that AWS would give a resource; where a physical name is set it is in there. */
const arnOf = ({ type, name, inputs }: Resource, { account, region }: Place): string => {
  const arn = (service: string, rest: string) =>
    `arn:${partitionOf(region)}:${service}:${region}:${account}:${rest}`
  const physical = text(inputs.name, name)
  switch (type) {
    case 'aws:lambda/function:Function':
      return arn('lambda', `function:${physical}`)
    case 'aws:sfn/stateMachine:StateMachine':
      return arn('states', `stateMachine:${physical}`)
    case 'aws:sfn/alias:Alias': {
      const [{ stateMachineVersionArn = '' } = {}] = (inputs.routingConfigurations ?? []) as {
        stateMachineVersionArn?: string
      }[]
      return `${unqualifiedStateMachine(stateMachineVersionArn)}:${physical}`
    }
    case 'aws:iam/role:Role':
      return `arn:${partitionOf(region)}:iam::${account}:role/${physical}`
    case 'aws:iam/policy:Policy':
      return `arn:${partitionOf(region)}:iam::${account}:policy/${physical}`
    case 'aws:dynamodb/table:Table':
      return arn('dynamodb', `table/${physical}`)
    case 'aws:sqs/queue:Queue':
      return arn('sqs', physical)
    case 'aws:sns/topic:Topic':
      return arn('sns', physical)
    case 'aws:kms/key:Key':
      return arn('kms', `key/${name}`)
    case 'aws:cloudwatch/eventRule:EventRule':
      return arn('events', `rule/${physical}`)
    case 'aws:cloudwatch/eventBus:EventBus':
      return arn('events', `event-bus/${physical}`)
    case 'aws:cloudwatch/logGroup:LogGroup':
      return arn('logs', `log-group:${physical}`)
    case 'aws:cloudwatch/metricAlarm:MetricAlarm':
      return arn('cloudwatch', `alarm:${physical}`)
    default:
      return arn(type.split('/')[0]?.replace('aws:', '') ?? 'unknown', physical)
  }
}

/** A resource's properties once it exists: what was put in, and what AWS would add that others refer to. */
export const stateOf = (resource: Resource, place: Place): Inputs => {
  const { type, name, inputs } = resource
  const arn = text(inputs.arn, arnOf(resource, place))
  const physical = text(inputs.name, name)
  const state: Inputs = { ...inputs, name: physical, arn }
  switch (type) {
    case 'aws:lambda/function:Function': {
      const version = inputs.publish === true ? '1' : '$LATEST'
      return { ...state, version, qualifiedArn: `${arn}:${version}` }
    }
    case 'aws:sfn/stateMachine:StateMachine':
      return { ...state, ...(inputs.publish === true ? { stateMachineVersionArn: `${arn}:1` } : {}) }
    case 'aws:lambda/functionUrl:FunctionUrl':
      return { ...state, functionUrl: `https://${name.toLowerCase()}.lambda-url.${place.region}.on.aws/` }
    case 'aws:sqs/queue:Queue':
      return {
        ...state,
        url: `https://sqs.${place.region}.${domainOf(place.region)}/${place.account}/${physical}`,
      }
    case 'random:index/randomBytes:RandomBytes':
      return { ...state, base64: Buffer.alloc(Number(inputs.length ?? 32)).toString('base64') }
    default:
      return state
  }
}

interface StatementInput {
  effect?: string
  actions?: string[]
  resources?: string[]
  principals?: { type: string; identifiers: string[] }[]
  conditions?: { test: string; variable: string; values: string[] }[]
}

/** The provider functions that SST's components call. */
export const answerInvoke = (token: string, inputs: Inputs, { account, region }: Place): Inputs => {
  switch (token) {
    case 'aws:index/getRegion:getRegion':
      return { id: region, name: region, region }
    case 'aws:index/getPartition:getPartition':
      return { id: partitionOf(region), partition: partitionOf(region), dnsSuffix: domainOf(region) }
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return {
        id: account,
        accountId: account,
        arn: `arn:${partitionOf(region)}:iam::${account}:root`,
        userId: account,
      }
    case 'aws:iam/getPolicyDocument:getPolicyDocument':
      return policyDocument((inputs.statements ?? []) as StatementInput[])
    default:
      throw new Error(`synthesis has no answer for ${token}: add it to stacks/synth/mocks.ts`)
  }
}

const policyDocument = (statements: StatementInput[]): Inputs => {
  const json = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map(({ effect = 'Allow', actions, resources, principals, conditions }) => ({
      Effect: effect,
      ...(principals
        ? { Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])) }
        : {}),
      Action: actions,
      ...(resources ? { Resource: resources } : {}),
      ...(conditions?.length ? { Condition: conditionBlock(conditions) } : {}),
    })),
  })
  return { id: 'policy', json, minifiedJson: json, statements }
}

const conditionBlock = (conditions: NonNullable<StatementInput['conditions']>) => {
  const block: Record<string, Record<string, string[]>> = {}
  for (const { test, variable, values } of conditions) block[test] = { ...block[test], [variable]: values }
  return block
}
