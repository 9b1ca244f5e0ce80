import { quote } from '../../core/text/quote.ts'

/** The place of a run's input, as a list shows it; null where the input does not say it. */
export const bindingOf = ({
  cluster,
  namespace,
  serviceAccount,
}: Readonly<Record<string, unknown>>): { cluster: string | null; binding: string | null } => ({
  cluster: typeof cluster === 'string' ? cluster : null,
  binding:
    typeof namespace === 'string' && typeof serviceAccount === 'string'
      ? `${namespace}/${serviceAccount}`
      : null,
})

/** What a run that is started with this input is about, for the question before it. */
export const startLines = (input: Readonly<Record<string, unknown>>, where: string): string[] => {
  const { cluster, binding } = bindingOf(input)
  return [
    `a run of enable for ${binding} on ${cluster} starts in ${where}`,
    ...(typeof input.role === 'string' ? [`its pods get the role ${quote(input.role)}`] : []),
    ...(typeof input.workload === 'string'
      ? [`pods of ${input.workload} are replaced where that is needed`]
      : []),
    input.approval === 'required'
      ? 'before its first change it waits for an approval'
      : 'it makes its changes as soon as its checks have passed',
  ]
}
