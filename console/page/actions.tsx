import { useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { ListedRun, RunAction } from '../server/source.ts'
import { actOn, get } from './live.ts'
import { Question } from './question.tsx'

interface Words {
  button: string
  question: string
}

const words: Readonly<Record<ListedRun['kind'], Readonly<Record<RunAction, Words>>>> = {
  run: {
    approve: { button: 'Approve …', question: 'Approve these changes?' },
    decline: { button: 'Decline …', question: 'Decline these changes?' },
    undo: { button: 'Undo …', question: 'Undo this run?' },
    again: { button: 'Run again …', question: 'Start a run?' },
  },
  rollout: {
    approve: { button: 'Approve the next wave …', question: 'Begin the next wave?' },
    decline: { button: 'Decline the next wave …', question: 'End the rollout before this wave?' },
    undo: { button: 'Undo the rollout …', question: 'Undo this rollout?' },
    again: { button: 'Roll out again …', question: 'Start a rollout?' },
  },
}

/**
 * What may be done about a run, each after a question that says what it changes.
 * @param wave of a rollout, where it is about this wave alone
 */
export const Actions = ({
  listed,
  actions,
  wave,
}: {
  listed: ListedRun
  actions: readonly RunAction[]
  wave?: number
}) => {
  const { run, kind } = listed
  const [asked, setAsked] = useState<{ action: RunAction; changes: string[] } | undefined>(undefined)
  const [said, setSaid] = useState('')
  const ask = async (action: RunAction) => {
    setSaid('')
    try {
      const { changes } = await get<{ changes: string[] }>(
        `runs/${encodeURIComponent(run)}/question-${action}${wave === undefined ? '' : `-${wave}`}`,
      )
      setAsked({ action, changes })
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  const answer = async (agreed: boolean) => {
    const action = asked?.action
    setAsked(undefined)
    if (!agreed || !action) return
    setSaid('…')
    try {
      const { done, run: started } = await actOn(run, action, wave)
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
          {wave === undefined ? words[kind][action].button : `Undo wave ${wave} …`}
        </button>
      ))}
      <span role="status">{visible(said)}</span>
      {asked && (
        <Question
          title={wave === undefined ? words[kind][asked.action].question : `Undo wave ${wave}?`}
          lines={asked.changes}
          yes={`Yes, ${asked.action === 'again' ? 'start it' : asked.action}`}
          onAnswer={answer}
        />
      )}
    </div>
  )
}
