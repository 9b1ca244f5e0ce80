import { useEffect, useRef } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'

/** A question before something is done, with all that it would change. */
export const Question = ({
  title,
  lines,
  yes,
  onAnswer,
}: {
  title: string
  lines: readonly string[]
  yes: string
  onAnswer: (agreed: boolean) => void
}) => {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} aria-labelledby="question-title" onCancel={() => onAnswer(false)}>
      <h2 id="question-title">{title}</h2>
      <ul>
        {lines.map((line) => (
          <li key={line}>{visible(line)}</li>
        ))}
      </ul>
      <button type="button" onClick={() => onAnswer(true)} data-answer="yes">
        {yes}
      </button>{' '}
      <button type="button" onClick={() => onAnswer(false)} data-answer="no">
        No, leave it
      </button>
    </dialog>
  )
}
