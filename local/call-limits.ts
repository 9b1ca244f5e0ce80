import type { ServiceName } from './aws/protocol/model.ts'

type Service = ServiceName | 'kubernetes'

/** So many calls at once, and so many more with each second: a token bucket, as AWS's throttles and Kubernetes' are. */
export interface CallLimit {
  service: Service
  /** The operations that share the bucket; all of the service's unless given. */
  operations?: readonly string[]
  /** What the bucket holds. */
  burst: number
  perSecond: number
}

/** What a service answers beyond a limit, by what its model or its documentation says. */
interface Refusal {
  kind: 'error'
  status: number
  code: string
  message: string
  headers?: Record<string, string>
}

const refusal = (status: number, code: string, message = 'Rate exceeded'): Refusal => ({
  kind: 'error',
  status,
  code,
  message,
})

/**
 * EKS: https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html and its model (429). IAM and STS speak the query
 * protocol: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html. Lambda:
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. S3: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
 * Kubernetes: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/.
 */
const refusals: Partial<Record<Service, Refusal>> = {
  eks: refusal(429, 'ThrottlingException'),
  iam: refusal(400, 'Throttling'),
  sts: refusal(400, 'Throttling'),
  lambda: refusal(429, 'TooManyRequestsException', 'Rate Exceeded.'),
  s3: refusal(503, 'SlowDown', 'Please reduce your request rate.'),
  kubernetes: {
    ...refusal(429, 'TooManyRequests', 'Too many requests, please try again later.'),
    headers: { 'retry-after': '1' },
  },
}

/** Those that speak JSON. */
const others = refusal(400, 'ThrottlingException')

/** The limits in force, and how many calls they have refused. */
export class CallLimits {
  readonly #buckets = new Set<{ limit: CallLimit; left: number; at?: number }>()
  /** Refused calls, by `service operation`. */
  readonly refused = new Map<string, number>()

  /** Puts a limit in force, with a full bucket; the returned function withdraws it. */
  add(limit: CallLimit): () => void {
    const bucket = { limit, left: limit.burst }
    this.#buckets.add(bucket)
    return () => void this.#buckets.delete(bucket)
  }

  /** Takes a call from every bucket that it draws from; answers what its client gets where one of them is empty. */
  take({
    service,
    operation,
    at,
  }: {
    service: Service
    operation: string
    /** Milliseconds. */
    at: number
  }): Refusal | undefined {
    const own = [...this.#buckets].filter(
      ({ limit }) => limit.service === service && (limit.operations?.includes(operation) ?? true),
    )
    for (const bucket of own) {
      const { burst, perSecond } = bucket.limit
      // Time may stand still while much happens, and never goes back.
      const passed = Math.max(0, at - (bucket.at ?? at))
      bucket.left = Math.min(burst, bucket.left + (passed / 1000) * perSecond)
      bucket.at = Math.max(bucket.at ?? at, at)
    }
    if (own.every(({ left }) => left >= 1)) {
      for (const bucket of own) bucket.left--
      return undefined
    }
    const key = `${service} ${operation}`
    this.refused.set(key, (this.refused.get(key) ?? 0) + 1)
    return refusals[service] ?? others
  }
}
