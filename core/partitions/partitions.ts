/** Its name, and the ends of its host names: with IPv4 alone, and with IPv6 as well. */
type Partition = readonly [name: string, domain: string, dualStackDomain: string]

const commercial: Partition = ['aws', 'amazonaws.com', 'api.aws']

/**
 * AWS's other partitions, each with accounts, ARNs and domains of its own, by how the names of their regions begin. The
 * SDK's table has the same (a test compares).
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
const others: readonly (readonly [regions: string, partition: Partition])[] = [
  ['cn-', ['aws-cn', 'amazonaws.com.cn', 'api.amazonwebservices.com.cn']],
  ['us-gov-', ['aws-us-gov', 'amazonaws.com', 'api.aws']],
  ['eusc-', ['aws-eusc', 'amazonaws.eu', 'api.amazonwebservices.eu']],
  ['us-iso-', ['aws-iso', 'c2s.ic.gov', 'api.aws.ic.gov']],
  ['us-isob-', ['aws-iso-b', 'sc2s.sgov.gov', 'api.aws.scloud']],
  ['eu-isoe-', ['aws-iso-e', 'cloud.adc-e.uk', 'api.cloud-aws.adc-e.uk']],
  ['us-isof-', ['aws-iso-f', 'csp.hci.ic.gov', 'api.aws.hci.ic.gov']],
]

const partitionOfRegion = (region: string): Partition =>
  others.find(([regions]) => region.startsWith(regions))?.[1] ?? commercial

/** The partition of a region, as ARNs begin: `aws`, `aws-cn`. */
export const partitionOf = (region: string): string => partitionOfRegion(region)[0]

/** The end of host names in a region: `amazonaws.com`. https://docs.aws.amazon.com/general/latest/gr/rande.html */
export const domainOf = (region: string): string => partitionOfRegion(region)[1]

/** The end of host names in a region that have IPv4 and IPv6: `api.aws`. */
export const dualStackDomainOf = (region: string): string => partitionOfRegion(region)[2]

/** The partition that an ARN names; undefined where the text is no ARN. */
export const partitionOfArn = (arn: string): string | undefined => /^arn:(aws[\w-]*):/.exec(arn)?.[1]

/**
 * The regions without function URLs.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html,
 * https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html
 */
const withoutFunctionUrls =
  /^(?:ap-(?:east-2|south-2|southeast-[4-7])|ca-west-1|eu-(?:central|south)-2|(?:il|me)-central-1)$/

/** Whether a Lambda function can have a URL in a region, which Slack and the webhook need. */
export const hasFunctionUrls = (region: string): boolean =>
  partitionOf(region) !== 'aws-cn' && !withoutFunctionUrls.test(region)

/** Whether X-Ray traces functions in a region: in China it does not. https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html */
export const hasFunctionTracing = (region: string): boolean => partitionOf(region) !== 'aws-cn'
