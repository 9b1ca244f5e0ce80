import type { TaskFunction } from '../../engine/index.ts'
import type { Account } from '../account/account.ts'
import { denialText, type PolicyAuthorizer } from '../authorization.ts'
import { AwsFailure } from '../failure.ts'
import type { Buckets } from './buckets.ts'
import { listedObjects } from './operations.ts'

interface Arguments {
  Bucket: string
  Key: string
  Prefix?: string
  ContinuationToken?: string
  Body?: string
  ContentType?: string
}

/** What a state machine's Map reads from a bucket and writes into one, by its resource's action. */
const actions: Record<string, ((buckets: Buckets, args: Arguments) => object) | undefined> = {
  getObject: (buckets, { Bucket, Key }) => ({ Body: buckets.object(Bucket, Key).body.toString() }),
  listObjectsV2: (buckets, { Bucket, ...input }) => listedObjects(buckets, Bucket, 1000, input),
  putObject: (buckets, { Bucket, Key, Body = '', ContentType = 'application/json' }) => {
    const { etag } = buckets.put(Bucket, { key: Key, body: Buffer.from(Body), contentType: ContentType })
    return { ETag: etag }
  },
}

/**
 * The task function of a state machine, which calls S3 here where a Map asks for it, with the permissions of the
 * machine's role where the account has that role, and is the given one for everything else.
 */
export const withBuckets =
  (account: Account, authorizer: PolicyAuthorizer, buckets: Buckets) =>
  (task: TaskFunction, roleArn: string): TaskFunction =>
  (resource, given, call) => {
    const [, name = ''] = /^arn:[\w-]+:states:::s3:(\w+)$/.exec(resource) ?? []
    const act = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!act) return task(resource, given, call)
    const args = given as unknown as Arguments
    const [action, arn] =
      name === 'listObjectsV2'
        ? ['s3:ListBucket', `arn:${account.partition}:s3:::${args.Bucket}`]
        : [
            `s3:${name === 'getObject' ? 'GetObject' : 'PutObject'}`,
            `arn:${account.partition}:s3:::${args.Bucket}/${args.Key}`,
          ]
    if (account.roleByArn(roleArn)) {
      const session = account.session(roleArn, 'states')
      const need = { action, resource: arn, label: `"${arn}"` }
      const verdict = authorizer.decide(session, need)
      if (verdict.decision !== 'allowed')
        throw new AwsFailure('AccessDenied', denialText(session.arn, need, verdict), { status: 403 })
    }
    return act(buckets, args)
  }
