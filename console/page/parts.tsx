import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Standing } from '../../core/replay/replay.ts'
import { visible } from '../../core/text/unprintable.ts'
import { localTime, standings } from './words.ts'

/** How something stands, as a mark and a word. */
export const Mark = ({ standing, word }: { standing: Standing; word?: string }) => (
  <span class="mark" data-state={standing}>
    <span aria-hidden="true">{standings[standing].mark}</span>{' '}
    {word === undefined ? standings[standing].word : visible(word)}
  </span>
)

/** A time where the reader is, with UTC when it is pointed at. */
export const Time = ({ at }: { at: string }) => (
  <time dateTime={visible(at)} title={visible(at)}>
    {visible(localTime(at))}
  </time>
)

/** A text to be pasted, with a button that copies it. */
export const Copied = ({ text, label }: { text: string; label: string }) => {
  const [said, setSaid] = useState('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setSaid('copied')
    } catch {
      setSaid('the browser does not let it be copied: select the text')
    }
  }
  return (
    <div class="copied">
      <pre>
        <code>{text}</code>
      </pre>
      <button type="button" onClick={copy} aria-label={`Copy ${visible(label)}`}>
        Copy
      </button>
      <span role="status" class="quiet">
        {said}
      </span>
    </div>
  )
}

/** What may be wider or higher than its place: it can be scrolled by the keyboard as well. */
export const Scrolls = ({
  label,
  class: more = '',
  children,
}: {
  label: string
  class?: string
  children: ComponentChildren
}) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: without it a keyboard could not scroll it
  <section class={`scrolls ${more}`} aria-label={label} tabIndex={0}>
    {children}
  </section>
)

/** The head of a table: a title for each column. */
export const Head = ({ columns }: { columns: readonly string[] }) => (
  <thead>
    <tr>
      {columns.map((title) => (
        <th scope="col" key={title}>
          {title}
        </th>
      ))}
    </tr>
  </thead>
)
