import type { PostedMessage, ShownBlock } from './workspace.ts'

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)

/** mrkdwn as HTML: Slack's own escapes, mentions and dates, then code, bold and line breaks. */
const formatted = (mrkdwn: string): string =>
  mrkdwn
    .split(/(<[^>]*>)/)
    .map((part) => (part.startsWith('<') ? escaped(reference(part)) : escaped(decoded(part))))
    .join('')
    .replace(/```([^`]*)```/g, '<pre>$1</pre>')
    .replace(/`([^`\n]+)`/g, '<code>$1</code>')
    .replace(/\*([^*\n]+)\*/g, '<b>$1</b>')

const decoded = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** `<@U1>` as `@U1`, `<!date^1^{time}|…>` as the time of this machine, which is the reader's. */
const reference = (text: string): string => {
  const [, seconds] = /^<!date\^(\d+)\^/.exec(text) ?? []
  if (seconds !== undefined) return localTime.format(new Date(Number(seconds) * 1000))
  return text.slice(1, -1).split('|').at(-1)?.replace(/^!/, '@') ?? ''
}

const localTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

const textOf = (text: { text: string } | string | undefined): string =>
  typeof text === 'string' ? text : (text?.text ?? '')

const blockHtml = (message: PostedMessage, block: ShownBlock): string => {
  switch (block.type) {
    case 'header':
      return `<h2>${escaped(textOf(block.text))}</h2>`
    case 'section':
      return `<p>${formatted(textOf(block.text))}</p>`
    case 'context':
      return `<p><small>${(block.elements ?? []).map(({ text }) => formatted(textOf(text))).join(' ')}</small></p>`
    default:
      return `<p>${(block.elements ?? []).map((button) => buttonHtml(message, button)).join(' ')}</p>`
  }
}

const buttonHtml = (
  { channel, ts }: PostedMessage,
  { action_id: action = '', text }: NonNullable<ShownBlock['elements']>[number],
): string =>
  `<button form="click" name="action" value="${escaped(action)}" data-ts="${escaped(ts)}" data-channel="${escaped(channel)}">${escaped(textOf(text))}</button>`

/** The messages, the newest first. */
export const messagesHtml = (messages: readonly PostedMessage[]): string =>
  messages
    .toReversed()
    .map((message) => {
      const { channel, blocks, text, onlyFor } = message
      const content =
        blocks.length > 0
          ? blocks.map((block) => blockHtml(message, block)).join('')
          : `<p>${formatted(text)}</p>`
      const seenBy = onlyFor ? ` · only ${escaped(onlyFor)} sees this` : ''
      return `<article><small>#${escaped(channel)}${seenBy}</small>${content}</article>`
    })
    .join('')

/** Approvals need somebody else, whom the page's reader has to be as well. */
const secondPerson = ([first = '', second]: readonly string[]): string =>
  second === undefined
    ? ''
    : `<p><small>Somebody else has to approve a run than asked for it: ask as ${escaped(first)}, then write ${escaped(second)} into the box “as” and click.</small></p>
`

/** What the page's boxes hold. */
export interface PageBoxes {
  user: string
  channel: string
  text: string
}

/** A page to write commands on, as a user of any name, and to see and click what the app answers. */
export const pageHtml = (
  messages: readonly PostedMessage[],
  { user, channel, text }: PageBoxes,
  users: readonly string[],
): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Slack stand-in</title>
<style>
  body { font: 15px/1.45 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
  article { border: 1px solid #8886; border-radius: 6px; padding: .4rem 1rem; margin: 1rem 0 }
  h2 { font-size: 1.05rem; margin: .4rem 0 } p { white-space: pre-line; margin: .4rem 0 } pre { white-space: pre-wrap; background: #8882; padding: .5rem }
  input[name=text] { width: 24rem; max-width: 100% } input, button { font: inherit }
</style>
<h1>Slack stand-in</h1>
<form id="say" method="post" action="/say">
  <label>as <input name="user" size="12" value="${escaped(user)}" list="users"></label>
  <datalist id="users">${users.map((one) => `<option value="${escaped(one)}">`).join('')}</datalist>
  <label>in <input name="channel" size="12" value="${escaped(channel)}"></label><br>
  <label>/pod-identity <input name="text" value="${escaped(text)}" autofocus></label> <button>Send</button>
</form>
${secondPerson(users)}<form id="click" method="post" action="/click"><input type="hidden" name="ts"><input type="hidden" name="channel"><input type="hidden" name="user"><input type="hidden" name="text"></form>
<main>${messagesHtml(messages)}</main>
<script>
  const main = document.querySelector('main')
  const click = document.querySelector('#click')
  main.addEventListener('click', ({ target }) => {
    if (!target.dataset.ts) return
    click.elements.ts.value = target.dataset.ts
    click.elements.channel.value = target.dataset.channel
    const { user, text } = document.querySelector('#say').elements
    click.elements.user.value = user.value
    click.elements.text.value = text.value
  })
  setInterval(async () => {
    const html = await (await fetch('/messages.html')).text()
    if (html !== main.dataset.shown) main.innerHTML = main.dataset.shown = html
  }, 1000)
</script>
</html>
`
