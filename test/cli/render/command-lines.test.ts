import { expect, it } from 'vitest'
import { commandLines } from '../../../cli/render/command-lines.ts'
import { shellCommands } from '../../support/shell-words.ts'

it.each<[why: string, command: string, lines: string[]]>([
  ['it fits', 'aws eks list-clusters', ['aws eks list-clusters']],
  [
    'it goes on after a backslash, which has its own room',
    'aws eks describe-cluster --name shop --region us-west-2',
    ['aws eks describe-cluster \\', '  --name shop \\', '  --region us-west-2'],
  ],
  [
    'what is quoted is whole, and keeps its lines',
    `aws iam put-role-policy --policy-document '{
  "Version": "one two three four five"
}' --role-name it\\'s`,
    [
      'aws iam put-role-policy \\',
      "  --policy-document '{",
      '  "Version": "one two three four five"',
      "}' --role-name it\\'s",
    ],
  ],
  ['each line is one command', 'one --a b\ntwo --c d', ['one --a b', 'two --c d']],
  [
    'an apostrophe in a comment opens no quote',
    "# what the run didn't do, and nobody else\nkubectl get pods --namespace carts",
    ["# what the run didn't do, and nobody else", 'kubectl get pods \\', '  --namespace carts'],
  ],
  [
    'a document that it reads is its own',
    'cat <<E\none two three four five six\nE',
    ['cat <<E', 'one two three four five six', 'E'],
  ],
  [
    'no line can be told where a quote is open',
    "it's one two three four five",
    ["it's one two three four five"],
  ],
])('shows a command of a narrow screen as it pastes: %s', (_why, command, lines) => {
  expect(commandLines(command, 26)).toEqual(lines)
})

it('a shell reads the same words', () => {
  const text = `aws iam create-role --role-name a --document '{ "a": 1 }' --tags Key=a,Value='it'\\''s b'`
  for (let width = 1; width < 100; width++)
    expect(shellCommands(commandLines(text, width).join('\n').replaceAll('\\\n', ''))).toEqual(
      shellCommands(text),
    )
})
