import type {
  GetAccountSettingsRequest,
  GetAccountSettingsResponse,
  GetFunctionUrlConfigRequest,
  GetFunctionUrlConfigResponse,
  InvocationRequest,
  InvocationResponse,
} from '@aws-sdk/client-lambda'
import type { Account } from '../account/account.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { FunctionStandIn, Functions } from './functions.ts'

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const longest = { RequestResponse: 6_291_456, Event: 1_048_576 }

/** Lambda: invoking functions, and what the account may run at once. Versions and aliases are not told apart. */
export const lambdaOperations = (
  functions: Functions,
  account: Pick<Account, 'clock' | 'now'>,
): Operations => {
  const onFunction = {
    resource: ({ FunctionName }: { FunctionName?: string | undefined }) =>
      functions.find(FunctionName ?? '')?.arn ?? functions.arnOf(FunctionName?.split(':').at(-1) ?? ''),
    subject: ({ FunctionName }: { FunctionName?: string | undefined }) =>
      functions.find(FunctionName ?? '')?.name ?? '',
  }
  const existing = (name: string | undefined): FunctionStandIn => {
    const found = functions.find(name ?? '')
    if (found) return found
    const arn = name?.startsWith('arn:') ? name : functions.arnOf(name ?? '')
    throw new AwsFailure('ResourceNotFoundException', `Function not found: ${arn}`, {
      status: 404,
      fields: { Type: 'User' },
    })
  }
  return {
    Invoke: operation<InvocationRequest, InvocationResponse>()({
      action: 'lambda:InvokeFunction',
      reads: ['FunctionName', 'InvocationType', 'Payload'],
      ...onFunction,
      handle: async ({ FunctionName, InvocationType = 'RequestResponse', Payload }) => {
        const fn = existing(FunctionName)
        const text = Payload ? Buffer.from(Payload).toString() : ''
        const payload = payloadIn(text)
        if (InvocationType === 'DryRun') return { StatusCode: 204 }
        const most = longest[InvocationType]
        if (Buffer.byteLength(text) > most)
          throw new AwsFailure(
            'RequestTooLargeException',
            `Request must be smaller than ${most} bytes for the InvokeFunction operation`,
            { status: 413 },
          )
        if (InvocationType === 'Event') {
          functions.handOver(fn, payload)
          return { StatusCode: 202 }
        }
        const outcome = await functions.invoke(fn, payload)
        return 'error' in outcome
          ? { StatusCode: 200, FunctionError: 'Unhandled', Payload: bytes(outcome.error) }
          : { StatusCode: 200, ExecutedVersion: '$LATEST', Payload: bytes(outcome.payload ?? null) }
      },
    }),
    GetFunctionUrlConfig: operation<GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse>()({
      reads: ['FunctionName'],
      ...onFunction,
      handle: ({ FunctionName }) => {
        const { url, arn } = existing(FunctionName)
        if (url === undefined)
          throw new AwsFailure('ResourceNotFoundException', 'The resource you requested does not exist.', {
            status: 404,
            fields: { Type: 'User' },
          })
        return {
          FunctionUrl: `${url}/`,
          FunctionArn: arn,
          AuthType: 'NONE',
          InvokeMode: 'BUFFERED',
          CreationTime: account.now().toISOString(),
          LastModifiedTime: account.now().toISOString(),
        }
      },
    }),
    GetAccountSettings: operation<GetAccountSettingsRequest, GetAccountSettingsResponse>()({
      reads: [],
      resource: () => '*',
      handle: () => {
        const { limit, reserved } = functions.concurrency
        return {
          AccountLimit: {
            TotalCodeSize: 80_530_636_800,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: limit,
            UnreservedConcurrentExecutions: limit - reserved,
          },
        }
      },
    }),
  }
}

const bytes = (value: unknown): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(JSON.stringify(value)))

/** No payload is an event without anything in it. */
const payloadIn = (text: string): unknown => {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AwsFailure(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${(error as Error).message}`,
      { status: 400, fields: { Type: 'User' } },
    )
  }
}
