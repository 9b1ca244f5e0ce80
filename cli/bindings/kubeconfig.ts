import type { KubeConfig } from '@kubernetes/client-node'
import { regionPattern } from '../../core/names.ts'
import { orElse } from '../../core/text/distance.ts'
import { UsageError } from '../usage-error.ts'

/** The flags by which a kubeconfig is chosen, and whether its user's credentials are used. */
export interface KubeconfigFlags {
  kubeconfig?: string
  context?: string
  /** `kubeconfig`: the Kubernetes API is called with the kubeconfig's credentials, in place of a token for AWS's. */
  auth?: string
}

/** A context as far as it can tell an EKS cluster. */
export interface ContextFacts {
  /** The names of the context and of its entries, which tools make of the cluster's. */
  context: string
  cluster: string
  user: string
  server: string
  /** What the user's credentials come from: the arguments of the program, and its environment. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
}

/**
 * The EKS cluster of a context; undefined where it is none that can be told. Read from what tools write:
 * `aws eks update-kubeconfig` (names are ARNs, unless an alias is given; `eks get-token --cluster-name`), eksctl
 * (`NAME.REGION.eksctl.io`) and aws-iam-authenticator (`token -i NAME`).
 * https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html
 */
export const clusterOfContext = ({
  context,
  cluster,
  user,
  server,
  args,
  env,
}: ContextFacts): { cluster: string; region?: string } | undefined => {
  const regionOfServer = /\.([a-z0-9-]+)\.eks\.amazonaws\.(?:com|com\.cn|eu)(?::\d+)?$/.exec(server)?.[1]
  for (const name of [cluster, context, user]) {
    const [, region, found] = /^arn:aws[\w-]*:eks:([\w-]+):\d{12}:cluster\/([\w-]+)$/.exec(name) ?? []
    if (region && found) return { cluster: found, region }
  }
  const option = (...names: string[]): string | undefined => {
    const at = args.findIndex((arg) => names.includes(arg))
    const joined = args.find((arg) => names.some((name) => arg.startsWith(`${name}=`)))
    return at >= 0 ? args[at + 1] : joined?.slice(joined.indexOf('=') + 1)
  }
  const [, name, eksctlRegion] = /^([\w-]+)\.([a-z0-9-]+)\.eksctl\.io$/.exec(cluster) ?? []
  const found = option('--cluster-name', '--cluster-id', '-i') ?? name
  if (!found) return undefined
  const region = [
    option('--region'),
    env.AWS_REGION,
    env.AWS_DEFAULT_REGION,
    eksctlRegion,
    regionOfServer,
  ].find((one) => one !== undefined && regionPattern.test(one))
  return { cluster: found, ...(region ? { region } : {}) }
}

/** Loaded only where it is needed: it costs more than all else that a short command does. */
const load = async ({ kubeconfig, context }: KubeconfigFlags): Promise<KubeConfig> => {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js')
  const config = new KubeConfig()
  try {
    if (kubeconfig === undefined) config.loadFromDefault()
    else config.loadFromFile(kubeconfig)
  } catch (error) {
    // The lines after the first are the file's own, which may be tokens.
    const [why] = (error as Error).message.split('\n', 1)
    throw new UsageError(
      `the kubeconfig ${kubeconfig ?? process.env.KUBECONFIG ?? '~/.kube/config'} cannot be read: ${why}`,
    )
  }
  if (context !== undefined) {
    if (!config.getContextObject(context))
      throw new UsageError(
        `the kubeconfig has no context ${context}${
          orElse(
            context,
            config.getContexts().map(({ name }) => name),
          ) || '; it has none'
        }`,
      )
    config.setCurrentContext(context)
  }
  return config
}

/**
 * The EKS cluster of the kubeconfig's current context, or of the one that is named.
 * @param absent called with why there is none
 * @throws UsageError where the named one is not there, or is no EKS cluster's
 */
export const currentCluster = async (
  flags: KubeconfigFlags,
  absent: (why: string) => void,
): Promise<{ cluster: string; region?: string } | undefined> => {
  const named = flags.kubeconfig !== undefined || flags.context !== undefined
  const config = await load(flags).catch((error: unknown) => {
    // One that nobody has named may be empty, or somebody else's matter.
    if (named || !(error instanceof UsageError)) throw error
    return error.message
  })
  if (typeof config === 'string') {
    absent(config)
    return undefined
  }
  const name = config.getCurrentContext()
  const context = config.getContextObject(name)
  const user = config.getCurrentUser()
  const { args, env } = (user?.exec ?? {}) as {
    args?: string[]
    env?: { name: string; value: string }[]
  }
  const found = context
    ? clusterOfContext({
        context: name,
        cluster: context.cluster,
        user: context.user,
        server: config.getCurrentCluster()?.server ?? '',
        args: args ?? [],
        env: Object.fromEntries((env ?? []).map((one) => [one.name, one.value])),
      })
    : undefined
  if (!found && flags.context !== undefined)
    throw new UsageError(
      `the context ${flags.context} does not say which EKS cluster it is: give --cluster and --region`,
    )
  if (!found) absent(whyNone(name, config))
  return found
}

/** The client makes a context of its own where there is no kubeconfig. */
const whyNone = (context: string, config: KubeConfig): string => {
  if (config.getCurrentCluster()?.server === 'http://localhost:8080')
    return 'there is no kubeconfig that says one'
  return config.getContextObject(context)
    ? `the kubeconfig’s current context ${context} does not say which EKS cluster it is`
    : 'the kubeconfig has no current context'
}

/**
 * The bearer tokens of the kubeconfig's user, where `--auth kubeconfig` asks for them.
 * @throws UsageError where the flag says something else
 */
export const kubernetesTokenOf = (flags: KubeconfigFlags): (() => Promise<string>) | undefined => {
  if (flags.auth === undefined || flags.auth === 'aws') return undefined
  if (flags.auth !== 'kubeconfig')
    throw new UsageError(`--auth ${flags.auth}: there are aws (as unless given) and kubeconfig`)
  let loaded: Promise<KubeConfig> | undefined
  return async () => {
    loaded ??= load(flags)
    const options: { headers: Record<string, string> } = { headers: {} }
    // The client keeps the credentials of a program until they expire.
    await (await loaded).applyToHTTPSOptions(options)
    const [, token] = /^Bearer (\S+)$/.exec(options.headers.Authorization ?? '') ?? []
    if (!token)
      throw new UsageError(
        'the kubeconfig’s user has no bearer token, which is what EKS takes: leave --auth out',
      )
    return token
  }
}
