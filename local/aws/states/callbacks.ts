import type {
  SendTaskFailureInput,
  SendTaskFailureOutput,
  SendTaskHeartbeatInput,
  SendTaskHeartbeatOutput,
  SendTaskSuccessInput,
  SendTaskSuccessOutput,
} from '@aws-sdk/client-sfn'
import { CallbackError } from '../../engine/index.ts'
import { maximalPayload } from '../../engine/payload.ts'
import { readJsonText } from '../../json-text.ts'
import { AwsFailure } from '../failure.ts'
import { type Operations, operation } from '../operation.ts'
import type { StateMachines } from './state-machines.ts'

/** Answers to tasks that wait for their token. The token is a capability: no log and no error repeats it. */
export const callbackOperations = (machines: StateMachines): Operations => {
  const resource = ({ taskToken }: { taskToken: string }) => machines.machineOfToken(taskToken) ?? '*'
  return {
    SendTaskSuccess: operation<SendTaskSuccessInput, SendTaskSuccessOutput>()({
      reads: ['taskToken', 'output'],
      resource,
      handle: ({ taskToken, output }) => {
        const value = parseOutput(output)
        return answer(() => machines.callbacks.succeed(taskToken, value))
      },
    }),
    SendTaskFailure: operation<SendTaskFailureInput, SendTaskFailureOutput>()({
      reads: ['taskToken', 'error', 'cause'],
      resource,
      handle: ({ taskToken, error, cause }) => answer(() => machines.callbacks.fail(taskToken, error, cause)),
    }),
    SendTaskHeartbeat: operation<SendTaskHeartbeatInput, SendTaskHeartbeatOutput>()({
      reads: ['taskToken'],
      resource,
      handle: ({ taskToken }) => answer(() => machines.callbacks.heartbeat(taskToken)),
    }),
  }
}

const answer = (send: () => void): object => {
  try {
    send()
    return {}
  } catch (error) {
    if (error instanceof CallbackError) throw new AwsFailure(error.name, error.message)
    throw error
  }
}

const parseOutput = (output: string): unknown => {
  const bytes = Buffer.byteLength(output)
  if (bytes > maximalPayload)
    throw new AwsFailure(
      'InvalidOutput',
      `Invalid Output: 'it is ${bytes} bytes long, and at most ${maximalPayload} bytes are allowed'`,
    )
  try {
    return readJsonText(output)
  } catch (error) {
    throw new AwsFailure(
      'InvalidOutput',
      `Invalid Output: '${error instanceof Error ? error.message : 'not JSON'}'`,
    )
  }
}
