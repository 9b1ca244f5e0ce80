import * as z from 'zod'
import { quote } from '../text/quote.ts'

const Action = z.string().regex(/^[a-z][a-z0-9-]*:[A-Za-z0-9*?]+$/, {
  error: ({ input }) => `${quote(input)} is not an action, such as dynamodb:Query or s3:Get*`,
})

const Resource = z.string().regex(/^(?:\*|arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+)$/, {
  error: ({ input }) =>
    `${quote(input)} is not a resource: an ARN, such as arn:aws:dynamodb:us-west-2:123456789012:table/Items, or *`,
})

/** What a workload must be able to do: every action on every resource, wildcards meaning all they stand for. */
export const Need = z.strictObject({
  actions: z.array(Action).min(1, { error: 'names no action' }),
  resources: z.array(Resource).min(1, { error: 'names no resource' }),
  grantedBy: z
    .literal('resource-policy')
    .exactOptional()
    .describe(
      'The policy of the resource grants it, so that the role need not; a Deny of the role still counts.',
    ),
  optional: z
    .literal(true)
    .exactOptional()
    .describe('The workload does without it; what is missing of it is reported and stops nothing.'),
})
export type Need = z.infer<typeof Need>
