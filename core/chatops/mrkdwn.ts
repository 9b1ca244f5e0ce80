import { visible } from '../text/unprintable.ts'

/**
 * Text from outside as Slack's mrkdwn shows it literally: no mentions, links or formatting of its own, and the
 * characters that hide or reorder what follows as escapes. https://docs.slack.dev/messaging/formatting-message-text
 */
const plain = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Text from outside, in which formatting characters are only characters. */
export const literal = (text: string): string =>
  // A word joiner keeps Slack from pairing the marks; it has no width.
  plain(text).replace(/[*_~`]/g, (mark) => `\u2060${mark}\u2060`)

/** Text from outside as code in the line. */
export const code = (text: string): string =>
  `\`${plain(text).replaceAll('`', '\u02cb').replaceAll('\n', ' ')}\``

/** Text from outside as a block of code. */
export const codeBlock = (text: string): string => `\`\`\`${plain(text).replaceAll('`', '\u02cb')}\`\`\``
