import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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
  metric?: { namespace: string; metricName: string; dimensions: Record<string, string>; stat: string }
}

/** An alarm in a line: what it counts of whom, and when it goes off. */
const terms = ({ all }: SynthesizedStage) =>
  Object.fromEntries(
    all('aws:cloudwatch/metricAlarm:MetricAlarm').map(({ name, inputs }) => {
      const queries = (inputs.metricQueries ?? []) as Query[]
      const counted = [{ ...inputs, stat: inputs.statistic } as unknown as Query['metric']]
        .concat(queries.map(({ metric }) => metric))
        .flatMap((one) =>
          one?.metricName
            ? [
                `${one.stat} ${one.namespace} ${one.metricName} ${Object.values(one.dimensions).join()}`
                  .replace('arn:aws:states:us-west-2:111122223333:stateMachine:podid-dev-enable', 'MACHINE')
                  .replace(
                    'arn:aws:states:us-west-2:111122223333:stateMachine:podid-dev-rollout',
                    'ROLLOUTS',
                  ),
              ]
            : [],
        )
      const when = `${inputs.comparisonOperator} ${inputs.threshold}, ${inputs.evaluationPeriods} × ${
        inputs.period ?? (inputs.metricQueries as { metric?: { period: number } }[]).at(-1)?.metric?.period
      } s, ${inputs.treatMissingData}`
      return [name.replace(/Alarm$/, ''), [...counted, when]]
    }),
  )

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

  it('that add several metrics count what is not there as 0, and go to one figure', () => {
    const queries = dev.the('aws:cloudwatch/metricAlarm:MetricAlarm', 'ThrottledAlarm').inputs
      .metricQueries as (Query & { returnData: boolean })[]
    expect(queries.filter(({ returnData }) => returnData).map(({ expression }) => expression)).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7].map((one) => `FILL(m${one}, 0)`).join(' + '),
    ])
    // CloudWatch takes ten.
    expect(queries.filter(({ metric }) => metric).map(({ id }) => id)).toHaveLength(8)
  })

  it('go to the topic that people subscribe to, and each names its chapter of the runbooks', () => {
    for (const { name, inputs } of dev.all('aws:cloudwatch/metricAlarm:MetricAlarm')) {
      expect(inputs.alarmActions).toEqual(['arn:aws:sns:us-west-2:111122223333:podid-dev-alarms'])
      expect(inputs.alarmDescription).toMatch(
        new RegExp(`What to do: docs/runbooks.md, ${name.replace(/Alarm$/, '')}$`),
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
