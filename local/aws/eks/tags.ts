import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-eks'
import type { Account } from '../account/account.ts'
import { type Operations, operation } from '../operation.ts'
import { requestTagContext, resourceNotFound } from './support.ts'

/** The tags of clusters and of what is in them, by ARN. */
export const tagOperations = (account: Account): Operations => {
  const onResource = {
    resource: ({ resourceArn }: { resourceArn: string }) => resourceArn,
    subject: ({ resourceArn }: { resourceArn: string }) => resourceArn,
  }
  return {
    ListTagsForResource: operation<ListTagsForResourceRequest, ListTagsForResourceResponse>()({
      reads: ['resourceArn'],
      ...onResource,
      handle: ({ resourceArn }) => ({ tags: tagsOf(account, resourceArn) }),
    }),
    TagResource: operation<TagResourceRequest, object>()({
      reads: ['resourceArn', 'tags'],
      ...onResource,
      context: requestTagContext,
      handle: ({ resourceArn, tags }) => {
        Object.assign(tagsOf(account, resourceArn), tags)
        return {}
      },
    }),
    UntagResource: operation<UntagResourceRequest, object>()({
      reads: ['resourceArn', 'tagKeys'],
      ...onResource,
      context: ({ tagKeys }) => ({ 'aws:TagKeys': tagKeys }),
      handle: ({ resourceArn, tagKeys }) => {
        const tags = tagsOf(account, resourceArn)
        for (const key of tagKeys) delete tags[key]
        return {}
      },
    }),
  }
}

const tagsOf = (account: Account, arn: string): Record<string, string> => {
  for (const cluster of account.clusters.values()) {
    const parts = [
      cluster,
      ...cluster.addons.values(),
      ...cluster.accessEntries.values(),
      ...cluster.nodegroups.values(),
      ...account.associations.list(cluster.name),
    ]
    const found = parts.find((part) => part.arn === arn)
    if (found) return found.tags
  }
  throw resourceNotFound(`Resource not found: ${arn}`)
}
