const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'

/** A DNS label (RFC 1123), as in names of namespaces. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const dnsLabel = new RegExp(`^${label}$`)

/** A DNS subdomain (RFC 1123), as in names of most Kubernetes objects. */
export const dnsSubdomain = new RegExp(`^${label}(?:\\.${label})*$`)

const region = '(?:[a-z]{2}|eusc)(?:-[a-z]+)+-\\d'

/** The name of an AWS region: `us-west-2`, `us-gov-east-1`, `eusc-de-east-1`. */
export const regionPattern = new RegExp(`^${region}$`)

/** A region's name behind a dot at the end of a text, as in `ec2.us-west-2`. */
export const regionSuffix = new RegExp(`\\.${region}$`)

/** The alias of a stage's state machine: it leads to the version that new runs are started with. */
export const liveAlias = 'live'

/** `arn:…:stateMachine:NAME` of an ARN that may have the number of a version or the name of an alias behind it. */
export const unqualifiedStateMachine = (arn: string): string => arn.split(':').slice(0, 7).join(':')

/**
 * The service that assumes roles for pods: the principal of their trust policies and the audience of their tokens.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
 */
export const podIdentityService = 'pods.eks.amazonaws.com'
