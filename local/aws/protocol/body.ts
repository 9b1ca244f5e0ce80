import type http from 'node:http'
import { AwsFailure } from '../failure.ts'
import type { ServiceName } from './model.ts'

const MiB = 1024 * 1024

/**
 * The largest body that each service reads. DynamoDB's is documented, Step Functions' too (1 MB); of the
 * others it is known that their largest members fit, escaped, into what stands here.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const limits: Readonly<Record<ServiceName, number>> = {
  eks: MiB,
  iam: MiB,
  sts: MiB,
  states: MiB,
  events: 2 * MiB,
  dynamodb: 16 * MiB,
  sns: MiB,
  cloudtrail: MiB,
  'access-analyzer': MiB,
  ssm: MiB,
  logs: MiB,
  sqs: 2 * MiB,
  // An invocation that is waited for carries 6 MB.
  lambda: 8 * MiB,
  // S3 itself takes 5 GiB.
  s3: 64 * MiB,
}

/** After that much of what is too large no client is waited for. */
const PATIENCE = 512 * MiB

/** A request's body, or why it was not kept: the rest is then read and dropped, so that the answer is read. */
export const readRequestBody = async (
  incoming: http.IncomingMessage,
  service: ServiceName | undefined,
): Promise<{ body: Buffer; failure?: AwsFailure }> => {
  const limit = service ? limits[service] : MiB
  let chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length
    if (size <= limit) chunks.push(chunk as Buffer)
    else chunks = []
    if (size > PATIENCE) break
  }
  if (size <= limit) return { body: Buffer.concat(chunks) }
  const message = `HTTP content length exceeded ${limit} bytes.`
  return {
    body: Buffer.alloc(0),
    failure: new AwsFailure('RequestEntityTooLargeException', message, { status: 413 }),
  }
}
