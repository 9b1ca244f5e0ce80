import { credentialsAdvice } from '../adapters/aws-errors.ts'
import { systemClock } from '../adapters/clock.ts'
import { PodidError } from '../core/errors.ts'
import { renewal } from './auth/renewal.ts'
import { unreachedAdvice } from './auth/unreached.ts'
import { type ExitCode, exit } from './exit.ts'
import { ownCredentials } from './identity.ts'
import { notice } from './render/screen.ts'
import { silent } from './run.ts'
import { NoAnswer } from './usage-error.ts'

/** The surroundings of what a command asks of AWS and of a cluster itself, without a run. */
export const ownRuntime = (kubernetesToken?: () => Promise<string>) => ({
  ...(kubernetesToken ? { kubernetesToken } : {}),
  aws: { credentials: ownCredentials() },
  clock: systemClock,
  log: silent,
  progress: () => {},
})

/**
 * Does a command's work; a failure of AWS or of a cluster, or a request with faults, becomes a line for people. Which exit
 * code a failure has, exit.ts says.
 */
export const reportingErrors = async (work: () => Promise<ExitCode>): Promise<ExitCode> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PodidError || error instanceof NoAnswer)) throw error
    process.stderr.write(notice(`podid: ${messageHere(error)}`))
    return error.name === 'InvalidRequest' ? exit.usage : exit.failed
  }
}

/** An error's message, with what this environment says of why: where AWS was not reached, or has its credentials from. */
export const messageHere = ({ message, cause }: Error): string => {
  if (!(cause instanceof Error)) return message
  const unreached = unreachedAdvice(cause, process.env)
  if (unreached) return `${message}: ${unreached}`
  const [usual, own] = [credentialsAdvice(cause), renewal(cause, process.env)]
  if (usual && own) return message.replace(usual, () => own)
  // A file with a token, which only the SDK reads.
  return own && 'syscall' in cause && cause.syscall === 'open' ? `${message}. ${own}` : message
}
