import { describe, expect, it } from 'vitest'
import { needing, plainEnv, startLocal } from '../../support/command-line.ts'
import { fullPages, startTestAws } from '../../support/servers/small-pages.ts'
import { bashBlocks, notingPrograms } from './paste.ts'

const blocks = bashBlocks('docs/deploy.md')

/** In place of the synthesis's. */
const deployer =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:ListQueues","Resource":"*"}]}'

const groups = ['podid:agent', 'podid:workload']
const entries = ['check-agent', 'restart-workload'].map((name) => ({
  principalArn: `arn:aws:iam::123456789012:role/podid-dev-${name}`,
  kubernetesGroups: groups,
}))

const secrets = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'secret' }

describe('the commands of docs/deploy.md', () => {
  const outputs = JSON.stringify({ outputs: { accessEntries: entries } })
  const npm: [string, string] = [
    'npm',
    `case "$*" in *--summary*) ;; *--deployer*) echo '[${deployer}]' ;; *synth*) echo '${outputs}' ;; esac\n`,
  ]
  const all = notingPrograms(npm, 'npx', 'aws', 'kubectl')
  const deployment = notingPrograms(npm, 'npx')

  it('have no words to be replaced, and no comments, which zsh does not take at its prompt', () => {
    expect(blocks.length).toBeGreaterThan(8)
    for (const block of blocks) expect(block).not.toMatch(/…|\bNAME\b|(?<!\$)\bCLUSTER\b(?!=)|^ *#|\s# /m)
  })

  const pasting = ['bash', 'zsh'].map((shell) => {
    const { note, skipped } = needing(shell, 'jq', 'openssl')
    return [`${shell}${note}`, shell, skipped] as const
  })
  it.for(pasting)('can be pasted in %s', async ([, shell, skipped], { skip }) => {
    skip(skipped)
    const called = await all.paste(
      shell,
      { ...plainEnv(), ...secrets, AWS_REGION: 'us-west-2' },
      blocks.join('\n'),
    )
    for (const { principalArn } of entries) {
      const entry = `[--cluster-name] [eks-workshop] [--principal-arn] [${principalArn}]`
      // Each group is a word of its own.
      expect(called).toContain(
        `aws [eks] [create-access-entry] ${entry} [--kubernetes-groups] [podid:agent] [podid:workload]\n`,
      )
      expect(called).toContain(`aws [eks] [delete-access-entry] ${entry}\n`)
    }
    expect(called).toContain(
      `aws [iam] [create-policy] [--policy-name] [podid-dev-deployer-0] [--policy-document] [${deployer}]\n`,
    )
    expect(called).toContain('npx [podid] [redrive] [--stage] [dev] [--yes]\n')
    expect(called).toContain('npx [podid] [doctor] [--stage] [dev]\n')
    expect(called).toContain('npx [sst] [deploy] [--stage] [dev]\n')
    for (const name of ['slack-bot-token', 'slack-signing-secret', 'webhook-secrets'])
      expect(called).toContain(`[SecureString] [--name] [/podid/dev/${name}] [--value] [file:///dev/stdin]\n`)
    const machine = 'arn:aws:states:::stateMachine:podid-dev-enable'
    expect(called).toContain(
      `aws [stepfunctions] [update-state-machine-alias] [--state-machine-alias-arn] [${machine}:live] [--routing-configuration]`,
    )
    expect(called).toContain('kubectl [apply] [-k] [manifests]\n')
  })

  // Real programs take a second for each command.
  const programs = needing('aws', 'kubectl', 'jq', 'openssl')
  const skipped = programs.skipped || process.env.PODID_EXHAUSTIVE !== '1'
  it.skipIf(skipped)(`do on the stand-ins what they say${programs.note}`, async () => {
    await using local = await startLocal()
    const trust =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    for (const { principalArn } of entries)
      await local.bash(
        `aws iam create-role --role-name ${principalArn.split('/').at(-1)} --assume-role-policy-document '${trust}'`,
      )
    // The stand-ins' state machines are those of another stage.
    const others = blocks.filter((block) => !block.includes('update-state-machine-alias'))
    const commands = others.join('\n').replaceAll('podid-$STAGE-enable', 'podid-local-enable')
    await deployment.paste('bash', { ...local.env, ...secrets }, commands)
    const left = await local.bash('aws eks list-access-entries --cluster-name eks-workshop')
    expect(left).not.toContain('podid-dev-check-agent')
    await expect(local.bash('kubectl get clusterrole podid-nodes')).rejects.toThrow('not found')
  })

  it.skipIf(skipped)(`lead new runs back to the version before${programs.note}`, async () => {
    const aws = await startTestAws({ region: 'us-west-2', ...fullPages })
    try {
      const { versions } = aws.stateMachines
      const now = new Date()
      const add = (name: string, revision: number) => {
        const definition = JSON.stringify({
          QueryLanguage: 'JSONata',
          StartAt: 'Answer',
          States: { Answer: { Type: 'Pass', Output: revision, End: true } },
        })
        return aws.stateMachines.add({ name, definition, task: async () => null })
      }
      const publish = (revision: number) => versions.publish(add('podid-dev-enable', revision), now).arn
      const [, second = ''] = [publish(1), publish(2)]
      add('podid-dev-rollout', 1)
      const { arn } = versions.addAlias('live', second, now)
      const { accessKeyId, secretAccessKey } = aws.credentials
      const signed = {
        AWS_ENDPOINT_URL: aws.url,
        AWS_DEFAULT_REGION: 'us-west-2',
        AWS_REGION: 'us-west-2',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      }
      const [first = ''] = blocks
      const about = blocks.filter((block) => block.includes('$MACHINE'))
      await deployment.paste('bash', { ...plainEnv(), ...signed }, [first, ...about].join('\n'))
      expect(versions.alias(arn).versionArn).toBe(second.replace(/2$/, '1'))
    } finally {
      await aws.close()
    }
  })
})
