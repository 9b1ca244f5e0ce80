import type { LabelSelector } from '../../core/kubernetes.ts'

const operators: Record<string, (key: string, values: string) => string> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
}

/** A LabelSelector as a query parameter. https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api */
export const formatSelector = ({ matchLabels, matchExpressions }: LabelSelector): string =>
  [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
    ...(matchExpressions ?? []).map(
      ({ key, operator, values }) => operators[operator]?.(key, (values ?? []).join(',')) ?? '',
    ),
  ].join(',')
