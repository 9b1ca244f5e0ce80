import { beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../core/config.ts'
import { clusterGroups } from '../../core/fleet/access.ts'
import { stepEntries, steps } from '../../core/steps/table.ts'
import { warmedUp, warmUpEvent } from '../../core/triggers/warm-up.ts'
import { scopeOf } from '../../stacks/scope.ts'
import { resourceSummary } from '../../stacks/synth/summary.ts'
import { enablePodIdentity, placeholders, render } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'
import { everything, type SynthesizedStage, synthesizeStage } from './support.ts'

let dev: SynthesizedStage
let production: SynthesizedStage

// The first synthesis on a machine also installs SST's platform.
beforeAll(async () => {
  ;[dev, production] = await Promise.all([synthesizeStage('dev', everything), synthesizeStage('production')])
})

const lambda = 'aws:lambda/function:Function'
const machine = 'aws:sfn/stateMachine:StateMachine'

describe('the state machine', () => {
  it('deploys byte for byte what the engine runs', () => {
    const arns = Object.fromEntries(
      placeholders(template(enablePodIdentity)).map((name) => [
        name,
        `arn:aws:lambda:us-west-2:111122223333:function:podid-dev-${kebab(name)}:1`,
      ]),
    )
    expect(dev.the(machine, 'Enable').inputs.definition).toBe(render(template(enablePodIdentity), arns))
  })

  it('is of the kind whose runs may wait for people, and is traced', () => {
    expect(dev.the(machine, 'Enable').inputs).toMatchObject({
      type: 'STANDARD',
      tracingConfiguration: { enabled: true },
    })
  })

  it('logs every transition, and never the data, in which task tokens are', () => {
    expect(dev.the(machine, 'Enable').inputs.loggingConfiguration).toMatchObject({
      level: 'ALL',
      includeExecutionData: false,
    })
  })

  it('calls functions by the versions that were published with it, and is started by an alias of its own version', () => {
    const arn = 'arn:aws:states:us-west-2:111122223333:stateMachine:podid-dev-enable'
    for (const { inputs } of dev.all(lambda))
      expect([inputs.handler, inputs.publish ?? false]).toEqual([
        inputs.handler,
        String(inputs.handler).startsWith('functions/steps/'),
      ])
    expect(dev.the(machine, 'Enable').inputs.publish).toBe(true)
    expect(dev.the('aws:sfn/alias:Alias', 'EnableLive').inputs).toMatchObject({
      name: 'live',
      routingConfigurations: [{ stateMachineVersionArn: `${arn}:1`, weight: 100 }],
    })
    expect(dev.outputs.stateMachine).toBe(`${arn}:live`)
    const told = dev
      .all(lambda)
      .flatMap(({ inputs }) => Object.entries((inputs.environment as Environment).variables ?? {}))
      .filter(([name]) => name === 'PODID_STATE_MACHINE_ARN')
    expect(new Set(told.map(([, value]) => value))).toEqual(new Set([`${arn}:live`]))
  })

  it('is started by nothing but the alias', () => {
    const starting = new Set(
      dev.roles.flatMap(({ of, statements }) =>
        statements
          .filter(({ Action }) => Action.includes('states:StartExecution'))
          .map(({ Resource, Condition }) => JSON.stringify([of, Resource, Condition])),
      ),
    )
    const by = (machine: string) => [
      [`arn:aws:states:us-west-2:111122223333:stateMachine:podid-dev-${machine}`],
      { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
    ]
    const [rollouts] = by('rollout')
    expect(starting).toEqual(
      new Set(
        [
          ...['Start', 'Sweep', 'Http', 'Rollout'].map((of) => [of, ...by('enable')]),
          ['Http', ...by('rollout')],
          // The children of its own Distributed Map, which Step Functions starts by no alias.
          ['Rollout', rollouts, undefined],
        ].map((one) => JSON.stringify(one)),
      ),
    )
  })

  it('may invoke every version of its functions and nothing else', () => {
    const role = dev.roles.find(({ of }) => of === 'Enable')
    const own = Object.keys(steps).map(
      (name) => `arn:aws:lambda:us-west-2:111122223333:function:podid-dev-${kebab(name)}:*`,
    )
    const invoking = role?.statements.filter(({ Action }) =>
      Action.some((action) => action.startsWith('lambda:')),
    )
    expect(invoking).toHaveLength(1)
    expect(invoking?.[0]?.Action).toEqual(['lambda:InvokeFunction'])
    expect(new Set(invoking?.[0]?.Resource)).toEqual(new Set(own))
  })
})

describe('functions', () => {
  it('are one for each state function of the registry', () => {
    const deployed = dev.all(lambda).map(({ inputs }) => inputs.handler)
    expect(deployed).toEqual(
      expect.arrayContaining(Object.keys(steps).map((name) => `functions/steps/${kebab(name)}.handler`)),
    )
  })

  it('run on arm64 with Node 24, are traced, and log JSON', () => {
    for (const { inputs } of dev.all(lambda)) {
      expect(inputs).toMatchObject({
        runtime: 'nodejs24.x',
        architectures: ['arm64'],
        tracingConfig: { mode: 'Active' },
        loggingConfig: { logFormat: 'JSON' },
      })
    }
  })

  it('run in the VPC only where they talk to clusters', () => {
    const inside = dev.all(lambda).filter(({ inputs }) => inputs.vpcConfig)
    expect(inside.map(({ inputs }) => inputs.name).toSorted()).toEqual(
      Object.keys(clusterGroups)
        .map((name) => `podid-dev-${kebab(name)}`)
        .toSorted(),
    )
    expect(inside[0]?.inputs.vpcConfig).toEqual({
      subnetIds: ['subnet-0123456789abcdef0'],
      securityGroupIds: ['sg-0123456789abcdef0'],
    })
  })

  it('end before the state that waits for them gives up', () => {
    const { States: states } = JSON.parse(template(enablePodIdentity)) as { States: Record<string, State> }
    for (const { FunctionName, TimeoutSeconds } of tasksOf(states)) {
      const name = kebab(FunctionName.slice(2, -1))
      const deployed = dev
        .all(lambda)
        .find(({ inputs }) => inputs.handler === `functions/steps/${name}.handler`)
      expect(deployed?.inputs.timeout, name).toBeLessThan(TimeoutSeconds)
    }
  })
})

describe('roles', () => {
  // Of what podid works on; its own records, events and logs are no part of that.
  const changes = /^(?:eks|iam):(?!(?:Describe|Get|List|Simulate))/
  it.each(stepEntries)('let %s change something only where it is a step that writes', (name, { writes }) => {
    const role = dev.roles.find((one) => one.name === `podid-dev-${kebab(name)}`)
    const actions = role?.statements.flatMap(({ Action }) => Action.filter((action) => changes.test(action)))
    // What is restarted or deleted is changed in the cluster alone.
    const inCluster = steps[name].clusterGroups.some(
      (group) => group === 'podid:restart' || group === 'podid:pod-deletion',
    )
    expect([actions?.length !== 0 || inCluster, actions]).toEqual([writes, actions])
  })

  it('grant no wildcard action', () => {
    const wild = dev.roles.flatMap(({ of, statements }) =>
      statements.flatMap(({ Action }) =>
        Action.filter((action) => action.includes('*')).map((action) => `${of}: ${action}`),
      ),
    )
    expect(wild).toEqual([])
  })

  it('grant on every resource only what takes no resource', () => {
    const unnarrowed = dev.roles.flatMap(({ statements }) =>
      statements.filter(({ Resource }) => Resource.includes('*')).flatMap(({ Action }) => Action),
    )
    // By the Service Authorization Reference none of these has a resource type.
    const withoutResource = [
      /^(?:cloudtrail:LookupEvents|eks:ListClusters|iam:ListPolicies)$/,
      /^access-analyzer:(?:CheckNoNewAccess|ValidatePolicy)$/,
      /^ec2:(?:\w+NetworkInterfaces?|DescribeSubnets|(?:Una|A)ssignPrivateIpAddresses)$/,
      /^xray:(?:PutTelemetryRecords|PutTraceSegments|GetSamplingRules|GetSamplingTargets)$/,
      /^logs:(?:Create|Delete|Get|List|Update)LogDeliver(?:y|ies)$/,
      /^logs:(?:DescribeLogGroups|DescribeResourcePolicies|PutResourcePolicy)$/,
    ]
    expect(unnarrowed.filter((action) => !withoutResource.some((known) => known.test(action)))).toEqual([])
  })

  it('come with no managed policy, since those grant logs everywhere', () => {
    expect(dev.roles.filter(({ managed }) => (managed as unknown[]).length > 0)).toEqual([])
  })

  it('trust the one service that runs them, and no account', () => {
    for (const { of, trust } of dev.roles) {
      expect(trust, of).toHaveLength(1)
      expect(trust[0]?.Action, of).toBe('sts:AssumeRole')
      expect(Object.keys(trust[0]?.Principal ?? {}), of).toEqual(['Service'])
      expect(trust[0]?.Principal.Service, of).toMatch(/^(?:lambda|states|scheduler)\.amazonaws\.com$/)
    }
  })

  it('pass only declared roles, and only to pods', () => {
    const passing = dev.roles.flatMap(({ of, statements }) =>
      statements.filter(({ Action }) => Action.includes('iam:PassRole')).map((statement) => [of, statement]),
    )
    const passed = (...Resource: string[]) => ({
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource,
      Condition: { StringEquals: { 'iam:PassedToService': ['pods.eks.amazonaws.com'] } },
    })
    expect(passing).toEqual(
      expect.arrayContaining([
        [
          'EnsureAssociation',
          passed(
            'arn:aws:iam::111122223333:role/eks-workshop-carts-dynamo',
            'arn:aws:iam::111122223333:role/made/carts',
            'arn:aws:iam::111122223333:role/from-irsa',
          ),
        ],
        ['Undo', passed('arn:aws:iam::111122223333:role/carts-before')],
      ]),
    )
    expect(passing).toHaveLength(2)
  })

  it('make and delete only roles that a binding lets podid make, by its boundary and for its pods, and write the trust only where one says manageTrust', () => {
    const trust = [['iam:UpdateAssumeRolePolicy'], ['arn:aws:iam::111122223333:role/from-irsa'], undefined]
    const Resource = ['arn:aws:iam::111122223333:role/made/carts']
    const boundary = {
      StringEquals: { 'iam:PermissionsBoundary': ['arn:aws:iam::111122223333:policy/limits'] },
    }
    const madeFor = { StringLike: { 'aws:ResourceTag/podid:for': ['eks-workshop/carts/carts'] } }
    const writing = dev.roles.flatMap(({ of, statements }) =>
      statements
        .filter(({ Action }) => Action.some((action) => /^iam:(?!Get|List|Simulate|PassRole)/.test(action)))
        .map(({ Action, Resource, Condition }) => [of, Action, Resource, Condition]),
    )
    expect(writing).toEqual([
      ['EnsureRole', ['iam:CreateRole'], Resource, boundary],
      ['EnsureRole', ['iam:TagRole'], Resource, undefined],
      ['EnsureRole', ['iam:PutRolePolicy'], Resource, madeFor],
      ['EnsureTrust', ...trust],
      ['FinishMigration', ...trust],
      ['Undo', ...trust],
      ['Undo', ['iam:DeleteRole', 'iam:DeleteRolePolicy'], Resource, madeFor],
    ])
  })

  it('ask IAM Access Analyzer, which charges for it, only where a binding has a role made and wants that', () => {
    const asking = ({ roles }: SynthesizedStage) =>
      roles
        .filter(({ statements }) =>
          statements.some(({ Action }) => Action.some((action) => action.startsWith('access-analyzer:'))),
        )
        .map(({ of }) => of)
    expect(asking(dev)).toEqual(['VerifyRole'])
    expect(asking(production)).toEqual([])
    const wants = (createRole: boolean, accessAnalyzer: boolean) => {
      const carts = {
        cluster: 'eks-workshop',
        namespace: 'carts',
        serviceAccount: 'carts',
        role: 'arn:aws:iam::111122223333:role/carts',
        createRole,
        accessAnalyzer,
      }
      const settings = { account: '111122223333', region: 'us-west-2', bindings: { carts } }
      return scopeOf(parseConfig(settings, 'dev'), String).asksAccessAnalyzer
    }
    expect([wants(true, true), wants(true, false), wants(false, true)]).toEqual([true, false, false])
  })

  it('read secrets only where a function needs them, each by its parameter and with its key', () => {
    const parameter = (name: string) => `arn:aws:ssm:us-west-2:111122223333:parameter/podid/dev/${name}`
    const reading = dev.roles.flatMap(({ of, statements }) =>
      statements
        .filter(({ Action }) => Action.some((action) => /^(?:ssm|kms):/.test(action)))
        .map(({ Action, Resource, Condition }) => [of, Action, Resource, Condition]),
    )
    const key = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
    const role = (of: string, ...names: string[]) => {
      const parameters = names.map(parameter)
      const condition = { StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': parameters } }
      return [
        [of, ['ssm:GetParameter'], parameters, undefined],
        [of, ['kms:Decrypt'], [key], condition],
      ]
    }
    const byRole = reading.toSorted(([one], [other]) => (String(one) < String(other) ? -1 : 1))
    expect(byRole).toEqual([
      ...role('FollowRun', 'slack-bot-token'),
      ...role('Http', 'slack-bot-token', 'slack-signing-secret', 'webhook-secrets'),
      ...role('Notify', 'slack-bot-token', 'webhook-secrets'),
    ])
  })

  it('have names that access entries can rely on', () => {
    expect(dev.roles.map(({ name }) => name)).toContain('podid-dev-restart-workload')
    expect(dev.roles.filter(({ name }) => name.length > 64)).toEqual([])
  })
})

describe('secrets', () => {
  it('are in no function’s configuration, which has names of parameters, and are no resources', () => {
    const variables = dev
      .all(lambda)
      .flatMap(({ inputs }) =>
        Object.entries((inputs.environment as { variables?: Record<string, string> }).variables ?? {}),
      )
    const about = variables.filter(([name]) => /TOKEN|SECRET/.test(name))
    expect(about).toHaveLength(6)
    for (const [name, value] of about)
      expect([name, value]).toEqual([
        expect.stringMatching(/_ARN$/),
        expect.stringMatching(/^arn:aws:ssm:us-west-2:111122223333:parameter\/podid\/dev\//),
      ])
    expect(dev.resources.filter(({ type }) => /[Ss]ecret|ssm\//.test(type))).toEqual([])
  })
})

describe('what is kept', () => {
  it('is encrypted', () => {
    for (const { inputs } of dev.all('aws:sqs/queue:Queue')) expect(inputs.sqsManagedSseEnabled).toBe(true)
    for (const { inputs } of dev.all('aws:sns/topic:Topic')) expect(inputs.kmsMasterKeyId).toBeTruthy()
    for (const { inputs } of dev.all('aws:dynamodb/table:Table'))
      expect(inputs.serverSideEncryption).toEqual({ enabled: true })
  })

  it('is logged for a month, and in production for a year', () => {
    const days = (stage: SynthesizedStage) =>
      new Set(stage.all('aws:cloudwatch/logGroup:LogGroup').map(({ inputs }) => inputs.retentionInDays))
    expect(days(dev)).toEqual(new Set([30]))
    expect(days(production)).toEqual(new Set([365]))
  })

  it('survives the removal of production, and only of production', () => {
    const table = 'aws:dynamodb/table:Table'
    expect(production.outputs._protect).toBe(true)
    expect(dev.outputs._protect).toBe(false)
    expect(production.the(table, 'Records')).toMatchObject({
      inputs: { deletionProtectionEnabled: true, pointInTimeRecovery: { enabled: true } },
      options: { retainOnDelete: true },
    })
    expect(dev.the(table, 'Records')).toMatchObject({ inputs: { deletionProtectionEnabled: false } })
    expect(dev.the(table, 'Records').options).toBeUndefined()
  })
})

describe('what is handed over and not waited for', () => {
  const queue = 'arn:aws:sqs:us-west-2:111122223333:podid-dev-dead-letters'

  it('is tried for a day by every rule, and then kept', () => {
    const targets = dev.all('aws:cloudwatch/eventTarget:EventTarget')
    expect(targets.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'ClusterCreatedTarget',
        'AgentInstalledTarget',
        'SweepDueTarget',
        'NotificationsTarget',
      ]),
    )
    for (const { name, inputs } of targets.filter(({ name }) => !name.startsWith('WarmUp'))) {
      expect(inputs, name).toMatchObject({
        deadLetterConfig: { arn: queue },
        retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      })
    }
  })

  it('is not tried again where it only starts the version of a function that a run comes to later', () => {
    const [machine] = dev
      .all('aws:sfn/stateMachine:StateMachine')
      .filter(({ inputs }) => inputs.name === 'podid-dev-enable')
    const targets = dev
      .all('aws:cloudwatch/eventTarget:EventTarget')
      .filter(({ name }) => name.startsWith('WarmUp'))
    expect(targets.map(({ inputs }) => inputs.targetId)).toEqual(warmedUp.toSorted())
    for (const { name, inputs } of targets) {
      expect(inputs, name).toMatchObject({
        rule: 'podid-dev-warm-up',
        input: JSON.stringify(warmUpEvent),
        retryPolicy: { maximumEventAgeInSeconds: 60, maximumRetryAttempts: 0 },
      })
      expect(inputs.deadLetterConfig, name).toBeUndefined()
      expect(String(machine?.inputs.definition)).toContain(`"${inputs.arn}"`)
      const version = { functionName: expect.any(String), qualifier: String(inputs.arn).split(':').at(-1) }
      const once = dev.the(
        'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig',
        name.replace(/Target$/, 'Once'),
      )
      expect(once.inputs, name).toEqual({
        ...version,
        maximumRetryAttempts: 0,
        maximumEventAgeInSeconds: 60,
      })
      const { qualifier } = dev.the(
        'aws:lambda/permission:Permission',
        name.replace(/Target$/, 'Permission'),
      ).inputs
      expect(qualifier, name).toBe(version.qualifier)
    }
  })

  it('is kept where a function fails at it again and again', () => {
    const targets = new Set(dev.all('aws:cloudwatch/eventTarget:EventTarget').map(({ inputs }) => inputs.arn))
    const handed = dev
      .all(lambda)
      .filter(({ inputs }) => targets.has(`arn:aws:lambda:us-west-2:111122223333:function:${inputs.name}`))
    expect(handed.map(({ inputs }) => inputs.name).toSorted()).toEqual([
      'podid-dev-follow-run',
      'podid-dev-notify',
      'podid-dev-start',
      'podid-dev-sweep',
    ])
    for (const { inputs } of handed) {
      const config = dev
        .all('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig')
        .find((candidate) => candidate.inputs.functionName === inputs.name)
      expect(config?.inputs, String(inputs.name)).toMatchObject({
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: queue } },
      })
      const role = dev.roles.find(({ name }) => name === inputs.name)
      expect(role?.statements).toContainEqual({
        Effect: 'Allow',
        Action: ['sqs:SendMessage'],
        Resource: [queue],
      })
    }
  })

  it('comes from rules that may invoke, and that the queue takes from', () => {
    const rules = dev
      .all('aws:cloudwatch/eventRule:EventRule')
      .map(({ inputs }) => `arn:aws:events:us-west-2:111122223333:rule/${inputs.name}`)
      .toSorted()
    const [queuePolicy] = dev.all('aws:sqs/queuePolicy:QueuePolicy')
    const { Statement } = JSON.parse(String(queuePolicy?.inputs.policy)) as {
      Statement: { Condition: { ArnEquals: Record<string, string[]> } }[]
    }
    const [taken] = Statement.map(({ Condition }) => Condition.ArnEquals['aws:SourceArn'])
    const warming = 'arn:aws:events:us-west-2:111122223333:rule/podid-dev-warm-up'
    expect(taken?.toSorted()).toEqual(rules.filter((rule) => rule !== warming))
    const invoking = dev
      .all('aws:lambda/permission:Permission')
      .filter(({ inputs }) => inputs.principal === 'events.amazonaws.com')
    expect(invoking.map(({ inputs }) => inputs.sourceArn).toSorted()).toEqual(
      rules.flatMap((rule) => (rule === warming ? warmedUp.map(() => rule) : [rule])),
    )
  })
})

describe('the URL', () => {
  it('is there only for Slack and the webhook', () => {
    expect(dev.outputs.url).toMatch(/^https:/)
    expect(production.outputs.url).toBeUndefined()
  })

  it('cannot crowd out the runs', () => {
    const http = dev.all(lambda).find(({ inputs }) => inputs.name === 'podid-dev-http')
    expect(http?.inputs.reservedConcurrentExecutions).toBe(10)
  })
})

interface Environment {
  variables?: Record<string, string>
}

interface State {
  Resource?: string
  /** In seconds, or an expression. */
  TimeoutSeconds?: number | string
  Arguments?: { FunctionName?: string }
  Branches?: { States: Record<string, State> }[]
}

const tasksOf = (states: Record<string, State>): { FunctionName: string; TimeoutSeconds: number }[] =>
  Object.values(states).flatMap(({ Arguments, TimeoutSeconds, Branches = [] }) => [
    ...(Arguments?.FunctionName && typeof TimeoutSeconds === 'number'
      ? [{ FunctionName: Arguments.FunctionName, TimeoutSeconds }]
      : []),
    ...Branches.flatMap((branch) => tasksOf(branch.States)),
  ])

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

it('has its resources in one order, so that two syntheses can be compared', () => {
  const keys = dev.resources.map(({ type, name }) => `${type} ${name}`)
  expect(keys).toEqual(keys.toSorted())
})

it('sums up for a person how many resources of each type there are, with the names that they have in the account', () => {
  const text = resourceSummary(dev)
  const functions = dev.all('aws:lambda/function:Function')
  expect(text).toContain(`aws:lambda/function:Function  ${functions.length}\n`)
  expect(text).toMatch(/^ {2}EnsureAssociation\w* \(podid-dev-ensure-association\)$/m)
  expect(text).not.toContain('sst:')
  expect(text).toMatch(/\n\d+ resources of \d+ types\n$/)
})
