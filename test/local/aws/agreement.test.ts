import { DescribeClusterCommand, EKSClient, ListPodIdentityAssociationsCommand } from '@aws-sdk/client-eks'
import { GetRoleCommand, IAMClient, ListRolePoliciesCommand } from '@aws-sdk/client-iam'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { iam } from '../../../adapters/iam/iam.ts'
import { blocking } from '../../../core/findings.ts'
import { checkPermissions } from '../../../core/role/permissions/permissions.ts'
import type { RoleFacts } from '../../../core/role/role.ts'
import { checkTrust } from '../../../core/role/trust/trust.ts'
import { type AwsStandIn, startAws } from '../../../local/aws/index.ts'
import { virtualClock } from '../../../local/clock.ts'
import { podIdentityTrust } from '../../../local/scenarios/workshop/account.ts'
import { quietRuntime } from '../../support/servers/quiet-runtime.ts'
import { config } from './support.ts'

// What the role check says of a role beforehand, beside what a pod's calls with that role's credentials get.

const account = '123456789012'
const cluster = { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` }
const roleArn = `arn:aws:iam::${account}:role/carts`
const pod = {
  cluster: 'shop',
  namespace: 'carts',
  serviceAccount: 'carts',
  pod: { name: 'carts-1', uid: 'u-1' },
}

const draws = process.env.PODID_EXHAUSTIVE ? 200 : 10

let aws: AwsStandIn
beforeAll(async () => {
  aws = await startAws({ account })
  aws.state.addCluster({ name: cluster.name })
})
afterAll(() => aws.close())

interface Drawn {
  trust?: object
  inline?: Record<string, object>
  boundary?: object
  /** A session policy, for which EKS wants session tags off. */
  session?: object
}

/** Puts the role and its association in place and reads the role as the check would. */
const arrange = async (
  { trust = podIdentityTrust, inline = {}, boundary, session }: Drawn,
  sessionTags = !session,
) => {
  const limits = boundary && aws.state.addPolicy({ name: 'limits', versions: [boundary] })
  aws.state.addRole({ name: 'carts', trust, inline, ...(limits && { boundary: limits.arn }) })
  for (const { id } of aws.associations.list('shop')) aws.associations.delete(id)
  aws.state.addAssociation({
    clusterName: 'shop',
    namespace: 'carts',
    serviceAccount: 'carts',
    roleArn,
    ...(!sessionTags && { disableSessionTags: true }),
    ...(session && { policy: JSON.stringify(session) }),
  })
  const runtime = quietRuntime(aws.url, { credentials: aws.credentials, clock: virtualClock() })
  const role = (await iam(runtime, aws.region).readRole(roleArn)) as RoleFacts
  return { role, identity: { cluster, account, namespace: 'carts', serviceAccount: 'carts', sessionTags } }
}

describe('permissions', () => {
  const calls = [
    {
      action: 'eks:DescribeCluster',
      resource: cluster.arn,
      call: ({ eks }: Clients) => eks.send(new DescribeClusterCommand({ name: 'shop' })),
    },
    {
      action: 'eks:ListPodIdentityAssociations',
      resource: cluster.arn,
      call: ({ eks }: Clients) => eks.send(new ListPodIdentityAssociationsCommand({ clusterName: 'shop' })),
    },
    {
      action: 'iam:GetRole',
      resource: roleArn,
      call: ({ iam: client }: Clients) => client.send(new GetRoleCommand({ RoleName: 'carts' })),
    },
    {
      action: 'iam:ListRolePolicies',
      resource: roleArn,
      call: ({ iam: client }: Clients) => client.send(new ListRolePoliciesCommand({ RoleName: 'carts' })),
    },
  ]
  interface Clients {
    eks: EKSClient
    iam: IAMClient
  }

  /** The clients of a program in the pod. */
  const inPod = (): Clients => {
    const got = aws.assumeForPod(pod)
    if ('error' in got) throw new Error(got.error)
    const credentials = aws.state.principals.issue(got.session, Date.now() + 3_600_000)
    return { eks: new EKSClient(config(aws, credentials)), iam: new IAMClient(config(aws, credentials)) }
  }

  const expectAgreement = async (drawn: Drawn) => {
    const { role, identity } = await arrange(drawn)
    const needs = calls.map(({ action, resource }) => ({ actions: [action], resources: [resource] }))
    const { verdicts } = checkPermissions({ ...identity, role, needs, session: drawn.session })
    const clients = inPod()
    const answers = await Promise.all(
      calls.map(({ call }) =>
        call(clients).then(
          () => 'granted',
          (error: Error) => error.name.replace('Exception', ''),
        ),
      ),
    )
    const decisions = verdicts.map(({ granted, decision }) =>
      granted ? 'granted' : decision === 'conditional' ? 'open' : 'AccessDenied',
    )
    const settled = answers.map((answer, at) => (decisions[at] === 'open' ? 'open' : answer))
    expect(decisions, JSON.stringify(drawn)).toEqual(settled)
    return decisions
  }

  const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
  const allow = (Action: string, Resource = '*', more: object = {}) => ({
    Effect: 'Allow',
    Action,
    Resource,
    ...more,
  })
  const when = (operator: string, key: string, value: string) => ({
    Condition: { [operator]: { [key]: value } },
  })

  const rows: [string, Drawn][] = [
    ['nothing granted', {}],
    ['everything', { inline: { a: document(allow('*')) } }],
    [
      'by the session’s namespace',
      {
        inline: {
          a: document(
            allow('*', '*', when('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts')),
          ),
        },
      },
    ],
    [
      'by another namespace',
      {
        inline: {
          a: document(
            allow('*', '*', when('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'orders')),
          ),
        },
      },
    ],
    [
      'by its own cluster',
      {
        inline: {
          a: document(allow('eks:*', `arn:aws:eks:*:*:cluster/\${aws:PrincipalTag/eks-cluster-name}`)),
        },
      },
    ],
    [
      'by the pod’s name, which is open',
      {
        inline: {
          a: document(allow('*', '*', when('StringLike', 'aws:PrincipalTag/kubernetes-pod-name', 'carts-*'))),
        },
      },
    ],
    ['by TLS', { inline: { a: document(allow('*', '*', when('Bool', 'aws:SecureTransport', 'true'))) } }],
    [
      'not through another service',
      { inline: { a: document(allow('*', '*', when('Bool', 'aws:ViaAWSService', 'false'))) } },
    ],
    [
      'by the role’s ARN',
      {
        inline: {
          a: document(allow('*', '*', when('ArnLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/carts'))),
        },
      },
    ],
    [
      'in another region',
      {
        inline: {
          a: document(allow('eks:*', '*', when('StringEquals', 'aws:RequestedRegion', 'eu-west-1'))),
        },
      },
    ],
    ['within a boundary', { inline: { a: document(allow('*')) }, boundary: document(allow('eks:*')) }],
    [
      'within a session policy',
      { inline: { a: document(allow('*')) }, session: document(allow('iam:GetRole')) },
    ],
  ]
  it.each(rows)('agree: %s', async (why, drawn) => {
    expect((await expectAgreement(drawn)).includes('open')).toBe(why.includes('open'))
  })

  it('agree on policies drawn at random', async () => {
    let state = 7
    const pick = <Item>(items: readonly Item[]): Item => {
      state = (state * 48271) % 2147483647
      return items[state % items.length] as Item
    }
    const statement = () => ({
      Effect: pick(['Allow', 'Allow', 'Allow', 'Deny']),
      [pick(['Action', 'Action', 'Action', 'NotAction'])]: pick([
        'eks:*',
        'iam:*',
        '*',
        'eks:Describe*',
        'iam:GetRole',
        'eks:list*',
      ]),
      [pick(['Resource', 'Resource', 'NotResource'])]: pick([
        '*',
        cluster.arn,
        roleArn,
        'arn:aws:eks:*',
        `arn:aws:iam::${account}:role/\${aws:PrincipalTag/kubernetes-namespace}`,
      ]),
      ...pick([
        {},
        {},
        when('StringEquals', 'aws:PrincipalTag/kubernetes-namespace', 'carts'),
        when('StringNotEqualsIfExists', 'aws:PrincipalTag/eks-cluster-name', 'shop'),
        when('Null', 'aws:PrincipalTag/kubernetes-service-account', 'true'),
      ]),
    })
    const draw = () => document(...Array.from({ length: pick([1, 2, 3]) }, statement))
    const decisions: string[] = []
    for (let count = 0; count < draws; count++) {
      const drawn = {
        inline: { a: draw(), b: document(allow('*')) },
        ...pick([{}, {}, { boundary: draw() }, { session: draw() }]),
      }
      decisions.push(...(await expectAgreement(count % 2 ? drawn : { ...drawn, inline: { a: draw() } })))
    }
    // Open is only what NotResource excludes by a variable without a value.
    expect(decisions.filter((answer) => answer === 'open').length).toBeLessThan(decisions.length / 10)
    for (const answer of ['granted', 'AccessDenied'])
      expect(decisions.filter((each) => each === answer).length).toBeGreaterThan(draws / 3)
  })
})

describe('trust', () => {
  const trusting = (more: object = {}) => ({ ...podIdentityTrust.Statement[0], ...more })
  const when = (operator: string, key: string, value: unknown) =>
    trusting({ Condition: { [operator]: { [key]: value } } })
  const rows: [string, object[], boolean, boolean][] = [
    ['the workshop’s', [trusting()], true, true],
    ['no sts:TagSession', [trusting({ Action: 'sts:AssumeRole' })], true, false],
    ['no sts:TagSession, and no tags', [trusting({ Action: 'sts:AssumeRole' })], false, true],
    ['this cluster', [when('ArnEquals', 'aws:SourceArn', cluster.arn)], true, true],
    ['another cluster', [when('ArnEquals', 'aws:SourceArn', `${cluster.arn}-2`)], true, false],
    [
      'an association',
      [when('ArnLike', 'aws:SourceArn', `arn:aws:eks:us-west-2:${account}:podidentityassociation/*`)],
      true,
      false,
    ],
    ['this account', [when('StringEquals', 'aws:SourceAccount', account)], true, true],
    ['this namespace', [when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts')], true, true],
    [
      'this namespace, and no tags',
      [when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts')],
      false,
      false,
    ],
    ['some tags at least', [when('ForAnyValue:StringLike', 'aws:TagKeys', 'kubernetes-*')], true, true],
    ['no external id', [when('Null', 'sts:ExternalId', 'true')], true, true],
    ['a Deny', [trusting(), trusting({ Effect: 'Deny' })], true, false],
    ['another service', [trusting({ Principal: { Service: 'ec2.amazonaws.com' } })], true, false],
  ]
  it.each(rows)('agrees: %s', async (_why, statements, tags, expected) => {
    const { role, identity } = await arrange(
      { trust: { Version: '2012-10-17', Statement: statements } },
      tags,
    )
    expect(blocking(checkTrust({ ...identity, role })).length === 0).toBe(expected)
    expect('session' in aws.assumeForPod(pod)).toBe(expected)
  })
})

describe('a target role', () => {
  const target = `arn:aws:iam::${account}:role/data`
  const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
  const trusting = (AWS: string, more: object = {}) =>
    document({ Effect: 'Allow', Principal: { AWS }, Action: ['sts:AssumeRole', 'sts:TagSession'], ...more })
  const assume = { a: document({ Effect: 'Allow', Action: 'sts:*', Resource: target }) }
  const rows: [string, Record<string, object>, object, boolean][] = [
    ['both agree', assume, trusting(account), true],
    ['the target trusts nobody', assume, document(), false],
    ['the target trusts the account, our role may not', {}, trusting(account), false],
    ['the target names our role, which suffices', {}, trusting(roleArn), true],
    ['the target names another', assume, trusting(`${roleArn}-2`), false],
    [
      'our role is forbidden',
      { a: document({ Effect: 'Deny', Action: '*', Resource: '*' }) },
      trusting(roleArn),
      false,
    ],
    ['no tagging', assume, trusting(account, { Action: 'sts:AssumeRole' }), false],
  ]
  it.each(rows)('agrees: %s', async (_why, inline, trust, expected) => {
    const { role, identity } = await arrange({ inline })
    const { name, path } = aws.state.addRole({ name: 'data', trust })
    const [association] = aws.associations.list('shop')
    if (association) association.targetRoleArn = target
    const facts = { name, path, arn: target, trust, policies: [] }
    const { findings } = checkPermissions({ ...identity, role, needs: [], targetRole: target, target: facts })
    expect(blocking(findings).length === 0).toBe(expected)
    expect('session' in aws.assumeForPod(pod)).toBe(expected)
  })
})
