import { createHash } from 'node:crypto'
import { jsonLine } from '../../core/text/unprintable.ts'

/** The page's script and style as text. */
export interface Assets {
  script: string
  style: string
}

/**
 * JSON inside a script element: nothing in it can end the element or begin a comment there.
 * https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements
 */
export const embedded = (value: unknown): string => jsonLine(value).replaceAll('<', '\\u003c')

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`

/** What the page may load: what it brings, and the server that it came from. */
export const contentPolicy = ({ script, style }: Assets, live: boolean): string =>
  [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    ...(live ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')

/**
 * The page as one document that loads nothing else. Its data stand in it; what a live page learns later comes from its
 * server.
 * @param data for the script, in an element of its own
 */
export const pageText = (assets: Assets, title: string, data: unknown, live: boolean): string => {
  const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy(assets, live)}">
<meta name="referrer" content="no-referrer">
<title>${escaped}</title>
<link rel="icon" href="data:,">
<style>${assets.style}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="data">${embedded(data)}</script>
<script type="module">${assets.script}</script>
</body>
</html>
`
}
