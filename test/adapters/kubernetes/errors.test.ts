import { expect, it } from 'vitest'
import { restateKubernetesError } from '../../../adapters/kubernetes/errors.ts'

const asked = { verb: 'get', subject: 'deployments "carts"', cluster: 'eks-workshop' }
const silence = 'get deployments "carts" on cluster eks-workshop: no answer from the API server'

it.each<[why: string, error: unknown, said: string]>([
  [
    'a request that took too long',
    new DOMException('The operation was aborted due to timeout', 'TimeoutError'),
    '(The operation was aborted due to timeout)',
  ],
  [
    'the cause beneath what fetch says',
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
    }),
    '(ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:1)',
  ],
  ['something that is no error', 'gone', '(gone)'],
])('silence is Transient: %s', (_why, error, said) => {
  expect(restateKubernetesError(asked, error)).toMatchObject({
    name: 'Transient',
    message: `${silence} ${said}`,
    cause: error,
  })
})
