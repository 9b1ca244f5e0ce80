import { stringify } from 'yaml'
import type { Draft, DraftBinding } from '../../core/fleet/draft.ts'
import { type Looked, needsLines, yamlComment } from '../observe.ts'

/** What was observed of a binding's needs; undefined where nobody looked. */
export type DraftNeeds = (binding: DraftBinding) => Looked | undefined

/**
 * A podid.yaml with the bindings of a draft, each after what it was made of. Those whose role is only a proposal stand there as comments: a
 * person decides.
 */
export const draftText = (
  { bindings, left }: Draft,
  { account, region }: { account: string; region: string },
  needsOf: DraftNeeds,
): string => {
  const made = bindings.filter(({ proposed }) => !proposed)
  const proposed = bindings.filter((binding) => binding.proposed)
  return [
    '# A draft by podid inventory: read it, change it, then see what it would do with podid plan -f FILE --all.',
    `account: '${account}'`,
    `region: ${region}`,
    made.length > 0 ? 'bindings:' : '#bindings:',
    ...made.flatMap((binding) => ['', ...indented(bindingLines(binding, region, needsOf(binding)))]),
    ...(proposed.length > 0
      ? [
          '',
          '# These have no role of their own today. Whether they call AWS at all was not seen: take the # away from those that do.',
        ]
      : []),
    ...proposed.flatMap((binding) => [
      '',
      ...indented(bindingLines(binding, region, needsOf(binding))).map((line) => `#${line}`),
    ]),
    ...(left.length > 0
      ? ['', '# No binding was made of these:', ...left.map((line) => yamlComment(`- ${line}`))]
      : []),
    '',
  ].join('\n')
}

const bindingLines = (binding: DraftBinding, region: string, seen: Looked | undefined): string[] => {
  const { name, why, proposed, migrates, cluster, namespace, serviceAccount, workload, role } = binding
  const fields = {
    cluster,
    ...(binding.region === region ? {} : { region: binding.region }),
    namespace,
    serviceAccount,
    ...(workload ? { workload } : {}),
    role,
    ...(proposed ? { createRole: true } : {}),
    ...(migrates ? { migrate: 'irsa' } : {}),
  }
  return [
    yamlComment(why),
    `${name}:`,
    ...indented([
      ...stringify(fields, { lineWidth: 0 }).trimEnd().split('\n'),
      ...(migrates ? [manageTrust] : []),
      ...(seen ? needsLines(seen) : [unlooked]),
    ]),
  ]
}

/** A role is made with its binding's needs alone: `[]` would be one that may do nothing. */
const unlooked = '# needs: given here, or else observed by plan and enable; the role is made with these alone'

/** Whose role it is decides whether podid may write to it. */
const manageTrust =
  '# manageTrust: true  # a run then adds what Pod Identity needs to the role’s trust policy; without it it prints the command'

const indented = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`))
