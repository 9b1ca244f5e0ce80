/** What stands before the first slash of IAM's own resources. */
const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
]

/**
 * IAM's sentence about a Resource that it does not take; undefined for one that it does.
 * @param own the account's partition
 */
export const resourceFault = (resource: string, own: string): string | undefined => {
  if (resource === '*') return undefined
  const [scheme, partition = '', vendor = '', region, account, ...path] = resource.split(':')
  if (scheme !== 'arn') return `Resource ${resource} must be in ARN format or "*".`
  if (partition !== own && partition !== '*')
    return `Partition "${partition}" is not valid for resource "${resource}".`
  if (vendor === '*' && region === undefined) return undefined
  if (!/^[a-zA-Z0-9-]+$/.test(vendor))
    return 'Resource vendor must be fully qualified and cannot contain regexes.'
  // A star at the end stands for the parts that are not there.
  if (path.length === 0 && !resource.endsWith('*')) return 'The policy failed legacy parsing'
  if (vendor === 'iam') return iamFault(resource, region, account, path.join(':'))
  if (vendor === 's3' && region && !/[*?]/.test(region))
    return `Resource ${resource} can not contain region information.`
  return undefined
}

const iamFault = (
  resource: string,
  region: string | undefined,
  account: string | undefined,
  path: string,
): string | undefined => {
  if (region && region !== '*') return `IAM resource ${resource} cannot contain region information.`
  if (path === '' || path === 'root' || account === 'aws') return undefined
  const known =
    path.startsWith('*') || IAM_PATHS.some((start) => path.startsWith(start) || overlaps(path, start))
  return known ? undefined : `IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`
}

/** `ro*` may stand for `role/…`. */
const overlaps = (path: string, start: string): boolean => {
  const [literal = ''] = path.split(/[*?$]/)
  return literal !== path && start.startsWith(literal)
}
