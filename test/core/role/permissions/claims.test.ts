import { expect, it } from 'vitest'
import { podSessionContext } from '../../../../core/role/permissions/context.ts'
import { oidcClaims } from '../../../../core/role/permissions/oidc-claims.ts'
import type { RoleFacts, RolePolicy } from '../../../../core/role/role.ts'
import { told } from '../../told.ts'
import { account, document, grantOf, identity, managed, roleWith } from './support.ts'

const all = managed(document(grantOf('dynamodb:*', '*')))
const boundary = (content: unknown) => ({
  boundary: { name: 'limits', arn: `arn:aws:iam::${account}:policy/limits`, document: content },
})
const when = (key: string) => ({ Condition: { StringEquals: { [key]: 'x' } } })
const inline = (name: string, content: unknown): RolePolicy => ({ name, kind: 'inline', document: content })

it.each<[why: string, role: RoleFacts, sessionTags: boolean, said: string[]]>([
  ['none asks', roleWith([all]), true, []],
  [
    'a managed policy',
    roleWith([managed(document(grantOf('s3:*', '*', when('oidc.eks.us-west-2.amazonaws.com/id/ABC:sub'))))]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy eks-workshop-carts-dynamo asks for oidc.eks.us-west-2.amazonaws.com/id/ABC:sub, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-policy-version --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo --version-id v1',
    ],
  ],
  [
    'one whose version is not known',
    roleWith([
      managed(document(grantOf('s3:*', '*', when('oidc.eks.us-west-2.amazonaws.com/id/ABC:aud'))), {
        version: undefined as never,
      }),
    ]),
    false,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy eks-workshop-carts-dynamo asks for oidc.eks.us-west-2.amazonaws.com/id/ABC:aud, which sessions by Pod Identity do not have',
      '→ Session tags are switched off, so that nothing tells these pods from others of the role: write what they need without it.',
      '? aws iam get-policy --policy-arn arn:aws:iam::111122223333:policy/eks-workshop-carts-dynamo',
    ],
  ],
  [
    'an inline one, by who vouched',
    roleWith([inline('own policy', document(grantOf('s3:*', '*', when('aws:FederatedProvider'))))]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy own policy asks for aws:FederatedProvider, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      "? aws iam get-role-policy --role-name eks-workshop-carts-dynamo --policy-name 'own policy'",
    ],
  ],
  [
    'the boundary',
    roleWith([], boundary(document(grantOf('s3:*', '*', when('accounts.google.com:oaud'))))),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its permissions boundary limits asks for accounts.google.com:oaud, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-policy --policy-arn arn:aws:iam::111122223333:policy/limits',
    ],
  ],
  [
    'several keys',
    roleWith([
      inline(
        'x',
        document(
          grantOf('s3:*', '*', {
            Condition: { StringEquals: { 'a.b:sub': '1', 'a.b:aud': '2', 'a.b:amr': '3', 'a.b/c:sub': '4' } },
          }),
        ),
      ),
    ]),
    true,
    [
      'warning oidc-claim-in-policy, role eks-workshop-carts-dynamo: its policy x asks for a.b:sub, a.b:aud, a.b:amr and 1 more, which sessions by Pod Identity do not have',
      '→ Write the same for aws:PrincipalTag/kubernetes-namespace carts and aws:PrincipalTag/kubernetes-service-account carts beside it, before the pods change over.',
      '? aws iam get-role-policy --role-name eks-workshop-carts-dynamo --policy-name x',
    ],
  ],
  [
    'keys that only look so',
    roleWith([
      inline(
        'x',
        document(
          grantOf('s3:*', '*', {
            Condition: {
              StringEquals: {
                'aws:sub': '1',
                'a.b:subject': '2',
                'x a.b:sub': '3',
                'aws:FederatedProviders': '4',
                'my-aws:FederatedProvider': '5',
              },
            },
          }),
        ),
      ),
    ]),
    true,
    [],
  ],
])('policies that ask for claims of OIDC: %s', (_why, role, sessionTags, said) => {
  expect(told(oidcClaims(role, { ...identity, sessionTags }))).toEqual(said)
})

it('knows of a call by a pod what is always so, and of its resource where that is', () => {
  const context = podSessionContext({ arn: 'arn:aws:iam::111122223333:role/r', tags: {} }, identity, [])
  expect(context('arn:aws:sqs:us-west-2:999900001111:q')).toEqual({
    'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/r',
    'aws:PrincipalAccount': '111122223333',
    'aws:PrincipalType': 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:CalledVia': null,
    'aws:SourceArn': null,
    'aws:SourceAccount': null,
    'aws:SourceIdentity': null,
    'aws:MultiFactorAuthPresent': 'false',
    'aws:MultiFactorAuthAge': null,
    'aws:FederatedProvider': null,
    'aws:username': null,
    'aws:SecureTransport': 'true',
    'aws:RequestedRegion': 'us-west-2',
    'aws:ResourceAccount': '999900001111',
  })
  const {
    'aws:RequestedRegion': region,
    'aws:ResourceAccount': owner,
    ...rest
  } = context('arn:aws:sqs:us-west-*:99990000111?:q')
  expect([region, owner]).toEqual([undefined, undefined])
  expect(context('*')).toEqual(rest)
  expect(context('arn:aws:sqs:*us-west-2:1999900001111:q')).toEqual(rest)
  expect(context('arn:aws:sqs:us-west-2*:9999000011112:q')).toEqual(rest)
})
