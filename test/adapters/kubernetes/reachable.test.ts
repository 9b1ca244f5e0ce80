import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import type { Clock } from '../../../adapters/clock.ts'
import { mustBeReachable } from '../../../adapters/kubernetes/reachable.ts'
import { type Answered, failed, shown } from '../../support/servers/answers.ts'
import {
  connectTo,
  json,
  type KubernetesServer,
  serveKubernetes,
} from '../../support/servers/kubernetes-server.ts'

let server: KubernetesServer
afterEach(() => server.close())

/** A clock whose only sleep ends when the test says so, or a moment after its signal. */
const heldClock = () => {
  const slept: { ms: number; ended: boolean }[] = []
  const over = Promise.withResolvers<void>()
  const clock: Clock = {
    now: () => 0,
    sleep: async (ms, signal) => {
      const one = { ms, ended: false }
      slept.push(one)
      const aborted = signal && once(signal, 'abort')
      await Promise.race([over.promise, aborted])
      if (aborted) await setImmediate()
      one.ended = true
      signal?.throwIfAborted()
    },
  }
  return { clock, slept, end: () => over.resolve() }
}

it.each<[why: string, answer: Answered, error: object | undefined]>([
  ['what answers is there', shown({ kind: 'APIResourceList' }), undefined],
  ['who is known and may not ask this much has an answer', failed(403, 'Forbidden'), undefined],
  ['it does not know the caller', failed(401, 'Unauthorized'), { name: 'AccessDenied' }],
  [
    'it is in trouble',
    failed(500, 'InternalError'),
    {
      name: 'Transient',
      message: expect.stringContaining('get the kinds of v1 on cluster eks-workshop: 500'),
    },
  ],
])('%s, and nobody goes on waiting', async (_why, [status, body], error) => {
  server = await serveKubernetes((_request, response) => json(response, body, status))
  const { clock, slept } = heldClock()
  const connection = connectTo(server, clock)
  const reached = mustBeReachable(connection)
  if (error) await expect(reached).rejects.toMatchObject(error)
  else expect(await reached).toBeUndefined()
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /api/v1'])
  expect(slept).toEqual([{ ms: 5000, ended: true }])
  await connection.close()
})

it('what does not answer within five seconds is not there, and is not asked any longer', async () => {
  const { clock, end } = heldClock()
  server = await serveKubernetes(() => end())
  await expect(mustBeReachable(connectTo(server, clock))).rejects.toMatchObject({
    name: 'Transient',
    message: 'no answer from the API server of cluster eks-workshop within 5 s',
  })
  await server.deserted()
})

it('the reason of a signal ends the wait, whatever else came of it', async () => {
  const { clock } = heldClock()
  const given = new AbortController()
  const reason = new Error('the run is over')
  server = await serveKubernetes(() => given.abort(reason))
  await expect(mustBeReachable(connectTo(server, clock), given.signal)).rejects.toBe(reason)
  await server.deserted()
})

it('an answer counts where a signal is given and not aborted', async () => {
  server = await serveKubernetes((_request, response) => json(response, { metadata: {} }))
  const connection = connectTo(server, heldClock().clock)
  expect(await mustBeReachable(connection, new AbortController().signal)).toBeUndefined()
  await connection.close()
})
