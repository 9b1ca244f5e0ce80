import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRulesRequest,
  ListRulesResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutRuleRequest,
  PutRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Rule as RuleAnswer,
  Target as TargetAnswer,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge'
import { isObject } from '../../json-object.ts'
import { readJsonText } from '../../json-text.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { pageOf } from '../pages.ts'
import { type EventBusStandIn, readPattern } from './bus.ts'
import { type EventPattern, InvalidPattern } from './pattern.ts'
import type { Rule, Target } from './rule.ts'
import { readSchedule } from './schedule.ts'

const MAX_TARGETS = 5
const DEFAULT_RETRY = { attempts: 185, ageSeconds: 86_400 }

/** Lets operations be asked for the default bus only, by its name or ARN: there is no other one. */
export const onDefaultBus = (busArn: string, operations: Operations): Operations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      {
        ...operation,
        handle: (input, caller) => {
          const { EventBusName = 'default' } = input
          if (EventBusName !== 'default' && EventBusName !== busArn)
            throw new AwsFailure('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`)
          return operation.handle(input, caller)
        },
      },
    ]),
  )

/** Rules of the default bus, their targets, and TestEventPattern. */
export const ruleOperations = (bus: EventBusStandIn): Operations => {
  const named = {
    resource: ({ Name }: { Name: string }) => bus.ruleArn(Name),
    subject: ({ Name }: { Name: string }) => Name,
  }
  const onRule = {
    resource: ({ Rule }: { Rule: string }) => bus.ruleArn(Rule),
    subject: ({ Rule }: { Rule: string }) => Rule,
  }
  return {
    PutRule: operation<PutRuleRequest, PutRuleResponse>()({
      reads: [
        'Name',
        'ScheduleExpression',
        'EventPattern',
        'State',
        'Description',
        'RoleArn',
        'EventBusName',
      ],
      ...named,
      handle: (input) => {
        if (!input.EventPattern && !input.ScheduleExpression)
          throw new AwsFailure(
            'ValidationException',
            'Parameter(s) EventPattern or ScheduleExpression must be specified.',
          )
        const rule: Rule = {
          name: input.Name,
          arn: bus.ruleArn(input.Name),
          enabled: input.State !== 'DISABLED',
          targets: bus.rule(input.Name)?.targets ?? new Map(),
          ...(input.Description ? { description: input.Description } : {}),
          ...(input.RoleArn ? { roleArn: input.RoleArn } : {}),
          ...(input.ScheduleExpression ? scheduleOf(input.ScheduleExpression) : {}),
          ...(input.EventPattern
            ? { patternText: input.EventPattern, matches: patternOf(input.EventPattern) }
            : {}),
        }
        bus.putRule(rule)
        return { RuleArn: rule.arn }
      },
    }),
    DescribeRule: operation<DescribeRuleRequest, DescribeRuleResponse>()({
      reads: ['Name', 'EventBusName'],
      ...named,
      handle: ({ Name }) => describe(ruleNamed(bus, Name)),
    }),
    ListRules: operation<ListRulesRequest, ListRulesResponse>()({
      reads: ['NamePrefix', 'EventBusName', 'NextToken', 'Limit'],
      resource: () => bus.ruleArn('*'),
      handle: (input) => {
        const rules = bus.rules().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
        const { items, nextToken } = page(rules, input)
        return { Rules: items.map(describe), NextToken: nextToken }
      },
    }),
    EnableRule: operation<EnableRuleRequest, object>()({
      reads: ['Name', 'EventBusName'],
      ...named,
      handle: ({ Name }) => {
        bus.putRule({ ...ruleNamed(bus, Name), enabled: true })
        return {}
      },
    }),
    DisableRule: operation<DisableRuleRequest, object>()({
      reads: ['Name', 'EventBusName'],
      ...named,
      handle: ({ Name }) => {
        bus.putRule({ ...ruleNamed(bus, Name), enabled: false })
        return {}
      },
    }),
    DeleteRule: operation<DeleteRuleRequest, object>()({
      reads: ['Name', 'EventBusName', 'Force'],
      ...named,
      handle: ({ Name }) => {
        if (bus.rule(Name)?.targets.size)
          throw new AwsFailure('ValidationException', "Rule can't be deleted since it has targets.")
        bus.deleteRule(Name)
        return {}
      },
    }),
    PutTargets: operation<PutTargetsRequest, PutTargetsResponse>()({
      reads: [
        'Rule',
        'Targets.Id',
        'Targets.Arn',
        'Targets.RoleArn',
        'Targets.Input',
        'Targets.DeadLetterConfig',
        'Targets.RetryPolicy',
        'EventBusName',
      ],
      ...onRule,
      handle: ({ Rule, Targets }, { require }) => {
        const rule = ruleNamed(bus, Rule)
        if (new Set([...rule.targets.keys(), ...Targets.map(({ Id }) => Id)]).size > MAX_TARGETS)
          throw new AwsFailure(
            'LimitExceededException',
            'The requested resource exceeds the maximum number allowed.',
          )
        for (const { RoleArn } of Targets)
          if (RoleArn)
            require({
              action: 'iam:PassRole',
              resource: RoleArn,
              context: { 'iam:PassedToService': 'events.amazonaws.com' },
            })
        for (const target of Targets.map(readTarget)) rule.targets.set(target.id, target)
        return { FailedEntryCount: 0, FailedEntries: [] }
      },
    }),
    ListTargetsByRule: operation<ListTargetsByRuleRequest, ListTargetsByRuleResponse>()({
      reads: ['Rule', 'EventBusName', 'NextToken', 'Limit'],
      ...onRule,
      handle: (input) => {
        const { items, nextToken } = page([...ruleNamed(bus, input.Rule).targets.values()], input)
        return { Targets: items.map(describeTarget), NextToken: nextToken }
      },
    }),
    RemoveTargets: operation<RemoveTargetsRequest, RemoveTargetsResponse>()({
      reads: ['Rule', 'Ids', 'EventBusName', 'Force'],
      ...onRule,
      handle: ({ Rule, Ids }) => {
        const { targets } = ruleNamed(bus, Rule)
        for (const id of Ids) targets.delete(id)
        return { FailedEntryCount: 0, FailedEntries: [] }
      },
    }),
    TestEventPattern: operation<TestEventPatternRequest, TestEventPatternResponse>()({
      reads: ['EventPattern', 'Event'],
      resource: () => '*',
      handle: ({ EventPattern, Event }) => ({ Result: patternOf(EventPattern)(parseEvent(Event)) }),
    }),
  }
}

const ruleNamed = (bus: EventBusStandIn, name: string): Rule => {
  const rule = bus.rule(name)
  if (!rule)
    throw new AwsFailure('ResourceNotFoundException', `Rule ${name} does not exist on EventBus default.`)
  return rule
}

const scheduleOf = (text: string): Pick<Rule, 'scheduleText' | 'schedule'> => {
  const schedule = readSchedule(text)
  if (!schedule) throw new AwsFailure('ValidationException', 'Parameter ScheduleExpression is not valid.')
  return { scheduleText: text, schedule }
}

const patternOf = (text: string): EventPattern => {
  try {
    return readPattern(text)
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error
    throw new AwsFailure(
      'InvalidEventPatternException',
      `Event pattern is not valid. Reason: ${error.message}`,
    )
  }
}

// The documentation names `resources` too, and EventBridge answers without it.
const requiredInEvents = ['id', 'account', 'source', 'time', 'region', 'detail-type']

const parseEvent = (text: string): unknown => {
  const event = jsonOf(text)
  if (!isObject(event) || requiredInEvents.some((name) => !Object.hasOwn(event, name)))
    throw new AwsFailure('ValidationException', 'Parameter Event is not valid.')
  return event
}

/** The value, or undefined where the text is not JSON. */
const jsonOf = (text: string): unknown => {
  try {
    return readJsonText(text)
  } catch {
    return undefined
  }
}

const readTarget = (target: TargetAnswer): Target => {
  if (target.Input && jsonOf(target.Input) === undefined)
    throw new AwsFailure('ValidationException', `JSON syntax error in input for target ${target.Id}.`)
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy ?? {}
  return {
    id: target.Id ?? '',
    arn: target.Arn ?? '',
    retry: {
      attempts: MaximumRetryAttempts ?? DEFAULT_RETRY.attempts,
      ageSeconds: MaximumEventAgeInSeconds ?? DEFAULT_RETRY.ageSeconds,
    },
    ...(target.RoleArn ? { roleArn: target.RoleArn } : {}),
    ...(target.Input ? { input: target.Input } : {}),
    ...(target.DeadLetterConfig?.Arn ? { deadLetterArn: target.DeadLetterConfig.Arn } : {}),
  }
}

const describeTarget = ({ id, arn, roleArn, input, retry, deadLetterArn }: Target): TargetAnswer => ({
  Id: id,
  Arn: arn,
  RoleArn: roleArn,
  Input: input,
  RetryPolicy: { MaximumRetryAttempts: retry.attempts, MaximumEventAgeInSeconds: retry.ageSeconds },
  ...(deadLetterArn ? { DeadLetterConfig: { Arn: deadLetterArn } } : {}),
})

const describe = (rule: Rule): RuleAnswer => ({
  Name: rule.name,
  Arn: rule.arn,
  EventPattern: rule.patternText,
  ScheduleExpression: rule.scheduleText,
  State: rule.enabled ? 'ENABLED' : 'DISABLED',
  Description: rule.description,
  RoleArn: rule.roleArn,
  EventBusName: 'default',
})

const page = <Item>(
  all: readonly Item[],
  { Limit, NextToken }: { Limit?: number | undefined; NextToken?: string | undefined },
): { items: Item[]; nextToken?: string } => {
  const found = pageOf(all, { size: Limit ?? 100, token: NextToken })
  if (!found) throw new AwsFailure('ValidationException', 'Parameter NextToken is not valid.')
  return found
}
