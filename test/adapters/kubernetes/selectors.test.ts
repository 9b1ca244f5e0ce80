import { expect, it } from 'vitest'
import { formatSelector } from '../../../adapters/kubernetes/selectors.ts'
import type { LabelSelector } from '../../../core/kubernetes.ts'

it.each<[why: string, selector: LabelSelector, query: string]>([
  ['neither labels nor expressions', {}, ''],
  [
    'labels are equations, all of which have to hold',
    { matchLabels: { app: 'carts', tier: 'back' } },
    'app=carts,tier=back',
  ],
  [
    'one of several values',
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['carts', 'orders'] }] },
    'app in (carts,orders)',
  ],
  [
    'none of several values',
    { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['carts', 'orders'] }] },
    'app notin (carts,orders)',
  ],
  ['any value', { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, 'app'],
  ['no such label', { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, '!app'],
  ['a list without values', { matchExpressions: [{ key: 'app', operator: 'In' }] }, 'app in ()'],
  [
    'labels and expressions together',
    { matchLabels: { app: 'carts' }, matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }] },
    'app=carts,!canary',
  ],
  [
    'an unknown operator leaves a comma that the API server refuses, rather than more pods than are meant',
    { matchLabels: { app: 'carts' }, matchExpressions: [{ key: 'size', operator: 'Above', values: ['1'] }] },
    'app=carts,',
  ],
])('a selector as a query: %s', (_why, selector, query) => {
  expect(formatSelector(selector)).toBe(query)
})
