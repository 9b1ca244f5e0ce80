import * as z from 'zod'

const text = z.string().min(1).max(300)
const place = { cluster: text, namespace: text, serviceAccount: text }

/** Where the events of functions name the run and what it is about; of the rest nothing is read. */
const Subject = z.object({
  // A step after the first.
  request: z
    .object({ run: text, ...place })
    .partial()
    .optional()
    .catch(undefined),
  // The first step, which gets what somebody sent.
  input: z.object(place).partial().optional().catch(undefined),
  execution: z.object({ arn: text }).partial().optional().catch(undefined),
  // A step of a rollout.
  plan: z.object({ rollout: text }).partial().optional().catch(undefined),
  rollout: text.optional().catch(undefined),
  // An event of Step Functions, or one of ours.
  detail: z
    .object({ run: text, name: text, executionArn: text, ...place })
    .partial()
    .optional()
    .catch(undefined),
})

/** What a line of the log is about: by these names a run's lines are found. */
export interface LogSubject {
  requestId?: string
  run?: string
  cluster?: string
  namespace?: string
  serviceAccount?: string
}

/** What a call is about, as far as its event says. */
export const logSubject = (event: unknown, context: { awsRequestId?: string }): LogSubject => {
  const { request, input, execution, plan, rollout, detail } = Subject.safeParse(event).data ?? {}
  const run =
    request?.run ??
    plan?.rollout ??
    rollout ??
    detail?.run ??
    (detail?.executionArn && detail.name) ??
    execution?.arn?.split(':').at(-1)
  const found = request ?? input ?? detail
  return {
    ...(context.awsRequestId ? { requestId: context.awsRequestId } : {}),
    ...(run ? { run } : {}),
    ...(found?.cluster ? { cluster: found.cluster } : {}),
    ...(found?.namespace ? { namespace: found.namespace } : {}),
    ...(found?.serviceAccount ? { serviceAccount: found.serviceAccount } : {}),
  }
}
