import type {
  CreateStateMachineAliasInput,
  CreateStateMachineAliasOutput,
  DescribeStateMachineAliasInput,
  DescribeStateMachineAliasOutput,
  ListStateMachineAliasesInput,
  ListStateMachineAliasesOutput,
  ListStateMachineVersionsInput,
  ListStateMachineVersionsOutput,
  PublishStateMachineVersionInput,
  PublishStateMachineVersionOutput,
  RoutingConfigurationListItem,
  UpdateStateMachineAliasInput,
  UpdateStateMachineAliasOutput,
} from '@aws-sdk/client-sfn'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation, type Received } from '../operation.ts'
import { page } from './pages.ts'
import type { StateMachines } from './state-machines.ts'
import { type Alias, unqualified } from './versions.ts'

/**
 * Who may use a version or an alias is decided by the state machine's own ARN; the qualifier is a condition key.
 * https://docs.aws.amazon.com/step-functions/latest/dg/auth-version-alias.html
 */
export const qualifiedContext = (arn: string): Record<string, string[]> => {
  const { qualifier } = unqualified(arn)
  return qualifier === undefined ? {} : { 'states:StateMachineQualifier': [qualifier] }
}

const onAlias = {
  resource: ({ stateMachineAliasArn }: { stateMachineAliasArn: string }): string =>
    unqualified(stateMachineAliasArn).arn,
  context: ({ stateMachineAliasArn }: { stateMachineAliasArn: string }) =>
    qualifiedContext(stateMachineAliasArn),
  subject: ({ stateMachineAliasArn }: { stateMachineAliasArn: string }): string => stateMachineAliasArn,
}

const onMachine = {
  resource: ({ stateMachineArn }: { stateMachineArn: string }): string => unqualified(stateMachineArn).arn,
  subject: ({ stateMachineArn }: { stateMachineArn: string }): string => stateMachineArn,
}

/** Versions of state machines, and the aliases that lead to them. */
export const versionOperations = (account: Account, machines: StateMachines): Operations => {
  const { versions } = machines
  return {
    PublishStateMachineVersion: operation<
      PublishStateMachineVersionInput,
      PublishStateMachineVersionOutput
    >()({
      reads: ['stateMachineArn', 'description'],
      ...onMachine,
      handle: ({ stateMachineArn, description }) => {
        const { arn, createdAt } = versions.publish(
          machines.machine(stateMachineArn),
          account.now(),
          description,
        )
        return { stateMachineVersionArn: arn, creationDate: createdAt }
      },
    }),
    ListStateMachineVersions: operation<ListStateMachineVersionsInput, ListStateMachineVersionsOutput>()({
      reads: ['stateMachineArn', 'maxResults', 'nextToken'],
      ...onMachine,
      handle: (input) => {
        const all = versions.of(machines.machine(input.stateMachineArn).arn).toReversed()
        const { items, nextToken } = page(all, input)
        const stateMachineVersions = items.map(({ arn, createdAt }) => ({
          stateMachineVersionArn: arn,
          creationDate: createdAt,
        }))
        return { stateMachineVersions, nextToken }
      },
    }),
    CreateStateMachineAlias: operation<CreateStateMachineAliasInput, CreateStateMachineAliasOutput>()({
      reads: ['name', 'description', 'routingConfiguration'],
      resource: ({ routingConfiguration }) =>
        unqualified(routingConfiguration[0]?.stateMachineVersionArn ?? '*').arn,
      context: ({ name }) => ({ 'states:StateMachineQualifier': [name] }),
      subject: ({ name }) => name,
      handle: ({ name, description, routingConfiguration }) => {
        const to = onlyVersion(routingConfiguration)
        const { arn, createdAt } = versions.addAlias(name, to, account.now(), description)
        return { stateMachineAliasArn: arn, creationDate: createdAt }
      },
    }),
    DescribeStateMachineAlias: operation<DescribeStateMachineAliasInput, DescribeStateMachineAliasOutput>()({
      reads: ['stateMachineAliasArn'],
      ...onAlias,
      handle: ({ stateMachineAliasArn }) => described(versions.alias(stateMachineAliasArn)),
    }),
    UpdateStateMachineAlias: operation<UpdateStateMachineAliasInput, UpdateStateMachineAliasOutput>()({
      reads: ['stateMachineAliasArn', 'description', 'routingConfiguration'],
      ...onAlias,
      handle: ({ stateMachineAliasArn, description, routingConfiguration }) => {
        if (description === undefined && routingConfiguration === undefined)
          throw new AwsFailure(
            'ValidationException',
            'There is nothing to update: routingConfiguration or description',
          )
        const change = {
          ...(description === undefined ? {} : { description }),
          ...(routingConfiguration === undefined ? {} : { versionArn: onlyVersion(routingConfiguration) }),
        }
        return { updateDate: versions.changeAlias(stateMachineAliasArn, change, account.now()).updatedAt }
      },
    }),
    ListStateMachineAliases: operation<ListStateMachineAliasesInput, ListStateMachineAliasesOutput>()({
      reads: ['stateMachineArn', 'maxResults', 'nextToken'],
      ...onMachine,
      handle: (input) => {
        const { items, nextToken } = page(
          versions.aliasesOf(machines.machine(input.stateMachineArn).arn),
          input,
        )
        const stateMachineAliases = items.map(({ arn, createdAt }) => ({
          stateMachineAliasArn: arn,
          creationDate: createdAt,
        }))
        return { stateMachineAliases, nextToken }
      },
    }),
  }
}

const onlyVersion = (routing: Received<RoutingConfigurationListItem[]>): string => {
  const [first, ...others] = routing
  if (routing.reduce((sum, { weight = 0 }) => sum + weight, 0) !== 100)
    throw new AwsFailure('ValidationException', 'The weights of routingConfiguration must sum up to 100')
  if (others.length > 0)
    throw new AwsFailure('NotImplemented', 'The stand-in has no aliases that lead to two versions', {
      status: 501,
    })
  return first?.stateMachineVersionArn ?? ''
}

const described = ({ arn, name, versionArn, description, createdAt, updatedAt }: Alias) => ({
  stateMachineAliasArn: arn,
  name,
  description,
  routingConfiguration: [{ stateMachineVersionArn: versionArn, weight: 100 }],
  creationDate: createdAt,
  updateDate: updatedAt,
})
