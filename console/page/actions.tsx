import { useEffect, useRef, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { RunAction } from '../server/source.ts'
import { actOn, get } from './live.ts'

const words: Readonly<Record<RunAction, { button: string; question: string }>> = {
  approve: { button: 'Approve …', question: 'Approve these changes?' },
  decline: { button: 'Decline …', question: 'Decline these changes?' },
  undo: { button: 'Undo …', question: 'Undo this run?' },
  again: { button: 'Run again …', question: 'Start a run?' },
}

/** What may be done about a run, each after a question that says what it changes. */
export const Actions = ({ run, actions }: { run: string; actions: readonly RunAction[] }) => {
  const [asked, setAsked] = useState<{ action: RunAction; changes: string[] } | undefined>(undefined)
  const [said, setSaid] = useState('')
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (asked) dialog.current?.showModal()
  }, [asked])
  const ask = async (action: RunAction) => {
    setSaid('')
    try {
      const { changes } = await get<{ changes: string[] }>(
        `runs/${encodeURIComponent(run)}/question-${action}`,
      )
      setAsked({ action, changes })
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  const answer = async (agreed: boolean) => {
    dialog.current?.close()
    const action = asked?.action
    setAsked(undefined)
    if (!agreed || !action) return
    setSaid('…')
    try {
      const { done, run: started } = await actOn(run, action)
      setSaid(done)
      if (started !== undefined) location.hash = `#/runs/${encodeURIComponent(started)}`
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  return (
    <div class="actions">
      {actions.map((action) => (
        <button type="button" key={action} onClick={() => ask(action)} data-action={action}>
          {words[action].button}
        </button>
      ))}
      <span role="status">{visible(said)}</span>
      {asked && (
        <dialog ref={dialog} aria-labelledby="question-title" onCancel={() => setAsked(undefined)}>
          <h2 id="question-title">{words[asked.action].question}</h2>
          <ul>
            {asked.changes.map((line) => (
              <li key={line}>{visible(line)}</li>
            ))}
          </ul>
          <button type="button" onClick={() => answer(true)} data-answer="yes">
            Yes, {asked.action === 'again' ? 'start it' : asked.action}
          </button>{' '}
          <button type="button" onClick={() => answer(false)} data-answer="no">
            No, leave it
          </button>
        </dialog>
      )}
    </div>
  )
}
