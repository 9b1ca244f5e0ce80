/** How many calls AWS takes of an account in a region, and where that is from. */
interface CallQuota {
  what: string
  /** Calls a second, over a longer time. */
  perSecond: number
  /** How many at once, where AWS says so. */
  burst: number | null
  /** Whether AWS publishes the figure: what it does not, is a guess on the safe side. */
  published: boolean
  source: string
  /** Calls that one run of a binding makes, at most. */
  perRun: number
}

const statesQuotas = 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html'

/**
 * What a rollout's bindings share. Step Functions' figures are those of its smaller regions. EKS and IAM answer with
 * ThrottlingException (429) and Throttling (400) beyond rates that they do not publish, so that a rollout stays well
 * below what others have seen; a throttled call is repeated by the SDK and then by the step's Retry.
 */
export const callQuotas = {
  startExecution: {
    what: 'Step Functions: StartExecution',
    perSecond: 150,
    burst: 800,
    published: true,
    source: statesQuotas,
    perRun: 1,
  },
  transitions: {
    what: 'Step Functions: state transitions',
    perSecond: 800,
    burst: 800,
    published: true,
    source: statesQuotas,
    perRun: 40,
  },
  eks: {
    what: 'EKS: all calls',
    perSecond: 20,
    burst: null,
    published: false,
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html',
    perRun: 16,
  },
  iam: {
    what: 'IAM: all calls, in all regions together',
    perSecond: 20,
    burst: null,
    published: false,
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
    perRun: 12,
  },
} as const satisfies Record<string, CallQuota>

/** A run takes no less: the propagation of an association alone takes some seconds, then pods are replaced. */
export const shortestRunSeconds = 20

/** Of each quota a rollout uses this part: what else runs in the account needs the rest. */
export const ownPart = 0.5

/** What https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html lets an input or a variable be. */
export const mostPayloadBytes = 262_144

/** How many bindings at once AWS's quotas leave room for: by the tightest of them, 12. */
export const concurrencyByQuotas = (): number =>
  Math.max(
    1,
    Math.floor(
      Math.min(
        ...Object.values(callQuotas).map(
          ({ perSecond, perRun }) => (perSecond * ownPart * shortestRunSeconds) / perRun,
        ),
      ),
    ),
  )
