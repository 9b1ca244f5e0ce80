import { expect, it } from 'vitest'
import { resolveRequest } from '../../../core/request-input.ts'
import { OnCluster, requiredWorkload } from '../../../functions/support/inputs.ts'
import { shop } from '../steps/shop.ts'

const request = resolveRequest(
  {
    cluster: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    role: 'arn:aws:iam::123456789012:role/carts',
    workload: 'deployment/carts',
  },
  {
    arn: 'arn:aws:states:us-west-2:123456789012:execution:podid:run-1',
    startTime: '2026-11-23T06:00:00.000Z',
  },
)

it('most steps take a request and a cluster that answers, and nothing else', () => {
  expect(OnCluster.parse({ request, cluster: shop })).toEqual({ request, cluster: shop })
  const { endpoint: _, ...silent } = shop
  const { certificateAuthority: __, ...unknown } = shop
  for (const input of [
    {},
    { request },
    { cluster: shop },
    { request, cluster: silent },
    { request, cluster: unknown },
    { request, cluster: shop, more: 1 },
  ])
    expect(OnCluster.safeParse(input).success).toBe(false)
})

it('a step about a workload names what is missing where the request has none', () => {
  expect(requiredWorkload(request)).toEqual({ kind: 'Deployment', name: 'carts' })
  expect(() => requiredWorkload({} as never)).toThrow('workload: is missing, and this step is about one')
})
