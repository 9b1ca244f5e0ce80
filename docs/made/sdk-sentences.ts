import { sdkSentences } from '../../core/workload/diagnosis/sdk-sentences.ts'
import { sdkSources } from '../../core/workload/diagnosis/sdk-sources.ts'

const troubles = {
  'too-old': 'too old for Pod Identity (`rollout-sdk-too-old`)',
  refused: 'refused by the agent (`rollout-credentials-refused`)',
  unreachable: 'agent out of reach (`rollout-agent-unreachable`)',
  missing: 'no credentials found (`rollout-no-credentials`)',
}

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** How SDKs say that they got no credentials, and where each sentence is from. */
export const sdkSentencesTable = (): string =>
  [
    '| SDK | writes | which means | source |',
    '|---|---|---|---|',
    ...sdkSentences.flatMap(({ sdk, trouble }) =>
      sdkSources
        .filter(({ of }) => of === `${sdk}, ${trouble}`)
        .map(
          ({ example, source }) => `| ${sdk} | ${cell(example)} | ${troubles[trouble]} | ${cell(source)} |`,
        ),
    ),
  ].join('\n')
