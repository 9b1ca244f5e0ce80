import type { GetUserRequest, GetUserResponse } from '@aws-sdk/client-iam'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import { noSuchEntity } from './support.ts'

/** Users: to see who one is. */
export const userOperations = (account: Account): Operations => {
  const arnOf = (name: string) => `arn:${account.partition}:iam::${account.accountId}:user/${name}`
  return {
    GetUser: operation<GetUserRequest, GetUserResponse>()({
      reads: ['UserName'],
      resource: ({ UserName }) => (UserName === undefined ? '*' : arnOf(UserName)),
      subject: ({ UserName }) => UserName ?? '',
      handle: ({ UserName }, { principal }) => {
        if (UserName === undefined && principal.kind !== 'user')
          throw new AwsFailure(
            'ValidationError',
            'Must specify userName when calling with non-User credentials',
          )
        const user = UserName === undefined ? principal : account.principals.userByArn(arnOf(UserName))
        if (user?.kind !== 'user') throw noSuchEntity(`The user with name ${UserName} cannot be found.`)
        return {
          User: {
            Path: '/',
            UserName: user.name,
            UserId: user.userId,
            Arn: user.arn,
            CreateDate: user.createdAt,
          },
        }
      },
    }),
  }
}
