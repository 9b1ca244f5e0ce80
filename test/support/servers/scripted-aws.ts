import { systemClock } from '../../../adapters/clock.ts'
import { quietRuntime } from './quiet-runtime.ts'
import { type Scripted, scriptedServer } from './scripted-server.ts'

/** An answer of a service of AWS, as the script of a scripted server has it. */
export const answered = (body: object, headers: Record<string, string> = {}): Scripted => ({
  headers: { 'x-amzn-requestid': '0', 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

/** A service's refusal, by the name of its error. */
export const refused = (name: string, status = 400, message = 'no'): Scripted => ({
  ...answered({ message }, { 'x-amzn-errortype': name }),
  status,
})

/** What a service says to whoever may not ask. */
export const deniedByAws: Scripted = refused('AccessDeniedException', 403, 'not authorized')

/** Every service of AWS at one address, with the answers of a script, and a runtime that asks there. */
export const scriptedAws = async () => {
  const script: Scripted[] = []
  const server = await scriptedServer(script)
  const runtime = quietRuntime(server.url, { clock: systemClock })
  return {
    runtime,
    received: server.received,
    /** Has these be the answers to all that is asked from now on, the last one for ever. */
    answers: (...next: Scripted[]): void => {
      server.received.splice(0)
      script.splice(0, script.length, ...next)
    },
    /** What was asked of services that have the operation in a header: its name, and its input. */
    asked: (): [operation: string | undefined, input: unknown][] =>
      server.received.map(({ headers, body }) => [
        String(headers['x-amz-target']).split('.').at(-1),
        JSON.parse(body),
      ]),
    close: server.close,
  }
}
