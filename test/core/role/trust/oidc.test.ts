import { expect, it } from 'vitest'
import type { Request } from '../../../../core/request.ts'
import { appendedTrust } from '../../../../core/role/trust/append.ts'
import { letsInByOidc, oidcRemoval } from '../../../../core/role/trust/oidc.ts'
import { plannedTrust } from '../../../../core/role/trust/planned.ts'
import { told } from '../../told.ts'

const cluster = { name: 'shop', arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop' }
const identity = {
  cluster,
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'carts',
  sessionTags: true,
}
const issuer = 'oidc.eks.us-west-2.amazonaws.com/id/SHOP'
const subject = { issuer, cluster: 'shop', namespace: 'carts', serviceAccount: 'carts' }
const own = 'system:serviceaccount:carts:carts'
const orders = 'system:serviceaccount:shop:orders'
const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer}`

const oidc = (more: object = {}) => ({
  Sid: 'Irsa',
  Effect: 'Allow',
  Principal: { Federated: provider },
  Action: 'sts:AssumeRoleWithWebIdentity',
  ...more,
})
const when = (operator: string, value: unknown, more: object = {}) => ({
  Condition: { [operator]: { [`${issuer}:sub`]: value }, ...more },
})
const pods = {
  Sid: 'Pods',
  Effect: 'Allow',
  Principal: { Service: 'pods.eks.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
}
const text = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement })
const compact = (line: string) =>
  line.replace(/'(\{\n[\s\S]*\})'$/, (_, json: string) => JSON.stringify(JSON.parse(json)))

/** What would be done, the statements that are left, and what is said of those that stay. */
const removal = (trust: string): string[] => {
  const { change, findings } = oidcRemoval({ name: 'carts', trust }, subject)
  return [
    ...(change?.what ?? []),
    ...(change
      ? (JSON.parse(change.planned) as { Statement: object[] }).Statement.map((one) => JSON.stringify(one))
      : []),
    ...told(findings).map(compact),
  ]
}

it.each<[why: string, trust: string, said: string[], concerned?: boolean]>([
  [
    'it is for this ServiceAccount alone',
    text(oidc(when('StringEquals', own)), pods),
    [
      'take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC',
      '{"Sid":"Pods","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}',
    ],
  ],
  [
    'in a list, and with an audience',
    text(
      oidc(
        when('ForAnyValue:StringLike', [own], { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' } }),
      ),
    ),
    ['take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC'],
  ],
  [
    'for others too',
    text(oidc(when('StringEquals', [own, orders, 'x'], { StringLike: { a: 'b' } }))),
    [
      'take system:serviceaccount:carts:carts out of statement Irsa, which lets in system:serviceaccount:shop:orders, x by OIDC besides',
      '{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:shop:orders","x"]},"StringLike":{"a":"b"}}}',
    ],
  ],
  [
    'by a wildcard',
    text(oidc(when('StringLike', ['system:*', 'system:serviceaccount:carts:*', orders]))),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for system:* and system:serviceaccount:carts:*, which others fit as well',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:*","system:serviceaccount:carts:*","system:serviceaccount:shop:orders"]},"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}}]}',
    ],
  ],
  [
    'by a wildcard, with an exception already',
    text(
      oidc({
        Condition: {
          StringLike: { [`${issuer}:sub`]: 'system:*' },
          StringNotEquals: { [`${issuer}:sub`]: 'a', other: 'b' },
        },
      }),
    ),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it asks for oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub more than once',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'a star that StringEquals takes as it stands',
    text(oidc(when('StringEquals', [own, 'system:*']))),
    [
      'take system:serviceaccount:carts:carts out of statement Irsa, which lets in system:* by OIDC besides',
      '{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:*"]}}}',
    ],
  ],
  ['a star alone that it takes so', text(oidc(when('StringEquals', 'system:*'))), [], false],
  [
    'no subject',
    text(oidc()),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for every ServiceAccount of the cluster, as it asks for no subject',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}}]}',
    ],
  ],
  [
    'no subject, in capitals for another key',
    text(oidc({ Condition: { StringEquals: { [`${issuer}:AUD`]: 'x' } } })),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for every ServiceAccount of the cluster, as it asks for no subject',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:AUD":"x"},"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}}]}',
    ],
  ],
  [
    'the subject in capitals',
    text(oidc({ Condition: { stringequals: { [`${issuer}:SUB`]: own } } })),
    ['take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC'],
  ],
  [
    'the subject twice',
    text(
      oidc({
        Condition: { StringEquals: { [`${issuer}:sub`]: own }, StringLike: { [`${issuer}:sub`]: own } },
      }),
    ),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it asks for oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub more than once',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'an operator that is another',
    text(oidc(when('StringEqualsIgnoreCase', own))),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it asks for oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub by StringEqualsIgnoreCase',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'an operator that only ends like one',
    text(oidc(when('ForAllValues:StringEquals', own))),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it asks for oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub by ForAllValues:StringEquals',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'another that is named',
    text(
      oidc({
        Principal: { Federated: provider, AWS: 'arn:aws:iam::123456789012:root' },
        ...when('StringEquals', own),
      }),
    ),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it names other principals besides',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'a service that is',
    text(oidc({ Principal: { Federated: provider, Service: 'a.b' }, ...when('StringEquals', own) })),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it names other principals besides',
      '→ See whom else it lets in, and write a statement for each of them before this one goes.',
      '? aws iam get-role --role-name carts --query Role.AssumeRolePolicyDocument',
    ],
  ],
  [
    'an unnamed statement',
    text(oidc({ Sid: undefined })),
    [
      'warning oidc-trust-stays, role carts: statement #1 of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for every ServiceAccount of the cluster, as it asks for no subject',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}}]}',
    ],
  ],
  ['another ServiceAccount', text(oidc(when('StringEquals', orders))), [], false],
  ['a Deny', text(oidc({ Effect: 'Deny', ...when('StringEquals', own) })), [], false],
  ['another action', text(oidc({ Action: 'sts:AssumeRole', ...when('StringEquals', own) })), [], false],
  [
    'every action but another',
    text({ ...oidc(when('StringEquals', own)), Action: undefined, NotAction: 'sts:TagSession' }),
    ['take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC'],
  ],
  [
    'every action but this',
    text({ ...oidc(when('StringEquals', own)), Action: undefined, NotAction: 'sts:*' }),
    [],
    false,
  ],
  ['another provider', text(oidc({ Principal: { Federated: `${provider}2` } })), [], false],
  [
    'who is left out',
    text({ ...oidc(), Principal: undefined, NotPrincipal: { Federated: provider } }),
    [],
    false,
  ],
  [
    'one of several actions',
    text(oidc({ Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'], ...when('StringEquals', own) })),
    ['take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC'],
  ],
  [
    'a document with an element that nobody knows',
    text(oidc({ Extra: 1, ...when('StringEquals', own) })),
    [],
  ],
  ['a document that cannot be read', '{', [], false],
  [
    'an exception in a document that was let grow beyond the usual length',
    text(
      oidc(when('StringLike', 'system:*')),
      ...Array.from({ length: 12 }, (_, at) => ({
        ...pods,
        Sid: `S${at}`,
        Principal: { Service: `${'x'.repeat(40)}.amazonaws.com` },
      })),
    ),
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for system:*, which others fit as well',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringLike":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":"system:*"},"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}},{"Sid":"S0","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S1","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S2","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S3","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S4","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S5","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S6","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S7","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S8","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S9","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S10","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"S11","Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
    ],
  ],
])('what OIDC no longer has to grant: %s', (_why, trust, said, concerned = true) => {
  expect(removal(trust)).toEqual(said)
  expect(letsInByOidc(trust, subject)).toBe(concerned)
})

const request = (more: Partial<Request>) =>
  ({
    account: '123456789012',
    namespace: 'carts',
    serviceAccount: 'carts',
    sessionTags: true,
    manageTrust: true,
    finish: false,
    removeOidcTrust: false,
    ...more,
  }) as Request
const both = text(oidc(when('StringEquals', own)), pods)

it.each<
  [
    why: string,
    more: Partial<Request>,
    oidcIssuer: string | undefined,
    trust: string,
    what: string[] | undefined,
    said: string[],
  ]
>([
  ['it may not write any', { manageTrust: false }, issuer, text(), undefined, []],
  ['a statement for the pods', {}, issuer, text(), ['add a statement for carts/carts of shop alone'], []],
  ['they are let in already', {}, issuer, both, undefined, []],
  [
    'the end of a migration',
    { finish: true, removeOidcTrust: true },
    issuer,
    both,
    ['take out statement Irsa, which lets system:serviceaccount:carts:carts of shop in by OIDC'],
    [],
  ],
  ['its end, and the trust stays', { finish: true }, issuer, both, undefined, []],
  [
    'nothing is taken from who would have nothing',
    { finish: true, removeOidcTrust: true },
    issuer,
    text(oidc(when('StringEquals', own))),
    undefined,
    [],
  ],
  [
    'nobody knows the issuer',
    { finish: true, removeOidcTrust: true },
    undefined,
    both,
    undefined,
    [
      'warning oidc-issuer-unknown, role carts: EKS does not say which OIDC issuer shop has, so that its trust policy stays as it is',
      '→ Take the statement out by hand, or ask again later.',
    ],
  ],
  ['nothing is to be taken out', { finish: true, removeOidcTrust: true }, issuer, text(pods), undefined, []],
  [
    'others stay',
    { finish: true, removeOidcTrust: true },
    issuer,
    text(oidc(), pods),
    undefined,
    [
      'warning oidc-trust-stays, role carts: statement Irsa of its trust policy lets system:serviceaccount:carts:carts in by OIDC and stays: it is for every ServiceAccount of the cluster, as it asks for no subject',
      '→ Leave this ServiceAccount alone out of it; nothing changes for others.',
      '$ aws iam update-assume-role-policy --role-name carts --policy-document {"Version":"2012-10-17","Statement":[{"Sid":"Irsa","Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/SHOP"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringNotEquals":{"oidc.eks.us-west-2.amazonaws.com/id/SHOP:sub":["system:serviceaccount:carts:carts"]}}},{"Sid":"Pods","Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]}]}',
    ],
  ],
])('what a run would write of a trust policy: %s', (_why, more, oidcIssuer, trust, what, said) => {
  const { change, findings } = plannedTrust(
    request(more),
    { ...cluster, oidcIssuer },
    { name: 'carts', trust },
  )
  expect(change?.what).toEqual(what)
  expect(told(findings).map(compact)).toEqual(said)
})

it.each<[why: string, trust: string, sessionTags: boolean, change: object | undefined]>([
  [
    'with tags',
    text(),
    true,
    {
      found: '{"Version":"2012-10-17","Statement":[]}',
      planned:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:123456789012:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      what: ['add a statement for carts/carts of shop alone'],
    },
  ],
  [
    'without tags',
    text(),
    false,
    {
      found: '{"Version":"2012-10-17","Statement":[]}',
      planned:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":"arn:aws:eks:us-west-2:123456789012:cluster/shop"}}}]}',
      what: ['add a statement for shop alone, as the association switches session tags off'],
    },
  ],
  ['a text that cannot be read', '{', true, undefined],
  ['a Deny of everybody', text({ Effect: 'Deny', Principal: '*', Action: 'sts:*' }), true, undefined],
  ['no room', text({ ...pods, Principal: { Service: 'x'.repeat(1800) } }), true, undefined],
])('adds a statement for the pods: %s', (_why, trust, sessionTags, change) => {
  expect(appendedTrust(trust, { ...identity, sessionTags })).toEqual(change)
})

/** A trust policy that lets the ServiceAccount in by a wildcard, or (`''`) not at all, of so many characters. */
const ofSize = (size: number, like: string): string => {
  const filled = (filler: number) =>
    text(...(like ? [oidc(when('StringLike', like))] : []), {
      ...pods,
      Sid: 'Others',
      Principal: { Service: 'x'.repeat(filler) },
    })
  return filled(size - filled(0).length)
}
const [exception, statement] = [105, 325]

it.each<[why: string, size: number, does: boolean]>([
  ['it just fits', 2048 - exception, true],
  ['it does not', 2048 - exception + 1, false],
  ['the longest that fits', 8192 - exception, true],
  ['longer than any', 8192 - exception + 1, false],
])('an exception is proposed where there is room for it: %s', (_why, size, does) => {
  const { findings } = oidcRemoval({ name: 'carts', trust: ofSize(size, 'system:*') }, subject)
  expect(findings[0]?.remedy?.looks).toBe(does ? undefined : true)
})

it.each<[why: string, size: number, does: boolean]>([
  ['it just fits', 2048 - statement, true],
  ['it does not', 2048 - statement + 1, false],
])('a statement for the pods is added where there is room for it: %s', (_why, size, does) => {
  expect(appendedTrust(ofSize(size, ''), identity) !== undefined).toBe(does)
})
