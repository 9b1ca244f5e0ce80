/** A list price, and the page that it is from. */
interface Price {
  what: string
  /** In US dollars, for so many. */
  usd: number
  per: number
  unit: string
  source: string
}

const pricing = (service: string): string => `https://aws.amazon.com/${service}/pricing/`

/** List prices in us-east-1, November 2026, without free tiers. */
export const prices = {
  transition: {
    what: 'Step Functions, Standard',
    usd: 25,
    per: 1e6,
    unit: 'state transitions',
    source: pricing('step-functions'),
  },
  gigabyteSecond: {
    what: 'Lambda, arm64',
    usd: 13.3334,
    per: 1e6,
    unit: 'GB-seconds',
    source: pricing('lambda'),
  },
  invocation: { what: 'Lambda', usd: 0.2, per: 1e6, unit: 'requests', source: pricing('lambda') },
  tableRead: {
    what: 'DynamoDB, on demand',
    usd: 0.125,
    per: 1e6,
    unit: 'read request units',
    source: `${pricing('dynamodb')}on-demand/`,
  },
  tableWrite: {
    what: 'DynamoDB, on demand',
    usd: 0.625,
    per: 1e6,
    unit: 'write request units',
    source: `${pricing('dynamodb')}on-demand/`,
  },
  objectRead: { what: 'S3', usd: 0.4, per: 1e6, unit: 'GET requests', source: pricing('s3') },
  objectWrite: { what: 'S3', usd: 5, per: 1e6, unit: 'PUT and LIST requests', source: pricing('s3') },
  event: { what: 'EventBridge', usd: 1, per: 1e6, unit: 'custom events', source: pricing('eventbridge') },
  logByte: {
    what: 'CloudWatch Logs',
    usd: 0.5,
    per: 1e9,
    unit: 'bytes taken in',
    source: pricing('cloudwatch'),
  },
} as const satisfies Record<string, Price>

/** How much of each was used. */
export type BilledUse = Record<keyof typeof prices, number>

/** In US dollars. */
export const costOf = (usage: BilledUse): number =>
  Object.entries(prices).reduce(
    (sum, [name, { usd, per }]) => sum + (usage[name as keyof BilledUse] * usd) / per,
    0,
  )
