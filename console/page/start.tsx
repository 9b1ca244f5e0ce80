import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../core/text/unprintable.ts'
import type { StartableBinding } from '../server/server.ts'
import { get, type StartAsked, startConfirmed, startQuestion } from './live.ts'
import { Question } from './question.tsx'

const fields: readonly [name: string, title: string, required: boolean, hint: string][] = [
  ['cluster', 'Cluster', true, ''],
  ['region', 'Region', false, 'the usual one unless given'],
  ['namespace', 'Namespace', true, ''],
  ['serviceAccount', 'ServiceAccount', true, ''],
  ['role', 'Role', true, 'its ARN or its name'],
  ['workload', 'Workload', false, 'deployment/NAME; its pods are replaced and proven'],
]

/** Starts a run of a binding, of podid.yaml or by its fields, after a question that says what it changes. */
export const StartRun = ({ places, given }: { places: readonly string[]; given: URLSearchParams }) => {
  const [declared, setDeclared] = useState<readonly StartableBinding[]>([])
  const [where, setWhere] = useState(places[0] ?? '')
  const [binding, setBinding] = useState('')
  const [values, setValues] = useState<Record<string, string>>(Object.fromEntries(given))
  const [question, setQuestion] = useState<string[] | undefined>(undefined)
  const [said, setSaid] = useState('')
  useEffect(() => {
    get<StartableBinding[]>('declared').then(setDeclared, (error: Error) => setSaid(error.message))
  }, [])
  const start: StartAsked = { where, ...(binding === '' ? { fields: values } : { binding }) }
  const attempt = async (work: () => Promise<void>, meanwhile: string) => {
    setSaid(meanwhile)
    try {
      await work()
    } catch (error) {
      setSaid((error as Error).message)
    }
  }
  const ask = () =>
    attempt(async () => {
      setQuestion((await startQuestion(start)).changes)
      setSaid('')
    }, 'looking at what it would change …')
  const answer = (agreed: boolean) => {
    setQuestion(undefined)
    if (!agreed) return
    attempt(async () => {
      const { done, run } = await startConfirmed(start)
      setSaid(done)
      if (run !== undefined) location.hash = `#/runs/${encodeURIComponent(run)}`
    }, '…')
  }
  return (
    <>
      <h1>Start a run</h1>
      <form
        class="start"
        onSubmit={(event) => {
          event.preventDefault()
          ask()
        }}
      >
        <label>
          Where
          <select value={where} onChange={({ currentTarget }) => setWhere(currentTarget.value)}>
            {places.map((place) => (
              <option key={place} value={place}>
                {visible(place)}
              </option>
            ))}
          </select>
        </label>
        {declared.length > 0 && (
          <label>
            Binding
            <select value={binding} onChange={({ currentTarget }) => setBinding(currentTarget.value)}>
              <option value="">one that podid.yaml does not have</option>
              {declared.map(({ name, input }) => (
                <option key={name} value={name}>
                  {visible(name)} on {visible(String(input.cluster))}
                </option>
              ))}
            </select>
          </label>
        )}
        {binding === '' &&
          fields.map(([name, title, required, hint]) => (
            <label key={name}>
              {title}
              <input
                type="text"
                name={name}
                required={required}
                value={values[name] ?? ''}
                placeholder={hint}
                autocomplete="off"
                spellcheck={false}
                onInput={({ currentTarget }) => setValues({ ...values, [name]: currentTarget.value })}
              />
            </label>
          ))}
        {binding === '' && (
          <label class="check">
            <input
              type="checkbox"
              checked={values.approval === 'required'}
              onChange={({ currentTarget }) =>
                setValues({ ...values, approval: currentTarget.checked ? 'required' : '' })
              }
            />
            It waits for an approval before its first change
          </label>
        )}
        <p>
          <button type="submit">Look, then start …</button> <span role="status">{visible(said)}</span>
        </p>
      </form>
      {question && (
        <Question title="Start this run?" lines={question} yes="Yes, start it" onAnswer={answer} />
      )}
    </>
  )
}
