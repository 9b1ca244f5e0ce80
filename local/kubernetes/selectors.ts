import type { LabelSelector } from 'kubernetes-types/meta/v1.d.ts'

/** Labels as objects carry them. */
export type Labels = Readonly<Record<string, string>> | undefined

/** Whether labels satisfy a `matchLabels` and `matchExpressions` selector; an empty selector takes all. */
export const selects = (selector: LabelSelector | undefined, labels: Labels): boolean =>
  Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels?.[key] === value) &&
  (selector?.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })
