import { prices } from '../../bench/fleet/cost.ts'
import { callQuotas } from '../../core/fleet/waves/quotas.ts'

const page = (source: string): string =>
  `[${new URL(source).pathname.split('/').findLast(Boolean)}](${source})`

/** The quotas that a rollout goes by. */
export const quotasTable = (): string =>
  [
    '| of an account, in a region | a second | at once | in us-east-1, us-west-2, eu-west-1 | a run makes at most | by |',
    '|---|---|---|---|---|---|',
    ...Object.values(callQuotas).map((quota) => {
      const large = 'inLargeRegions' in quota ? quota.inLargeRegions : undefined
      const by =
        'chosen' in quota
          ? `chosen, as AWS publishes none: ${quota.chosen} (${page(quota.source)})`
          : page(quota.source)
      return `| ${quota.what} | ${quota.rate.perSecond} | ${quota.rate.burst ?? 'not said'} | ${large ? `${large.perSecond}, ${large.burst} at once` : 'the same'} | ${quota.perRun} | ${by} |`
    }),
  ].join('\n')

/** What a rollout is billed by. */
export const pricesTable = (): string =>
  [
    '| | US dollars | for | by |',
    '|---|---|---|---|',
    ...Object.values(prices).map(
      ({ what, usd, per, unit, source }) =>
        `| ${what} | ${usd} | ${per.toLocaleString('en-US')} ${unit} | ${page(source)} |`,
    ),
  ].join('\n')
