import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { command, shellWord, words } from '../../../core/text/shell.ts'
import { jsonLine, visible, visibleIn } from '../../../core/text/unprintable.ts'
import { needing } from '../../support/command-line.ts'
import { randomSource } from '../../support/random.ts'

/** Characters that mean something to a shell, a terminal, JSON or a reader, and some that do not. */
const alphabet = [
  ...'abz09 \t\n\r\'"`$\\(){}[]<>|&;*?#~!=%^-+@:,./_',
  ...['\x1b', '\x07', '\x9b', '\x7f', '\u202e', '\u2066', '\u200b', '\u2028', '\ufeff', 'é', '中', '🦊'],
  ...['$(touch x)', "'\\''", '\x1b]52;c;ZWNobw==\x07', '--', '\\n', '%s', '~root', '!!'],
]

const { pick, some } = randomSource(20251123)
const texts = [
  '',
  '-x',
  '=ls',
  "'",
  "it's $(id)",
  'a\n',
  'a\nb',
  '\n',
  '\\',
  // Each at the beginning, in the middle, at the end, and beside itself.
  ...alphabet.flatMap((one) => [`${one}ab`, `a${one}b`, `ab${one}`, `${one}${one}`, `'${one}`, `${one}'`]),
  ...Array.from({ length: process.env.PODID_EXHAUSTIVE ? 300 : 60 }, () =>
    some(() => pick(alphabet), 12).join(''),
  ),
]

describe.each(['sh', 'bash', 'dash', 'zsh'])('a word in %s', (shell) => {
  const { skipped, note } = needing(shell)
  it.skipIf(skipped)(`is the text, whatever it contains${note}`, () => {
    // One script for all: each word ends with a mark of its own, so that line breaks at the end are seen.
    const script = texts.map((text) => `printf '%s\\037' ${shellWord(text)}`).join('\n')
    const said = execFileSync(shell, ['-c', script], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
      // What is not quoted, as where somebody tries breaks, does not write among the sources.
      cwd: tmpdir(),
    })
    expect(said.split('\x1f').slice(0, -1)).toEqual(texts)
  })
})

it('a word that needs no quotes has none, and an empty one is one', () => {
  expect(shellWord('arn:aws:iam::123456789012:role/a+b=c,d.e@f-g_h')).not.toContain("'")
  expect(shellWord('')).toBe("''")
})

it('holds nothing that a terminal acts on or hides, so that a command pastes as it looks', () => {
  for (const text of texts) expect(visible(shellWord(text))).toBe(shellWord(text))
})

it.each<[why: string, made: () => string, expected: string]>([
  [
    'plain values',
    () => command`kubectl get pod ${'carts-1'} -n ${'carts'}`,
    'kubectl get pod carts-1 -n carts',
  ],
  [
    'a value that would run',
    () => command`aws eks x --role-arn ${'arn:aws:iam::1:role/$(id)/r'}`,
    "aws eks x --role-arn 'arn:aws:iam::1:role/$(id)/r'",
  ],
  [
    'a value that looks like an option',
    () => command`aws iam get-role --role-name ${'--debug'}`,
    'aws iam get-role --role-name=--debug',
  ],
  [
    'one that would run, too',
    () => command`aws iam get-role --role-name ${'-$(id)'}`,
    "aws iam get-role --role-name='-$(id)'",
  ],
  [
    'several words',
    () => command`kubectl delete pod ${['a', 'b c']} -n ${'d'}`,
    "kubectl delete pod a 'b c' -n d",
  ],
  [
    'words that are quoted already',
    () => command`kubectl x ${words`${'a b'} -n ${'c'}`} --y`,
    "kubectl x 'a b' -n c --y",
  ],
  ['words that begin as an option does', () => command`kubectl x --y ${words`-a`}`, 'kubectl x --y -a'],
  ['nothing', () => command`kubectl logs ${'a'} ${undefined} --all`, 'kubectl logs a --all'],
  [
    'a number',
    () => command`kubectl scale ${'deployment/a'} --replicas=${1}`,
    'kubectl scale deployment/a --replicas=1',
  ],
  ['an empty value, which is a word', () => command`x --y ${''}`, "x --y ''"],
  ['an option at the very beginning', () => command`--name ${'-a'}`, '--name=-a'],
  ['a value with a hyphen further on', () => command`x --y ${'a-b'}`, 'x --y a-b'],
  ['an option that is not the last word before it', () => command`x --y z ${'-a'}`, 'x --y z -a'],
  ['an option that another word only ends in', () => command`x a--y ${'-a'}`, 'x a--y -a'],
  ['NUL, which no argument can hold', () => command`x ${'a\0b'}`, 'x ab'],
  ['a control character: three octal digits', () => command`x ${'a\x07'}`, "x 'a'\"$(printf '\\007')\""],
  ['one alone', () => command`x ${'\x07'}`, 'x "$(printf \'\\007\')"'],
])('a command of %s', (_why, made, expected) => {
  expect(made()).toBe(expected)
})

it.each<[why: string, text: string, shown: string]>([
  ['colours', 'a\x1b[31mb', 'a\\x1b[31mb'],
  ['the clipboard (OSC 52)', '\x1b]52;c;ZWNobw==\x07', '\\x1b]52;c;ZWNobw==\\x07'],
  ['C1 controls', '\x9b2J', '\\x9b2J'],
  ['another direction', 'role\u202eelor', 'role\\u202eelor'],
  ['isolates', '\u2066a\u2069', '\\u2066a\\u2069'],
  ['characters without width', 'ca\u200brts', 'ca\\u200brts'],
  ['fillers', 'a\u3164b', 'a\\u3164b'],
  ['tags', '\u{e0061}', '\\u{e0061}'],
  ['the last of the short escapes', 'a\xadb', 'a\\xadb'],
  ['a short escape of one digit', 'a\x01b', 'a\\x01b'],
  ['the last of the escapes of four digits', 'a\uffffb', 'a\\uffffb'],
  ['an escape of four digits that begins with a zero', 'a\u061cb', 'a\\u061cb'],
  ['tabulators as a space', 'a\tb', 'a b'],
  ['half a character', 'a\ud83d', 'a\\ud83d'],
  ['other line breaks', 'a\u2028b\rc\r\nd', 'a\\u2028b\\x0dc\nd'],
  ['what people write', 'é 中 🦊 → ✔ “x”\nb', 'é 中 🦊 → ✔ “x”\nb'],
])('shows %s', (_why, text, shown) => {
  expect(visible(text)).toBe(shown)
  expect(visibleIn({ [text]: [text, 1, null] })).toEqual({ [shown]: [shown, 1, null] })
})

it('writes JSON that a terminal shows as it is and that means the same', () => {
  for (const text of texts) {
    const line = jsonLine({ [text]: text })
    expect(JSON.parse(line)).toEqual({ [text]: text })
    expect(visible(line)).toBe(line)
    expect(line).not.toContain('\n')
  }
})

it('writes what JSON has no text for as null, and both halves of a character', () => {
  expect(jsonLine(undefined)).toBe('null')
  expect(jsonLine('a\u{e0061}\u00ad')).toBe('"a\\udb40\\udc61\\u00ad"')
})
