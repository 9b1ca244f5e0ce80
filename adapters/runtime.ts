import type { AwsCredentialIdentityProvider } from '@smithy/types'
import type { Clock } from './clock.ts'

/** Structured log lines: a message and its data. Never a credential, never a token. */
export interface Log {
  info(message: string, data?: Record<string, unknown>): void
  warn(message: string, data?: Record<string, unknown>): void
  error(message: string, data?: Record<string, unknown>): void
  /** What all lines are about from here on, until it is called again: a function's copy has one call at a time. */
  about?(subject: object): void
}

/** What a long step can report while it is under way. */
export interface StepProgress {
  step: string
  message: string
  /** Figures and lines for whoever draws it: counts of a rollout, states of pods. */
  detail?: Record<string, unknown>
}

/**
 * What a handler's surroundings give it. In Lambda that is the environment itself; a local run says where its
 * stand-ins are, whose credentials to use, and what time it is.
 */
export interface Runtime {
  /** Who calls, and (only for stand-ins that share a process) where; the rest is the SDK's own environment. */
  aws: {
    credentials: AwsCredentialIdentityProvider
    endpoint?: string
  }
  /** The bearer token for Kubernetes APIs, in place of one that is signed with the credentials above. */
  kubernetesToken?: () => Promise<string>
  clock: Clock
  /** Whether calls that AWS throttles are asked again for minutes, not seconds: for a look at a whole fleet, which has the time. */
  patient?: boolean
  log: Log
  progress: (progress: StepProgress) => void
  /** The function's environment variables, set by the stack: names and secrets, see functions/support/settings.ts. */
  env?: Readonly<Record<string, string | undefined>>
  signal?: AbortSignal
}
