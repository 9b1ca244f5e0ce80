import { expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { requestApproval } from '../../../functions/steps/request-approval.ts'

it('says until when an answer counts by the time of the workflow, which ends the wait', async () => {
  const request = resolveRequest(
    {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role: 'arn:aws:iam::123456789012:role/carts',
      approval: 'required',
      approvalTimeoutSeconds: 600,
    },
    {
      arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
      startTime: '2026-11-23T06:00:00.000Z',
    },
  )
  const put: unknown[] = []
  const ask = requestApproval({
    approvals: { open: async () => {} },
    runs: {
      change: async () => ({ record: { origin: null, message: null, approval: null }, changed: true }),
    },
    bus: { put: async ({ detail }) => void put.push(detail) },
  })
  await ask({
    request,
    token: 'token',
    askedAt: '2026-11-23T06:01:00.000Z',
    findings: [],
    associationCheck: { action: 'create', message: '', before: null, findings: [] },
    agent: {
      action: 'none',
      management: 'addon',
      version: null,
      ready: 1,
      nodes: 1,
      summary: '',
      findings: [],
    } as never,
    role: { action: 'none' },
    workload: { exists: false, uid: null, injected: false } as never,
  })
  expect(put).toMatchObject([{ expiresAt: '2026-11-23T06:11:00.000Z' }])
})
