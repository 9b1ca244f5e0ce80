import { describe, expect, it } from 'vitest'
import { workshopBinding } from '../../../local/scenarios/workshop/binding.ts'
import { deployStage } from '../../stacks/deployed.ts'
import { everything, synthesizeStage } from '../../stacks/support.ts'
import { needing, packagedPodid, plainEnv } from '../../support/command-line.ts'
import { bashBlocks, notingPrograms } from './paste.ts'

const blocks = bashBlocks('docs/runbooks.md')

describe('the commands of docs/runbooks.md', () => {
  const noting = notingPrograms('npx', 'aws', 'sleep')

  it('have no words to be replaced, and no comments, which zsh does not take at its prompt', () => {
    expect(blocks.length).toBeGreaterThan(10)
    for (const block of blocks) expect(block).not.toMatch(/…|\bNAME\b|^ *#|\s# /m)
  })

  const pasting = ['bash', 'zsh'].map((shell) => {
    const { note, skipped } = needing(shell)
    return [`${shell}${note}`, shell, skipped] as const
  })
  it.for(pasting)('can be pasted in %s', async ([, shell, skipped], { skip }) => {
    skip(skipped)
    const called = await noting.paste(shell, { ...plainEnv(), AWS_REGION: 'us-west-2' }, blocks.join('\n'))
    expect(called).toContain('[--execution-arn] [arn:aws:states:::execution:podid-dev-enable:by-hand-1]')
    expect(called).toContain(
      "[SOURCE logGroups(namePrefix: ['/aws/lambda/podid-dev-']) | filter run = 'by-hand-1' |",
    )
    expect(called).toContain('[--topic-arn] [arn:aws:sns:::podid-dev-alarms]')
    expect(called).toContain('npx [podid] [runs] [show] [by-hand-1] [--remote] [dev]\n')
  })

  const exhaustive = needing('aws')
  const { absent, note } = exhaustive
  it.skipIf(absent.length > 0 || process.env.PODID_EXHAUSTIVE !== '1')(
    `do on the stand-ins what they say, and ask the others as they take it${note}`,
    async () => {
      const program = await packagedPodid()
      await using world = await deployStage(await synthesizeStage('dev', everything), { time: 'real' })
      const { aws } = world
      // `by-hand-1`, as the page has it.
      await world.execute({ ...workshopBinding(world), mode: 'plan' })
      aws.bus.putRule({
        name: 'podid-dev-sweep-due',
        arn: aws.bus.ruleArn('podid-dev-sweep-due'),
        enabled: true,
        targets: new Map(),
      })
      const letters = aws.queues.add('podid-dev-dead-letters')
      const taken: unknown[] = []
      const notify = aws.addFunction('podid-dev-notify', (event) => void taken.push(event))
      letters.send({
        sender: 'events',
        body: '{"detail-type":"Run Finished","detail":{"run":"by-hand-1"}}',
        attributes: { TARGET_ARN: { DataType: 'String', StringValue: notify } },
      })
      // Where no stand-in is, the CLI looks at what it is given, once for each command, and answers with a sample.
      const real = 'PATH=${PATH#*:}\n'
      const looked =
        '[ -e "$NOTES-$2" ] || { touch "$NOTES-$2"; exec aws "$@" --generate-cli-skeleton output; }'
      const cli = `${real}case "$1 $2" in logs*|cloudwatch*|'sns list'*) ${looked} ;; *) exec aws --endpoint-url "$AWS_ENDPOINT_URL" "$@" ;; esac\n`
      // Steps that a run has taken are told on the standard error.
      const npx = `shift; exec '${process.execPath}' '${program}' "$@" 2>/dev/null\n`
      const { accessKeyId, secretAccessKey } = aws.credentials
      const env = {
        ...plainEnv(),
        AWS_ENDPOINT_URL: aws.url,
        AWS_REGION: aws.region,
        AWS_DEFAULT_REGION: aws.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      }
      const called = await notingPrograms(['aws', cli], ['npx', npx], 'sleep').paste(
        'bash',
        env,
        blocks.join('\n'),
      )
      expect(taken).toHaveLength(1)
      expect(letters.messages()).toEqual([])
      expect(called.match(/^aws \[logs\] \[get-query-results\]/gm)?.length).toBeGreaterThan(8)
    },
  )
})
