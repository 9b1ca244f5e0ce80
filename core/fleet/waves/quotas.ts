/** So many calls a second over a longer time, and so many at once. */
interface Rate {
  perSecond: number
  /** What AWS's token bucket holds; null where nobody says. */
  burst: number | null
}

/** How many calls AWS takes of an account in a region, and where that is from. */
interface CallQuota {
  what: string
  rate: Rate
  /** In us-east-1, us-west-2 and eu-west-1, where that is more. */
  inLargeRegions?: Rate
  /** The page that has the figure. */
  source: string
  /** Why this figure was chosen, where AWS publishes none. */
  chosen?: string
  /** Calls that one run of a binding makes, at most; `npm run bench -- scale` measures those of a plain one. */
  perRun: number
}

const statesQuotas = 'https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html'
const iamQuotas = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html'

/** What a rollout's bindings share, as AWS gives it to an account that has asked for nothing more. Read in November 2026. */
export const callQuotas = {
  eks: {
    what: 'EKS: all calls',
    rate: { perSecond: 20, burst: null },
    source: 'https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html',
    chosen:
      'the page has numbers of clusters, node groups and nodes, and no calls; ECS publishes about 20 a second for reads such as DescribeTasks',
    perRun: 16,
  },
  iam: {
    what: 'IAM: all calls, of all regions together',
    rate: { perSecond: 20, burst: null },
    source: iamQuotas,
    chosen: 'the page has sizes and numbers of things, and no calls; the same as for EKS',
    perRun: 12,
  },
  sts: {
    what: 'STS: all calls with the credentials of an account',
    rate: { perSecond: 600, burst: null },
    source: iamQuotas,
    perRun: 12,
  },
  startExecution: {
    what: 'Step Functions: StartExecution',
    rate: { perSecond: 150, burst: 800 },
    inLargeRegions: { perSecond: 300, burst: 1300 },
    source: statesQuotas,
    perRun: 1,
  },
  dispatch: {
    what: 'Step Functions: children of one Map Run',
    rate: { perSecond: 100, burst: null },
    source: statesQuotas,
    perRun: 1,
  },
  transitions: {
    what: 'Step Functions: state transitions (new accounts have fewer)',
    rate: { perSecond: 800, burst: 800 },
    inLargeRegions: { perSecond: 5000, burst: 5000 },
    source: statesQuotas,
    perRun: 45,
  },
  histories: {
    what: 'Step Functions: GetExecutionHistory',
    rate: { perSecond: 20, burst: 400 },
    source: statesQuotas,
    perRun: 3,
  },
  descriptions: {
    what: 'Step Functions: DescribeExecution',
    rate: { perSecond: 10, burst: 250 },
    inLargeRegions: { perSecond: 15, burst: 300 },
    source: statesQuotas,
    perRun: 1,
  },
} as const satisfies Record<string, CallQuota>

/** Functions of an account at once: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html (new accounts have fewer). */
export const functionsAtOnce = 1000
/** Preflight's branches: no run has more functions at work. */
export const functionsPerRun = 4

/** Of each quota a rollout uses this part: what else runs in the account needs the rest. */
export const ownPart = 0.5

/** What https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html lets an input or a variable be. */
export const mostPayloadBytes = 262_144

/**
 * Milliseconds between the starts of two runs of a rollout. MaxConcurrency is no limit to calls: runs that find everything in
 * force take a second or two, and as many would ask as fast as they end. By the tightest quota, which is EKS's, 1600.
 */
export const paceMs: number = Math.ceil(
  Math.max(...Object.values(callQuotas).map(({ rate, perRun }) => perRun / (rate.perSecond * ownPart))) *
    1000,
)

/** How many of a round begin at once: a bucket that a new account has holds their first calls. */
export const beginAtOnce = 4

/** A round is 13 events of the rollout's history, which may have 25,000. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const mostRounds = 1500

/**
 * How many bindings at once unless fewer are asked for. Chosen: a run of a minute, of which most is waiting for pods, is
 * under way beside 37 others at that pace; more would have more to stop where a wave fails, and make nothing faster.
 */
export const concurrencyByQuotas = Math.min(40, Math.floor((functionsAtOnce * ownPart) / functionsPerRun))
