import { expect, it } from 'vitest'
import { code, codeBlock, literal } from '../../../core/chatops/mrkdwn.ts'
import { remedyText } from '../../../core/chatops/remedy.ts'

it.each<[why: string, text: string, literally: string, asCode: string, asBlock: string]>([
  ['plain text', 'carts', 'carts', '`carts`', '```carts```'],
  [
    'mentions and links',
    '<!channel> & >',
    '&lt;!channel&gt; &amp; &gt;',
    '`&lt;!channel&gt; &amp; &gt;`',
    '```&lt;!channel&gt; &amp; &gt;```',
  ],
  [
    'formatting',
    '*a* _b_ ~c~',
    '\u2060*\u2060a\u2060*\u2060 \u2060_\u2060b\u2060_\u2060 \u2060~\u2060c\u2060~\u2060',
    '`*a* _b_ ~c~`',
    '```*a* _b_ ~c~```',
  ],
  [
    'what would end code',
    'a```b`',
    'a\u2060`\u2060\u2060`\u2060\u2060`\u2060b\u2060`\u2060',
    '`aˋˋˋbˋ`',
    '```aˋˋˋbˋ```',
  ],
  ['line breaks', 'a\nb\nc', 'a\nb\nc', '`a b c`', '```a\nb\nc```'],
  ['what hides', 'a\u202eb', 'a\\u202eb', '`a\\u202eb`', '```a\\u202eb```'],
])('shows text from outside literally: %s', (_why, text, literally, asCode, asBlock) => {
  expect([literal(text), code(text), codeBlock(text)]).toEqual([literally, asCode, asBlock])
})

it('shows a remedy as its advice, and its commands as code', () => {
  expect(remedyText({ advice: 'Mend *it*.' }, 5)).toEqual(['Mend…'])
  expect(remedyText({ advice: 'Do it.', command: 'aws iam x' }, 6)).toEqual(['Do it.', '```aws i…```'])
})
