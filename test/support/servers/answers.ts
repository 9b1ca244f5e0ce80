import { type Clock, systemClock } from '../../../adapters/clock.ts'
import { connectTo, json, serveKubernetes } from './kubernetes-server.ts'

/** A status with the object that comes with it. */
export type Answered = readonly [status: number, body: object]

/** An object, as the API server shows it. */
export const shown = (body: object): Answered => [200, { metadata: {}, ...body }]

/** A failure, in the API server's own form; without a reason it is a proxy's. */
export const failed = (code: number, reason?: string, message = 'so it is'): Answered => [
  code,
  { kind: 'Status', metadata: {}, status: 'Failure', code, message, ...(reason && { reason }) },
]

/**
 * A cluster's API that gives the answers of a test in their order, with the real connection to it: for what one step asks in
 * which order, and what it makes of each answer. A request more than there are answers fails as a bad one.
 */
export const serveAnswers = async (clock: Clock = systemClock) => {
  let left: Answered[] = []
  const server = await serveKubernetes((_request, response) => {
    const [status, body] = left.shift() ?? failed(400, 'BadRequest', 'the test has no answer to this')
    json(response, body, status)
  })
  const connection = connectTo(server, clock)
  return {
    connection,
    /** Forgets what was asked, and answers so from now on. */
    answer: (...answers: readonly Answered[]) => {
      server.requests.length = 0
      left = [...answers]
    },
    /** What was asked: `GET /api/v1/pods?limit=1`. */
    asked: () =>
      server.requests.map(({ method, path, query }) =>
        query.size > 0 ? `${method} ${path}?${decodeURIComponent(query.toString())}` : `${method} ${path}`,
      ),
    /** The bodies of what was written, and how they are to be taken. */
    written: () =>
      server.requests
        .filter(({ body }) => body !== undefined)
        .map(({ headers, body }) => ({ as: headers['content-type'], body })),
    close: async () => {
      await connection.close()
      await server.close()
    },
  }
}
