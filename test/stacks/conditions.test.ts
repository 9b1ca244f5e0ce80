import { beforeAll, describe, expect, it } from 'vitest'
import { everything, type SynthesizedStage, synthesizeStage } from './support.ts'

const account = '111122223333'
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`
const rule = (stage: string, name: string) =>
  `arn:aws:events:us-west-2:${account}:rule/podid-${stage}-${name}`

/** A statement's actions, and the conditions under which they are allowed; in which resource. */
type Conditional = [resource: string, actions: string[], condition: object]

/** Every statement with a condition, of every policy document that any resource has. */
const conditionals = ({ resources }: SynthesizedStage): Conditional[] =>
  resources.flatMap(({ name, inputs }) =>
    documentsIn(inputs).flatMap(({ Statement }) =>
      [Statement]
        .flat()
        .filter(({ Condition }) => Condition !== undefined)
        .map(({ Action, Condition }): Conditional => [name, [Action].flat(), Condition ?? {}]),
    ),
  )

interface Document {
  Statement: { Action: string | string[]; Condition?: object }[]
}

const documentsIn = (value: unknown): Document[] => {
  if (typeof value === 'string' && value.startsWith('{"Version":"2012-10-17"')) return [JSON.parse(value)]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(documentsIn) : []
}

const ownAccount = { StringEquals: { 'aws:SourceAccount': account } }
const byTheAlias = { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } }
const toPods = { StringEquals: { 'iam:PassedToService': ['pods.eks.amazonaws.com'] } }
/** Systems Manager decrypts with the key of the account's parameters: for those that the function reads, and no others. */
const ofParameters = (...names: string[]) => ({
  StringEquals: {
    'kms:EncryptionContext:PARAMETER_ARN': names.map(
      (name) => `arn:aws:ssm:us-west-2:${account}:parameter/podid/dev/${name}`,
    ),
  },
})
const madeForTheBinding = { StringLike: { 'aws:ResourceTag/podid:for': ['eks-workshop/carts/carts'] } }

/** Of every stage: nobody else's account makes AWS's services act in ours, and roles are passed to pods alone. */
const always = (stage: string, rules: string[]): Conditional[] => [
  ['AlarmsKey', ['kms:Decrypt', 'kms:GenerateDataKey'], ownAccount],
  [
    'DeadLettersPolicy',
    ['sqs:SendMessage'],
    { ArnEquals: { 'aws:SourceArn': rules.map((name) => rule(stage, name)) }, ...ownAccount },
  ],
  ['EnableRole', ['sts:AssumeRole'], ownAccount],
  ['EnsureAssociationRole', ['iam:PassRole'], toPods],
  ['RolloutRole', ['sts:AssumeRole'], ownAccount],
  // Of the bindings' runs.
  ['RolloutRole', ['states:StartExecution'], byTheAlias],
  ['StartRole', ['states:StartExecution'], byTheAlias],
  ['SweepRole', ['states:StartExecution'], byTheAlias],
  ['UndoRole', ['eks:DeletePodIdentityAssociation'], { StringLike: { 'aws:ResourceTag/podid:run': ['*'] } }],
]

const sorted = (statements: Conditional[]) => statements.map((one) => JSON.stringify(one)).sort()

describe.each([
  {
    settings: 'as they come',
    // What synth.test.ts looks at too: a synthesis takes seconds.
    name: 'production',
    options: undefined,
    held: always('production', [
      'cluster-created',
      'agent-installed',
      'run-ended',
      'notifications',
      'rollout-changed',
      'sweep-due',
    ]),
  },
  {
    settings: 'with everything',
    name: 'dev',
    options: everything,
    held: [
      ...always('dev', [
        'cluster-created',
        'agent-installed',
        'run-started',
        'run-continues',
        'run-ended',
        'notifications',
        'rollout-changed',
        'sweep-due',
      ]),
      [
        'EnsureAccessRole',
        ['eks:CreateAccessEntry'],
        {
          ArnLike: { 'eks:principalArn': [role('podid-dev-*')] },
          'ForAllValues:StringLike': { 'eks:kubernetesGroups': ['podid:*'] },
          StringEqualsIfExists: { 'eks:accessEntryType': ['STANDARD'] },
          StringLikeIfExists: {
            'eks:username': [`arn:aws:sts::${account}:assumed-role/podid-dev-*/{{SessionName}}`],
          },
        },
      ],
      [
        'EnsureRoleRole',
        ['iam:CreateRole'],
        { StringEquals: { 'iam:PermissionsBoundary': [`arn:aws:iam::${account}:policy/limits`] } },
      ],
      ['EnsureRoleRole', ['iam:PutRolePolicy'], madeForTheBinding],
      ['HttpRole', ['states:StartExecution'], byTheAlias],
      // Of rollouts.
      ['HttpRole', ['states:StartExecution'], byTheAlias],
      ['FollowRunRole', ['kms:Decrypt'], ofParameters('slack-bot-token')],
      [
        'HttpRole',
        ['kms:Decrypt'],
        ofParameters('slack-bot-token', 'slack-signing-secret', 'webhook-secrets'),
      ],
      ['NotifyRole', ['kms:Decrypt'], ofParameters('slack-bot-token', 'webhook-secrets')],
      ['UndoRole', ['iam:PassRole'], toPods],
      ['UndoRole', ['iam:DeleteRole', 'iam:DeleteRolePolicy'], madeForTheBinding],
    ] satisfies Conditional[],
  },
])('a stage by the settings $settings', ({ name, options, held }) => {
  let stage: SynthesizedStage
  beforeAll(async () => {
    stage = await synthesizeStage(name, options)
  })

  it('allows under these conditions, and under no others', () => {
    expect(sorted(conditionals(stage))).toEqual(sorted(held))
  })

  it('lets only the functions of this stage into clusters, and into groups of podid alone', () => {
    const entries = stage.outputs.accessEntries as { principalArn: string; kubernetesGroups: string[] }[]
    expect(entries.length).toBeGreaterThan(0)
    const functions = new Set(stage.roles.map(({ arn }) => arn))
    for (const { principalArn, kubernetesGroups } of entries) {
      expect(functions).toContain(principalArn)
      expect(kubernetesGroups.filter((group) => !/^podid:[a-z-]+$/.test(group))).toEqual([])
    }
  })

  it('makes access entries only where the settings say so', () => {
    const makers = stage.roles.filter(({ statements }) =>
      statements.some(({ Action }) => Action.includes('eks:CreateAccessEntry')),
    )
    expect(makers.map(({ of }) => of)).toEqual(options ? ['EnsureAccess'] : [])
    const where = makers.flatMap(({ statements }) =>
      statements.filter(({ Action }) => Action.includes('eks:CreateAccessEntry')),
    )
    for (const { Action, Resource } of where)
      expect([Action, Resource]).toEqual([
        ['eks:CreateAccessEntry'],
        [`arn:aws:eks:us-west-2:${account}:cluster/eks-workshop`],
      ])
  })
})
