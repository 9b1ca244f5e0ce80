import { useEffect, useRef } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'

/** A question before something is done, with all that it would change. It closes as a dialog: the focus goes back to what had asked. */
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
    <dialog
      ref={dialog}
      aria-labelledby="question-title"
      onClose={({ currentTarget }) => onAnswer(currentTarget.returnValue === 'yes')}
    >
      <h2 id="question-title">{title}</h2>
      <ul>
        {lines.map((line) => (
          <li key={line}>{visible(line)}</li>
        ))}
      </ul>
      <button type="button" onClick={() => dialog.current?.close('yes')} data-answer="yes">
        {yes}
      </button>{' '}
      <button type="button" onClick={() => dialog.current?.close()} data-answer="no">
        No, leave it
      </button>
    </dialog>
  )
}
