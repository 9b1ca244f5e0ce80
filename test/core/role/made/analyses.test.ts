import { expect, it } from 'vitest'
import {
  type Analysis,
  analysisFindings,
  analysisSummary,
  writtenDocuments,
} from '../../../../core/role/written.ts'
import { told } from '../../told.ts'
import { shopCluster as cluster, readWrite as get } from './shop.ts'

const clean: Analysis = { name: 'the policy x', newAccess: [], issues: [] }
const issue = (level: 'error' | 'security-warning' | 'warning' | 'suggestion', at = '') => ({
  level,
  code: 'CODE',
  details: 'Details.',
  link: 'https://a',
  at,
})
it.each<[why: string, analyses: Analysis[], summary: string | undefined, said: string[]]>([
  ['nobody was asked', [], undefined, []],
  [
    'all is clean',
    [clean, { ...clean, name: 'the trust policy' }],
    'IAM Access Analyzer finds no new access and no fault in the policy x and the trust policy',
    [],
  ],
  [
    'new access',
    [{ ...clean, newAccess: ['a', 'b', 'c', 'd', 'e', 'f'] }, clean],
    undefined,
    [
      'blocking access-analyzer-new-access, role carts: the policy x that podid would write allows more than the request does, says IAM Access Analyzer (CheckNoNewAccess): a, b, c, d, e and 1 more',
      '→ Let podid write nothing here: see the document with podid role, and make the role by hand without what is too much.',
    ],
  ],
  [
    'no answer',
    [{ ...clean, newAccess: { skipped: 'denied' }, issues: { skipped: 'denied too' } }],
    undefined,
    [
      'warning access-analyzer-skipped, role carts: IAM Access Analyzer did not say whether the policy x would allow more than the request (denied)',
      '→ Grant the caller access-analyzer:CheckNoNewAccess and access-analyzer:ValidatePolicy on *, or leave accessAnalyzer out.',
      'warning access-analyzer-skipped, role carts: IAM Access Analyzer did not say whether the policy x is valid (denied too)',
      '→ Grant the caller access-analyzer:CheckNoNewAccess and access-analyzer:ValidatePolicy on *, or leave accessAnalyzer out.',
    ],
  ],
  [
    'issues',
    [
      {
        ...clean,
        issues: [
          issue('error'),
          issue('security-warning', 'Statement[0]'),
          issue('warning'),
          issue('suggestion'),
        ],
      },
    ],
    undefined,
    [
      "blocking access-analyzer-error, role carts: the policy x that podid would write: Details. (error CODE of IAM Access Analyzer's ValidatePolicy)",
      "→ Correct the request's needs, from which podid writes it: https://a",
      "warning access-analyzer-warning, role carts: the policy x that podid would write, Statement[0]: Details. (security-warning CODE of IAM Access Analyzer's ValidatePolicy)",
      '→ See whether it is meant so: https://a',
      "info access-analyzer-warning, role carts: the policy x that podid would write: Details. (warning CODE of IAM Access Analyzer's ValidatePolicy)",
      '→ See whether it is meant so: https://a',
      "info access-analyzer-warning, role carts: the policy x that podid would write: Details. (suggestion CODE of IAM Access Analyzer's ValidatePolicy)",
      '→ See whether it is meant so: https://a',
    ],
  ],
])('what IAM Access Analyzer says: %s', (_why, analyses, summary, said) => {
  expect(analysisSummary(analyses)).toBe(summary)
  expect(told(analysisFindings({ name: 'carts' }, analyses))).toEqual(said)
})

it.each<[why: string, more: object, documents: object[]]>([
  [
    'with tags',
    {},
    [
      {
        name: 'the trust policy',
        kind: 'trust',
        document: { T: 1 },
        atMost: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'pods.eks.amazonaws.com' },
              Action: ['sts:AssumeRole', 'sts:TagSession'],
              Condition: {
                StringEquals: {
                  'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
                },
              },
            },
          ],
        },
      },
      {
        name: 'the policy n',
        kind: 'permissions',
        document: { D: 1 },
        atMost: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:GetObject', 's3:PutObject'],
              Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
            },
          ],
        },
      },
    ],
  ],
  [
    'without tags, for a target role',
    { sessionTags: false, targetRole: 'arn:t' },
    [
      {
        name: 'the trust policy',
        kind: 'trust',
        document: { T: 1 },
        atMost: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'pods.eks.amazonaws.com' },
              Action: ['sts:AssumeRole'],
              Condition: {
                StringEquals: { 'aws:SourceArn': 'arn:aws:eks:us-west-2:123456789012:cluster/shop' },
              },
            },
          ],
        },
      },
      {
        name: 'the policy n',
        kind: 'permissions',
        document: { D: 1 },
        atMost: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: ['arn:t'] }],
        },
      },
    ],
  ],
])('holds what it writes against the request: %s', (_why, more, documents) => {
  const wants = { cluster, sessionTags: true, needs: [get], ...more }
  expect(writtenDocuments({ trust: { T: 1 }, policies: [{ name: 'n', document: { D: 1 } }] }, wants)).toEqual(
    documents,
  )
})
