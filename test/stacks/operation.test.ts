import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { metrics } from '../../core/operation/metrics.ts'
import { runRules } from '../../core/triggers/rules.ts'
import { everything, root, type SynthesizedStage, synthesizeStage } from './support.ts'

let dev: SynthesizedStage
let production: SynthesizedStage
beforeAll(async () => {
  ;[dev, production] = await Promise.all([synthesizeStage('dev', everything), synthesizeStage('production')])
})

interface Query {
  id: string
  expression?: string
  returnData?: boolean
  metric?: {
    namespace: string
    metricName: string
    dimensions: Record<string, string>
    stat: string
    period?: number
  }
}

type Inputs = Record<string, unknown>

/** `podid-dev-undo-incomplete` as `UndoIncomplete`, which its chapter is called. */
const chapterOf = (physical: unknown): string =>
  String(physical)
    .replace(/^podid-(?:dev|production)-/, '')
    .replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** An alarm in lines: what it counts of whom, and when it goes off. What is not as in all others is a line, too. */
const termsOf = (inputs: Inputs): [chapter: string, terms: string[]] => {
  const { metricQueries = [], dimensions, period } = inputs
  const [sum, ...queries] = metricQueries as Query[]
  const single = { ...inputs, stat: inputs.statistic, dimensions } as unknown as Query['metric']
  const metrics = (queries.length > 0 ? queries.map(({ metric }) => metric) : [single]).flatMap(
    (one) => one ?? [],
  )
  const counted = metrics.map((one) =>
    `${one.stat} ${one.namespace} ${one.metricName} ${Object.entries(one.dimensions)
      .map(([key, value]) => (dimensionOf[one.namespace]?.includes(key) ? value : `${key}=${value}`))
      .join()}`
      .replace(`${stateMachine}enable`, 'MACHINE')
      .replace(`${stateMachine}rollout`, 'ROLLOUTS'),
  )
  const periods = new Set(metrics.map((one) => one.period ?? period))
  const added = queries.map(({ id, returnData }, index) => `${id} ${returnData} ${index}`)
  const usual = queries.map((_, index) => `m${index} false ${index}`)
  const all = {
    id: 'all',
    expression: usual.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    returnData: true,
  }
  const { label: _label, ...expression } = (sum ?? all) as Query & { label?: string }
  return [
    chapterOf(inputs.name),
    [
      ...counted,
      `${inputs.comparisonOperator} ${inputs.threshold}, ${inputs.evaluationPeriods} × ${[...periods].join('|')} s, ${inputs.treatMissingData}`,
      ...(JSON.stringify(added) === JSON.stringify(usual) ? [] : added),
      ...(sum === undefined || isDeepStrictEqual(expression, all) ? [] : [JSON.stringify(expression)]),
      ...((inputs.alarmActions as string[]).join() === alarmsTopic(inputs)
        ? []
        : [String(inputs.alarmActions)]),
    ],
  ]
}

const stateMachine = 'arn:aws:states:us-west-2:111122223333:stateMachine:podid-dev-'
const alarmsTopic = ({ name }: Inputs): string =>
  `arn:aws:sns:us-west-2:111122223333:podid-${String(name).split('-')[1]}-alarms`
/** What a metric is counted by. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html */
const dimensionOf: Readonly<Record<string, string[]>> = {
  podid: ['service'],
  'AWS/States': ['StateMachineArn'],
  'AWS/Lambda': ['FunctionName'],
  'AWS/SQS': ['QueueName'],
}

const alarmsOf = ({ all }: SynthesizedStage): Inputs[] =>
  all('aws:cloudwatch/metricAlarm:MetricAlarm').map(({ inputs }) => inputs)
const terms = (stage: SynthesizedStage) => Object.fromEntries(alarmsOf(stage).map(termsOf))

/** Every way in which one value of an input can be another, or be gone. */
const changed = function* (value: unknown, path = ''): Generator<[path: string, value: unknown]> {
  if (typeof value === 'number') yield [path, value + 1]
  else if (typeof value === 'string') yield [path, `${value}x`]
  else if (typeof value === 'boolean') yield [path, !value]
  else if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      yield [`${path}.${index} gone`, value.toSpliced(index, 1)]
      for (const [at, other] of changed(one, `${path}.${index}`)) yield [at, value.with(index, other)]
    }
  } else
    for (const [key, one] of Object.entries(value as Inputs))
      for (const [at, other] of changed(one, `${path}.${key}`))
        yield [at, { ...(value as Inputs), [key]: other }]
}

const first = 'GreaterThanThreshold 0, 1 × 300 s, notBreaching'
const stays = (above: number, seconds = 300) => `GreaterThanThreshold ${above}, 1 × ${seconds} s, ignore`

describe('alarms', () => {
  it('are for what somebody can do something about, each by what it counts', () => {
    expect(terms(dev)).toEqual({
      UndoIncomplete: ['Sum podid UndoIncomplete podid-dev', first],
      RunsBroken: ['Sum podid RunsBroken podid-dev', first],
      RunsTimedOut: ['Sum podid RunsTimedOut podid-dev', 'Sum AWS/States ExecutionsTimedOut MACHINE', first],
      RolloutsTimedOut: ['Sum AWS/States ExecutionsTimedOut ROLLOUTS', first],
      // While the run is open, from sweep to sweep.
      RunOpenTooLong: ['Maximum podid RunsOpenTooLong podid-dev', stays(0, 3600)],
      SweepUnfinished: ['Sum podid SweepRounds podid-dev', 'LessThanThreshold 1, 3 × 3600 s, breaching'],
      UrlFails: ['Sum AWS/Lambda Url5xxCount podid-dev-http', first],
      Throttled: [
        'Sum podid StepsThrottled podid-dev',
        'Sum AWS/States ExecutionThrottled MACHINE',
        'Sum AWS/States ExecutionThrottled ROLLOUTS',
        ...['start', 'sweep', 'http', 'follow-run', 'notify'].map(
          (name) => `Sum AWS/Lambda Throttles podid-dev-${name}`,
        ),
        first,
      ],
      // A letter that nobody touches keeps its alarm.
      DeadLetters: ['Maximum AWS/SQS ApproximateNumberOfMessagesVisible podid-dev-dead-letters', stays(0)],
      DeadLettersExpire: [
        'Maximum AWS/SQS ApproximateAgeOfOldestMessage podid-dev-dead-letters',
        stays(864_000),
      ],
    })
  })

  it('count what a stage has: without a URL there is none that fails', () => {
    expect(new Set(Object.keys(terms(production)))).toEqual(
      new Set(Object.keys(terms(dev)).filter((name) => name !== 'UrlFails')),
    )
    expect(terms(production).SweepUnfinished).toContain('LessThanThreshold 1, 3 × 1800 s, breaching')
  })

  it('are each as above in every value', () => {
    const unseen = alarmsOf(dev).flatMap((alarm) =>
      [...changed(alarm)].flatMap(([path, other]) =>
        isDeepStrictEqual(termsOf(other as Inputs), termsOf(alarm)) ? [`${alarm.name}${path}`] : [],
      ),
    )
    // What people read; the rest of the description is looked at below.
    expect(unseen.filter((one) => !/\.(?:alarmDescription|label)$/.test(one))).toEqual([])
    // CloudWatch takes ten metrics in one alarm.
    expect(Math.max(...Object.values(terms(dev)).map((lines) => lines.length - 1))).toBe(8)
  })

  it('go to the topic that people subscribe to, and each names its chapter of the runbooks', () => {
    for (const { name, alarmActions, alarmDescription } of alarmsOf(dev)) {
      expect(alarmActions).toEqual(['arn:aws:sns:us-west-2:111122223333:podid-dev-alarms'])
      expect(alarmDescription).toMatch(
        new RegExp(`^[A-Z].*\\. What to do: docs/runbooks.md, ${chapterOf(name)}$`),
      )
    }
    expect(
      dev.all('aws:sns/topicSubscription:TopicSubscription').map(({ inputs }) => inputs.endpoint),
    ).toEqual(['carts@example.com'])
  })

  it('that nobody gets are told, and so is what an undo may not give back', () => {
    expect(dev.outputs.warnings).toBeUndefined()
    expect(production.outputs.warnings).toEqual([
      expect.stringMatching(/^channels\.alarmEmails: nobody is told when an alarm goes off/),
    ])
  })
})

describe('versions', () => {
  const arn = (kind: string, name: string) => `arn:aws:${kind}:us-west-2:111122223333:${name}`

  it('are led to by the alias live, the latest one alone, of each state machine', () => {
    expect(
      dev.all('aws:sfn/alias:Alias').map(({ inputs }) => [inputs.name, inputs.routingConfigurations]),
    ).toEqual(
      ['enable', 'rollout'].map((name) => [
        'live',
        [{ stateMachineVersionArn: arn('states', `stateMachine:podid-dev-${name}:1`), weight: 100 }],
      ]),
    )
    expect(dev.outputs).toMatchObject({
      stateMachine: arn('states', 'stateMachine:podid-dev-enable:live'),
      rolloutStateMachine: arn('states', 'stateMachine:podid-dev-rollout:live'),
    })
  })

  it('are published of both state machines and of every step, and of no function around them', () => {
    for (const { inputs } of dev.all('aws:sfn/stateMachine:StateMachine')) expect(inputs.publish).toBe(true)
    const around = ['start', 'sweep', 'http', 'notify', 'follow-run']
    for (const { inputs } of dev.all('aws:lambda/function:Function'))
      expect([inputs.name, inputs.publish]).toEqual([
        inputs.name,
        !around.some((name) => inputs.name === `podid-dev-${name}`),
      ])
  })

  it('call versions of functions alone, and may', () => {
    for (const [id, policy] of [
      ['Enable', 'EnableRole'],
      ['Rollout', 'RolloutRole'],
    ] as const) {
      const { definition } = dev.the('aws:sfn/stateMachine:StateMachine', id).inputs
      const called = [...String(definition).matchAll(/"(arn:[\w-]+:lambda:[^"]+)"/g)].map(
        ([, one = '']) => one,
      )
      expect(called.length).toBeGreaterThan(2)
      for (const one of called) expect(one).toMatch(/:function:podid-dev-[a-z-]+:1$/)
      const roles = dev.all('aws:iam/role:Role').find(({ name }) => name === policy)
      const [{ policy: text = '' } = {}] = (roles?.inputs.inlinePolicies ?? []) as { policy: string }[]
      const [invoke] = (JSON.parse(text) as { Statement: { Action: string; Resource: string[] }[] }).Statement
      expect(invoke?.Action).toBe('lambda:InvokeFunction')
      expect(new Set(invoke?.Resource)).toEqual(new Set(called.map((one) => one.replace(/1$/, '*'))))
    }
  })
})

describe('docs/runbooks.md', () => {
  const page = readFileSync(join(root, 'docs/runbooks.md'), 'utf8')
  const chapters = page.split(/^## /m).slice(1)

  it('has a chapter for each alarm, and no alarm is missing that has one', () => {
    const named = chapters.map((chapter) => chapter.split('\n')[0])
    expect(named.filter((name) => name !== 'Nobody gets the alarms').toSorted()).toEqual(
      Object.keys(terms(dev)).toSorted(),
    )
  })

  it('says in each what it means, how to look, by commands, and what to do', () => {
    for (const chapter of chapters.filter((text) => !text.startsWith('Nobody'))) {
      expect(chapter).toContain('**What it means.**')
      expect(chapter).toContain('**How to look')
      expect(chapter).toMatch(/\*\*(?:What to do\.|How to look, and what to do\.)\*\*/)
      expect(chapter).toMatch(/^```bash$/m)
    }
  })
})

describe('the dashboard', () => {
  const body = () => String(dev.the('aws:cloudwatch/dashboard:Dashboard', 'Dashboard').inputs.dashboardBody)

  it('shows every metric of ours', () => {
    const shown = Object.keys(metrics).filter(
      (name) => body().includes(`"${name}"`) || body().includes(`\\"${name}\\"`),
    )
    expect(shown).toEqual(Object.keys(metrics).filter((name) => name !== 'SweepRounds'))
  })

  it('says for whom runs fail, and since when, by the lines of the function that sees every end', () => {
    const { widgets } = JSON.parse(body()) as { widgets: { type: string; properties: { query?: string } }[] }
    const [query] = widgets.filter(({ type }) => type === 'log').map(({ properties }) => properties.query)
    expect(query).toMatch(/^SOURCE '\/aws\/lambda\/podid-dev-notify' \| filter outcome = "failed"/)
    expect(query).toContain('by cluster, namespace, serviceAccount')
  })

  it('has every function', () => {
    for (const { inputs } of dev.all('aws:lambda/function:Function'))
      expect(body()).toContain(`"${inputs.name}"`)
  })
})

it('docs/security.md lists every event of ours with what it may hold', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8')
  const types = runRules('').flatMap(({ bus, pattern }) =>
    bus === 'own' ? (pattern['detail-type'] as string[]) : [],
  )
  expect(types.length).toBeGreaterThan(4)
  expect(types.filter((type) => !page.includes(`\`${type}\``))).toEqual([])
})

it('docs/security.md lists everything that keeps data of a stage, by its name', () => {
  const page = readFileSync(join(root, 'docs/security.md'), 'utf8')
  const keeping = {
    'aws:dynamodb/table:Table': 'name',
    'aws:s3/bucketV2:BucketV2': 'bucket',
    'aws:sqs/queue:Queue': 'name',
    'aws:sns/topic:Topic': 'name',
    'aws:cloudwatch/eventBus:EventBus': 'name',
  }
  const named = Object.entries(keeping).flatMap(([type, field]) =>
    dev.all(type).map(({ inputs }) => String(inputs[field]).replace('-dev-', '-STAGE-')),
  )
  expect(named.toSorted()).toEqual([
    'podid-STAGE-alarms',
    'podid-STAGE-dead-letters',
    'podid-STAGE-events',
    'podid-STAGE-notifications',
    'podid-STAGE-records',
    'podid-STAGE-rollouts-111122223333',
  ])
  const shown: Record<string, string> = {
    'podid-STAGE-alarms': '`…-alarms`',
    'podid-STAGE-dead-letters': 'SQS, dead letters',
    'podid-STAGE-events': "EventBridge, the stage's bus",
    'podid-STAGE-rollouts-111122223333': '`podid-STAGE-rollouts-ACCOUNT`',
  }
  expect(named.filter((name) => !page.includes(shown[name] ?? `\`${name}\``))).toEqual([])
})
