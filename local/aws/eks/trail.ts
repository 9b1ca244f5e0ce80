import { randomUUID } from 'node:crypto'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import type { Caller, Operation, Operations } from '../operation.ts'

const WRITES = /^(Create|Update|Delete|Associate|Disassociate)/

/**
 * Puts EKS's writing calls on the default event bus as CloudTrail would: at the call, failed ones with an
 * `errorCode`, under the detail-type `AWS API Call via CloudTrail`.
 */
export const trailed = (account: Account, operations: Operations): Operations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      WRITES.test(name) ? trailedOperation(account, name, operation) : operation,
    ]),
  )

const trailedOperation = (account: Account, name: string, operation: Operation): Operation => ({
  ...operation,
  handle: async (input, caller) => {
    try {
      const output = await operation.handle(input, caller)
      announce(account, name, caller, { requestParameters: input, responseElements: output })
      return output
    } catch (error) {
      if (error instanceof AwsFailure)
        announce(account, name, caller, {
          requestParameters: input,
          responseElements: null,
          errorCode: error.code,
          errorMessage: error.message,
        })
      throw error
    }
  },
})

const announce = (
  account: Account,
  eventName: string,
  { principal }: Caller,
  call: Record<string, unknown>,
): void =>
  account.serviceEvents.announce({
    source: 'aws.eks',
    detailType: 'AWS API Call via CloudTrail',
    resources: [],
    detail: {
      eventVersion: '1.11',
      userIdentity: {
        type: principal.kind === 'user' ? 'IAMUser' : 'AssumedRole',
        principalId: principal.userId,
        arn: principal.arn,
        accountId: account.accountId,
      },
      eventTime: account
        .now()
        .toISOString()
        .replace(/\.\d{3}Z$/, 'Z'),
      eventSource: 'eks.amazonaws.com',
      eventName,
      awsRegion: account.region,
      sourceIPAddress: '127.0.0.1',
      ...(JSON.parse(JSON.stringify(call)) as Record<string, unknown>),
      requestID: randomUUID(),
      eventID: randomUUID(),
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: account.accountId,
      eventCategory: 'Management',
    },
  })
