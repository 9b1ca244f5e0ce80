import { expect, it } from 'vitest'
import { makeRole, type NewRole, planFaults, planRole } from '../../../core/role/make.ts'
import { mostTrust, sizeOf } from '../../../core/role/sizes.ts'
import {
  accountArn as account,
  readWrite as get,
  readerIdentity as identity,
  ownPolicy,
  ownTrust,
} from './made/shop.ts'

const wanted = (more: Partial<NewRole> = {}): NewRole => ({
  ...identity,
  roleArn: `${account}:role/carts`,
  needs: [get],
  ...more,
})

it.each<[why: string, wanted: NewRole, plan: object]>([
  [
    'for the needs',
    wanted(),
    {
      name: 'carts',
      path: '/',
      trust: ownTrust,
      policies: [ownPolicy],
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
  [
    'with a path and a boundary',
    wanted({ roleArn: `${account}:role/a/b/carts`, boundary: 'arn:limits' }),
    {
      name: 'carts',
      path: '/a/b/',
      trust: ownTrust,
      policies: [ownPolicy],
      boundary: 'arn:limits',
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
  [
    'for a target role',
    wanted({ targetRole: 'arn:t' }),
    {
      name: 'carts',
      path: '/',
      trust: ownTrust,
      policies: [
        {
          name: 'podid-needs',
          document: {
            Version: '2012-10-17',
            Statement: [
              { Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession'], Resource: ['arn:t'] },
            ],
          },
        },
      ],
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
  [
    'for a target role, without tags',
    wanted({ targetRole: 'arn:t', sessionTags: false }),
    {
      name: 'carts',
      path: '/',
      trust: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Service: 'pods.eks.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: {
              StringEquals: {
                'aws:SourceAccount': '123456789012',
                'aws:SourceArn': 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
              },
            },
          },
        ],
      },
      policies: [
        {
          name: 'podid-needs',
          document: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: ['arn:t'] }],
          },
        },
      ],
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
  [
    'for what resources grant',
    wanted({ needs: [{ ...get, grantedBy: 'resource-policy' }] }),
    {
      name: 'carts',
      path: '/',
      trust: ownTrust,
      policies: [],
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
  [
    'for nothing',
    wanted({ needs: [] }),
    {
      name: 'carts',
      path: '/',
      trust: ownTrust,
      policies: [],
      tags: { 'podid:for': 'shop/carts/reader' },
    },
  ],
])('a role that is to be made %s', (_why, given, plan) => {
  expect(planRole(given)).toStrictEqual(plan)
})

it.each<[why: string, wanted: NewRole, said: string[]]>([
  [
    'with its needs',
    wanted(),
    [
      'Make the role: for these pods alone, with what they need and nothing else. Or let podid do it (podid role --create, or createRole in the request), or correct its name.',
      'aws iam create-role --role-name carts --tags Key=podid:for,Value=shop/carts/reader --assume-role-policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Principal": {\n        "Service": "pods.eks.amazonaws.com"\n      },\n      "Action": [\n        "sts:AssumeRole",\n        "sts:TagSession"\n      ],\n      "Condition": {\n        "StringEquals": {\n          "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:us-west-2:123456789012:cluster/shop",\n          "aws:RequestTag/kubernetes-namespace": "carts",\n          "aws:RequestTag/kubernetes-service-account": "reader"\n        }\n      }\n    }\n  ]\n}\'',
      'iam put-role-policy --role-name carts --policy-name podid-needs --policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Action": [\n        "s3:GetObject",\n        "s3:PutObject"\n      ],\n      "Resource": [\n        "arn:aws:s3:::a/*",\n        "arn:aws:s3:::b/*"\n      ]\n    }\n  ]\n}\'',
    ],
  ],
  [
    'with a path and a boundary',
    wanted({ roleArn: `${account}:role/a/b/carts`, boundary: 'arn:my limits', needs: [] }),
    [
      'Make the role, for these pods alone; it grants nothing yet, as the request names no needs. Or correct its name.',
      'aws iam create-role --role-name carts --path /a/b/ --permissions-boundary \'arn:my limits\' --tags Key=podid:for,Value=shop/carts/reader --assume-role-policy-document \'{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Effect": "Allow",\n      "Principal": {\n        "Service": "pods.eks.amazonaws.com"\n      },\n      "Action": [\n        "sts:AssumeRole",\n        "sts:TagSession"\n      ],\n      "Condition": {\n        "StringEquals": {\n          "aws:RequestTag/eks-cluster-arn": "arn:aws:eks:us-west-2:123456789012:cluster/shop",\n          "aws:RequestTag/kubernetes-namespace": "carts",\n          "aws:RequestTag/kubernetes-service-account": "reader"\n        }\n      }\n    }\n  ]\n}\'',
    ],
  ],
  [
    'which IAM would not take',
    wanted({
      needs: [
        {
          actions: ['s3:GetObject'],
          resources: Array.from({ length: 400 }, (_, at) => `arn:aws:s3:::bucket-${at}/*`),
        },
      ],
      serviceAccount: 's'.repeat(253),
    }),
    [
      'Make the role by hand, or correct its name: its policies would have 11186 characters without white space, and IAM takes 10240: write the needs with wildcards; its tag podid:for would have 264 characters (shop/carts/sssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss), and IAM takes 256: make the role by hand.',
      '',
    ],
  ],
])('the remedy makes it: %s', (_why, given, said) => {
  const { advice, command } = makeRole(planRole(given))
  expect([advice, ...(command ?? '').split('\naws ')]).toEqual(said)
})

it('takes what IAM takes to the last character', () => {
  const tag = (length: number) =>
    planFaults(planRole(wanted({ serviceAccount: 's'.repeat(length - 'shop/carts/'.length) })))
  expect([tag(256), tag(257).length]).toEqual([[], 1])
  const needs = (length: number) =>
    planRole(wanted({ needs: [{ actions: ['s3:*'], resources: ['x'.repeat(length)] }] }))
  const rest = 10_240 - sizeOf(needs(0).policies[0]?.document)
  expect([planFaults(needs(rest)), planFaults(needs(rest + 1)).length]).toEqual([[], 1])
  expect([sizeOf('a b\nc'), sizeOf({ a: 'b c' }), sizeOf(undefined)]).toEqual([3, 10, 0])
  expect([mostTrust('x'.repeat(2048)), mostTrust('x'.repeat(2049))]).toEqual([2048, 8192])
})
