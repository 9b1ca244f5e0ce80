import { quietRuntime } from './quiet-runtime.ts'
import { scriptedServer } from './scripted-server.ts'

/** What EKS answers: a body; one with a `code` is the error of that name. */
export type EksAnswer = object

/** A server with EKS's answer to each request, by its method and path. */
export const scriptedEks = async (answers: Record<string, EksAnswer>) => {
  const server = await scriptedServer(({ method, path }) => {
    const answer = answers[`${method} ${path}`] ?? { code: 'InvalidRequestException', message: 'unplanned' }
    const code = 'code' in answer ? String(answer.code) : undefined
    const headers = { 'x-amzn-requestid': '0', ...(code && { 'x-amzn-errortype': code }) }
    return { status: code ? 400 : 200, headers, body: JSON.stringify(answer) }
  })
  const runtime = quietRuntime(server.url)
  return {
    runtime,
    /** What was sent, in the order in which it came. */
    asked: () =>
      server.received.map(({ method, path, body }) => [
        `${method} ${path}`,
        ...(body ? [JSON.parse(body) as unknown] : []),
      ]),
    close: server.close,
  }
}

/** EKS's answer where there is no such thing. */
export const noSuchThing: EksAnswer = { code: 'ResourceNotFoundException', message: 'No such thing.' }

/** EKS's answer to somebody who may not ask. */
export const denied: EksAnswer = {
  code: 'AccessDeniedException',
  message: 'The role does not exist for you.',
}
