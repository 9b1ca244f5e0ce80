import { afterAll, beforeAll, expect, it } from 'vitest'
import { isAllowed } from '../../../adapters/deployed/access-review.ts'
import type { Connection } from '../../../adapters/kubernetes/connection.ts'
import {
  connectTo,
  json,
  type KubernetesServer,
  serveKubernetes,
} from '../../support/servers/kubernetes-server.ts'

let server: KubernetesServer
let connection: Connection
let answer: [body: object, status?: number]
beforeAll(async () => {
  server = await serveKubernetes((_request, response) => json(response, ...answer))
  connection = connectTo(server)
})
afterAll(async () => {
  await connection.close()
  await server.close()
})

const question = {
  user: 'doctor',
  groups: ['podid'],
  verb: 'get',
  apiGroup: '',
  resource: 'pods',
  subresource: 'log',
  namespace: 'carts',
}
const review = (status?: object) => ({ kind: 'SubjectAccessReview', metadata: {}, status })

it('asks about somebody, the group of an API by its name there', async () => {
  answer = [review({ allowed: true })]
  await isAllowed(connection, question)
  expect(server.requests.at(-1)).toMatchObject({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    headers: { 'content-type': 'application/json' },
  })
  expect(server.requests.at(-1)?.body).toEqual({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: 'doctor',
      groups: ['podid'],
      resourceAttributes: {
        verb: 'get',
        group: '',
        resource: 'pods',
        subresource: 'log',
        namespace: 'carts',
      },
    },
  })
})

it.each([true, false])('answers as RBAC decided: %s', async (allowed) => {
  answer = [review({ allowed })]
  expect(await isAllowed(connection, question)).toBe(allowed)
})

it.each([review(), review({})])('takes no answer without a decision for a no: %j', async (body) => {
  answer = [body, 201]
  await expect(isAllowed(connection, question)).rejects.toMatchObject({
    name: 'Transient',
    message: 'create subjectaccessreviews on cluster eks-workshop: the answer holds no decision',
  })
})

it('says that the caller may not ask this', async () => {
  answer = [{ kind: 'Status', message: 'no', reason: 'Forbidden' }, 403]
  await expect(isAllowed(connection, question)).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining(
      'create subjectaccessreviews on cluster eks-workshop: 403 Forbidden: no',
    ),
  })
})
