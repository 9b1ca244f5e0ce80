/** What Node says of a connection that did not come about: on its own, in attempts, or as the cause of another error. */
interface Unreached {
  code: string
  hostname?: string
  address?: string
  port?: number
}

/**
 * Why AWS was not reached, and what to look at, where an error is about that; undefined for every other, also for a
 * cluster's API, whose address no variable of AWS names.
 */
export const unreachedAdvice = (error: unknown, env: NodeJS.ProcessEnv): string | undefined => {
  const failed = unreached(error)
  if (!failed) return undefined
  const endpoint = endpointsOf(env).find(([, url]) => isAt(url, failed))
  if (endpoint) {
    const [variable, { origin }] = endpoint
    return `nothing answers at ${origin}, where ${variable} points; podid local may have been stopped`
  }
  const { hostname = '' } = failed
  // https://docs.aws.amazon.com/general/latest/gr/rande.html
  if (!/\.amazonaws\.com(\.cn)?$|\.api\.aws$/.test(hostname)) return undefined
  return failed.code === 'ENOTFOUND'
    ? `there is no host ${hostname}: check the region (--region, AWS_REGION), and this machine's network`
    : `AWS cannot be reached: check this machine's network and proxy settings`
}

const unreached = (error: unknown): Unreached | undefined => {
  if (!(error instanceof Error)) return undefined
  const { code } = error as Partial<Unreached>
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return error as Error & Unreached
  const inner = [...(error instanceof AggregateError ? error.errors : []), error.cause]
  return inner.map(unreached).find((one) => one !== undefined)
}

const endpointsOf = (env: NodeJS.ProcessEnv): [variable: string, url: URL][] =>
  Object.entries(env).flatMap(([variable, value]) => {
    const url = variable.startsWith('AWS_ENDPOINT_URL') ? URL.parse(value ?? '') : null
    return url ? [[variable, url]] : []
  })

const isAt = ({ protocol, hostname, port }: URL, failed: Unreached): boolean => {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (failed.hostname !== undefined) return failed.hostname === host
  const at = Number(port) || (protocol === 'http:' ? 80 : 443)
  return failed.port === at && (failed.address === host || host === 'localhost')
}
