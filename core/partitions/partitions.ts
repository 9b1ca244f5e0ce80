interface Partition {
  /** As ARNs begin: `aws`, `aws-cn`. */
  name: string
  /** How the names of its regions begin. */
  regions: string
  /** The end of its services' host names, and of those that have IPv6 as well. */
  domain: string
  dualStackDomain: string
}

const commercial: Partition = {
  name: 'aws',
  regions: '',
  domain: 'amazonaws.com',
  dualStackDomain: 'api.aws',
}

/**
 * AWS's partitions, each with accounts, ARNs and domains of its own. The SDK's table has the same (a test compares).
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
const others: readonly Partition[] = [
  {
    name: 'aws-cn',
    regions: 'cn-',
    domain: 'amazonaws.com.cn',
    dualStackDomain: 'api.amazonwebservices.com.cn',
  },
  { name: 'aws-us-gov', regions: 'us-gov-', domain: 'amazonaws.com', dualStackDomain: 'api.aws' },
  {
    name: 'aws-eusc',
    regions: 'eusc-',
    domain: 'amazonaws.eu',
    dualStackDomain: 'api.amazonwebservices.eu',
  },
  { name: 'aws-iso', regions: 'us-iso-', domain: 'c2s.ic.gov', dualStackDomain: 'api.aws.ic.gov' },
  { name: 'aws-iso-b', regions: 'us-isob-', domain: 'sc2s.sgov.gov', dualStackDomain: 'api.aws.scloud' },
  {
    name: 'aws-iso-e',
    regions: 'eu-isoe-',
    domain: 'cloud.adc-e.uk',
    dualStackDomain: 'api.cloud-aws.adc-e.uk',
  },
  { name: 'aws-iso-f', regions: 'us-isof-', domain: 'csp.hci.ic.gov', dualStackDomain: 'api.aws.hci.ic.gov' },
]

const partitionOfRegion = (region: string): Partition =>
  others.find(({ regions }) => region.startsWith(regions)) ?? commercial

/** The partition of a region, as ARNs begin: `aws`, `aws-cn`. */
export const partitionOf = (region: string): string => partitionOfRegion(region).name

/** The end of host names in a region: `amazonaws.com`. https://docs.aws.amazon.com/general/latest/gr/rande.html */
export const domainOf = (region: string): string => partitionOfRegion(region).domain

/** The end of host names in a region that have IPv4 and IPv6: `api.aws`. */
export const dualStackDomainOf = (region: string): string => partitionOfRegion(region).dualStackDomain

/** The partition that an ARN names; undefined where the text is no ARN. */
export const partitionOfArn = (arn: string): string | undefined => /^arn:(aws[\w-]*):/.exec(arn)?.[1]

/**
 * The regions without function URLs.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html,
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
 */
const withoutFunctionUrls = new Set([
  'ap-east-2',
  'ap-south-2',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-west-1',
  'eu-central-2',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
])

/** Whether a Lambda function can have a URL in a region, which Slack and the webhook need. */
export const hasFunctionUrls = (region: string): boolean =>
  partitionOf(region) !== 'aws-cn' && !withoutFunctionUrls.has(region)

/** Whether X-Ray traces functions in a region: in China it does not. https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html */
export const hasFunctionTracing = (region: string): boolean => partitionOf(region) !== 'aws-cn'
