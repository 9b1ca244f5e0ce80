const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?'

/** A DNS label (RFC 1123), as in names of namespaces. https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
export const dnsLabel = new RegExp(`^${label}$`)

/** A DNS subdomain (RFC 1123), as in names of most Kubernetes objects. */
export const dnsSubdomain = new RegExp(`^${label}(?:\\.${label})*$`)

/** The name of an AWS region: `us-west-2`, `us-gov-east-1`. */
export const regionPattern = /^[a-z]{2}(?:-[a-z]+)+-\d$/
