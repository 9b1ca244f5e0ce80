import { describe, expect, it } from 'vitest'
import { needing, plainEnv } from '../../support/command-line.ts'
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
})
