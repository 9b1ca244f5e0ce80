import { expect, it } from 'vitest'
import { checkTrust, letsPodsIn } from '../../../../core/role/trust/trust.ts'
import { told } from '../../told.ts'

const account = '111122223333'
const cluster = { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` }
const identity = { cluster, account, namespace: 'carts', serviceAccount: 'carts', sessionTags: true }
const both = ['sts:AssumeRole', 'sts:TagSession']
const pods = { Service: 'pods.eks.amazonaws.com' }

const trusting = (statement: object = {}) => ({
  Effect: 'Allow',
  Principal: pods,
  Action: both,
  ...statement,
})
const of = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })
const when = (operator: string, key: string, value: unknown) =>
  of(trusting({ Condition: { [operator]: { [key]: value } } }))
const deny = (statement: object = {}) => trusting({ Sid: 'No', Effect: 'Deny', ...statement })

/** All that is said, the document of a command on one line. */
const said = (trust: unknown, changes: Partial<typeof identity> = {}): string[] =>
  told(checkTrust({ ...identity, ...changes, role: { name: 'role 1', trust } })).map((line) =>
    line.replace(/'(\{\n[\s\S]*\})'$/, (_, json: string) => JSON.stringify(JSON.parse(json))),
  )

it.each<[why: string, trust: unknown, lines: string[], changes?: Partial<typeof identity>]>([
  [
    'an association for the cluster',
    when('ArnEquals', 'aws:SourceArn', `arn:aws:eks:us-west-2:${account}:podidentityassociation/shop/a-1`),
    [
      "blocking trust-source-arn-is-association, role role 1: its trust policy (statement #1) asks for aws:SourceArn ArnEquals arn:aws:eks:us-west-2:111122223333:podidentityassociation/shop/a-1: the ARN of an association, where EKS sends the cluster's, arn:aws:eks:us-west-2:111122223333:cluster/shop",
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:eks:us-west-2:111122223333:podidentityassociation/shop/a-1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'another cluster',
    when('StringEquals', 'aws:SourceArn', [`${cluster.arn}-2`, `arn:aws:eks:*:${account}:cluster/*`]),
    [
      'blocking trust-source-arn-other-cluster, role role 1: its trust policy (statement #1) asks for aws:SourceArn StringEquals arn:aws:eks:us-west-2:111122223333:cluster/shop-2 or arn:aws:eks:*:111122223333:cluster/* (StringEquals compares a * as it stands; StringLike and ArnLike take it as a wildcard); this cluster is arn:aws:eks:us-west-2:111122223333:cluster/shop',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceArn":["arn:aws:eks:us-west-2:111122223333:cluster/shop-2","arn:aws:eks:*:111122223333:cluster/*"]}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a wildcard that is none',
    when('StringEqualsIgnoreCase', 'aws:SourceArn', '*'),
    [
      'blocking trust-source-arn-other-cluster, role role 1: its trust policy (statement #1) asks for aws:SourceArn StringEqualsIgnoreCase * (StringEqualsIgnoreCase compares a * as it stands; StringLike and ArnLike take it as a wildcard); this cluster is arn:aws:eks:us-west-2:111122223333:cluster/shop',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEqualsIgnoreCase":{"aws:SourceArn":"*"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'one that is',
    when('ArnEquals', 'aws:SourceArn', 'arn:aws:eks:*:*:cluster/other*'),
    [
      'blocking trust-source-arn-other-cluster, role role 1: its trust policy (statement #1) asks for aws:SourceArn ArnEquals arn:aws:eks:*:*:cluster/other*; this cluster is arn:aws:eks:us-west-2:111122223333:cluster/shop',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:eks:*:*:cluster/other*"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'another account',
    when('StringEquals', 'AWS:SourceAccount', '999900001111'),
    [
      'blocking trust-source-account-other, role role 1: its trust policy (statement #1) asks for AWS:SourceAccount StringEquals 999900001111; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"AWS:SourceAccount":"999900001111"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'another namespace',
    when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'orders'),
    [
      'blocking trust-request-tag-other, role role 1: its trust policy (statement #1) asks for aws:RequestTag/kubernetes-namespace StringEquals orders; here it is carts',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/kubernetes-namespace":"orders"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a tag where there are none',
    when('StringEquals', 'aws:RequestTag/kubernetes-namespace', 'carts'),
    [
      'blocking trust-request-tag-without-session-tags, role role 1: its trust policy (statement #1) asks for aws:RequestTag/kubernetes-namespace StringEquals carts, but the association switches session tags off, so that no request has any',
      '→ Add a statement for shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/kubernetes-namespace":"carts"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceArn":"arn:aws:eks:us-west-2:111122223333:cluster/shop"}}}]}',
    ],
    { sessionTags: false },
  ],
  [
    'a tag that EKS never sends',
    when('StringEquals', 'aws:RequestTag/team', 'carts'),
    [
      'blocking trust-condition-unmet, role role 1: its trust policy (statement #1) asks for aws:RequestTag/team StringEquals carts, which no request of EKS for this cluster meets',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/team":"carts"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'an external id',
    when('StringEquals', 'sts:ExternalId', 'x'),
    [
      'blocking trust-condition-unmet, role role 1: its trust policy (statement #1) asks for sts:ExternalId StringEquals x, which no request of EKS for this cluster meets',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'several conditions, and a nearer statement',
    of(
      trusting({
        Sid: 'Far',
        Condition: { StringEquals: { 'aws:SourceAccount': '1', 'sts:ExternalId': 'x' } },
      }),
      trusting({ Sid: 'Near', Condition: { StringEquals: { 'aws:SourceAccount': '2' } } }),
    ),
    [
      'blocking trust-source-account-other, role role 1: its trust policy (statement Near) asks for aws:SourceAccount StringEquals 2; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"Far","Condition":{"StringEquals":{"aws:SourceAccount":"1","sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"Near","Condition":{"StringEquals":{"aws:SourceAccount":"2"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'two of one statement',
    of(trusting({ Condition: { StringEquals: { 'aws:SourceAccount': '1', 'sts:ExternalId': 'x' } } })),
    [
      'blocking trust-source-account-other, role role 1: its trust policy (statement #1) asks for aws:SourceAccount StringEquals 1; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceAccount":"1","sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'blocking trust-condition-unmet, role role 1: its trust policy (statement #1) asks for sts:ExternalId StringEquals x, which no request of EKS for this cluster meets',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceAccount":"1","sts:ExternalId":"x"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'each action has its own',
    of(
      trusting({
        Sid: 'A',
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
      }),
      trusting({
        Sid: 'T',
        Action: 'sts:TagSession',
        Condition: { StringEquals: { 'aws:SourceAccount': '2' } },
      }),
    ),
    [
      'blocking trust-source-account-other, role role 1: its trust policy (statement A) asks for aws:SourceAccount StringEquals 1; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Sid":"A","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:TagSession","Sid":"T","Condition":{"StringEquals":{"aws:SourceAccount":"2"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'blocking trust-source-account-other, role role 1: its trust policy (statement T) asks for aws:SourceAccount StringEquals 2; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Sid":"A","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:TagSession","Sid":"T","Condition":{"StringEquals":{"aws:SourceAccount":"2"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a Deny of everybody',
    of(trusting(), deny({ Principal: '*' })),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession (statement No)',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"],"Sid":"No","Condition":{"StringNotEquals":{"aws:PrincipalServiceName":"pods.eks.amazonaws.com"}}}]}',
    ],
  ],
  [
    'a Deny of everybody but others',
    of(trusting(), {
      Sid: 'No',
      Effect: 'Deny',
      NotPrincipal: { Service: 'ec2.amazonaws.com' },
      Action: 'sts:TagSession',
    }),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:TagSession (statement No)',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"No","Effect":"Deny","NotPrincipal":{"Service":"ec2.amazonaws.com"},"Action":"sts:TagSession","Condition":{"StringNotEquals":{"aws:PrincipalServiceName":"pods.eks.amazonaws.com"}}}]}',
    ],
  ],
  [
    'a Deny of the service, and no grant',
    of(deny()),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession (statement No)',
      '→ Ask who wrote statement No whether it may go; nobody denies a service by accident.',
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts nobody',
      '→ Ask who wrote statement No whether it may go; nobody denies a service by accident.',
    ],
  ],
  [
    'a Deny that asks for the service’s name',
    of(
      trusting(),
      deny({
        Principal: '*',
        Condition: { StringEquals: { 'AWS:PrincipalServiceName': 'pods.eks.amazonaws.com' } },
      }),
    ),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession (statement No)',
      '→ Ask who wrote statement No whether it may go; nobody denies a service by accident.',
    ],
  ],
  [
    'a Deny of everybody, and no grant',
    of(deny({ Principal: '*' })),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession (statement No)',
      '→ Exempt pods.eks.amazonaws.com from the Deny, and add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"],"Sid":"No","Condition":{"StringNotEquals":{"aws:PrincipalServiceName":"pods.eks.amazonaws.com"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts nobody',
      '→ Exempt pods.eks.amazonaws.com from the Deny, and add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["sts:AssumeRole","sts:TagSession"],"Sid":"No","Condition":{"StringNotEquals":{"aws:PrincipalServiceName":"pods.eks.amazonaws.com"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a condition that nobody knows',
    when('StringEquals', 'aws:SourceIp', '10.0.0.1'),
    [
      'warning trust-conditional, role role 1: whether EKS may sts:AssumeRole and sts:TagSession depends on aws:SourceIp (trust policy, #1), which cannot be known before a pod asks',
      '→ Make sure that your pods meet these conditions; a pod that does not gets no credentials.',
    ],
  ],
  [
    'several',
    of(
      trusting({
        Sid: 'A',
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceIp': '1', 'aws:SourceOrgID': 'o' } },
      }),
      trusting({ Sid: 'T', Action: 'sts:TagSession', Condition: { StringEquals: { 'aws:SourceIp': '2' } } }),
    ),
    [
      'warning trust-conditional, role role 1: whether EKS may sts:AssumeRole and sts:TagSession depends on aws:SourceIp, aws:SourceOrgID (trust policy, A, T), which cannot be known before a pod asks',
      '→ Make sure that your pods meet these conditions; a pod that does not gets no credentials.',
    ],
  ],
  [
    'anybody may',
    of(trusting({ Principal: '*' })),
    [
      'warning trust-open-to-everybody, role role 1: its trust policy (statement #1) lets everybody in AWS assume the role, of whatever account',
      '→ Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
    ],
  ],
  [
    'any account may',
    of(trusting(), trusting({ Principal: { AWS: '*' } })),
    [
      'warning trust-open-to-everybody, role role 1: its trust policy (statement #2) lets everybody in AWS assume the role, of whatever account',
      '→ Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
    ],
  ],
  [
    'no document',
    7,
    [
      'blocking trust-document-invalid, role role 1: its trust policy cannot be read: the document 7 is not a policy document; it should be an object with Version and Statement',
      '→ Correct the document at the place that is named; this only shows it. If IAM is right about it, podid does not know what stands there.',
      "? aws iam get-role --role-name 'role 1' --query Role.AssumeRolePolicyDocument",
    ],
  ],
  [
    'a fault in it',
    of({ Effect: 'Allow', Principal: pods }),
    [
      'blocking trust-document-invalid, role role 1: its trust policy cannot be read: Statement[0] has neither Action nor NotAction',
      '→ Correct the document at the place that is named; this only shows it. If IAM is right about it, podid does not know what stands there.',
      "? aws iam get-role --role-name 'role 1' --query Role.AssumeRolePolicyDocument",
    ],
  ],
  [
    'a document that is full',
    of(
      ...Array.from({ length: 15 }, (_, at) =>
        trusting({
          Sid: `S${at}`,
          Principal: { Service: `service-${String(at).padStart(40, 'x')}.amazonaws.com` },
        }),
      ),
    ),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx3.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx4.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx5.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx6.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx8.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx9.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx10.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx11.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx12.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx13.amazonaws.com, service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx14.amazonaws.com',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S0"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S1"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S2"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx3.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S3"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx4.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S4"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx5.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S5"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx6.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S6"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx7.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S7"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx8.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S8"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx9.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S9"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx10.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S10"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx11.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S11"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx12.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S12"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx13.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S13"},{"Effect":"Allow","Principal":{"Service":"service-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx14.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"S14"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'one that has room for the cluster alone',
    of(trusting({ Principal: { Service: 'x'.repeat(1630) } })),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      '→ Add a statement for shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceArn":"arn:aws:eks:us-west-2:111122223333:cluster/shop"}}}]}',
    ],
  ],
  [
    'one that was let grow',
    of(trusting({ Principal: { Service: 'x'.repeat(2100) } })),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'one that was, and is full',
    of(trusting({ Principal: { Service: 'x'.repeat(8000) } })),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      '→ The trust policy has 8129 characters without white space and would have 8454, where IAM takes 8192 at most. Give the pods a role of their own (podid role), or take out what is no longer used.',
    ],
  ],
  [
    'two Denies of the service',
    of(trusting(), deny({ Sid: 'A' }), deny({ Sid: 'B', Action: 'sts:TagSession' })),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole and sts:TagSession (statement A)',
      '→ Ask who wrote statement A whether it may go; nobody denies a service by accident. Ask who wrote statement B whether it may go; nobody denies a service by accident.',
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:TagSession (statement B)',
      '→ Ask who wrote statement A whether it may go; nobody denies a service by accident. Ask who wrote statement B whether it may go; nobody denies a service by accident.',
    ],
  ],
])('what the conditions, Denies and length of a trust policy come to: %s', (_why, trust, lines, changes) => {
  expect(said(trust, changes)).toEqual(lines)
  expect(letsPodsIn(trust, { ...identity, ...changes })).toBe(
    lines.every((line) => !line.startsWith('blocking')),
  )
})

/** Of the first finding, without its remedy. */
it.each<[why: string, trust: unknown, first: string, changes?: Partial<typeof identity>]>([
  [
    'an association among clusters',
    when('ArnEquals', 'aws:SourceArn', [
      `${cluster.arn}-2`,
      `arn:aws:eks:us-west-2:${account}:podidentityassociation/shop/a-1`,
    ]),
    'trust-source-arn-is-association',
  ],
  [
    'a wildcard that ArnEquals knows, of any value',
    when('ForAnyValue:ArnEquals', 'aws:SourceArn', 'arn:aws:eks:*:*:cluster/other*'),
    `aws:SourceArn ForAnyValue:ArnEquals arn:aws:eks:*:*:cluster/other*; this cluster is ${cluster.arn}`,
  ],
  [
    'another key that ends like a tag',
    when('StringEquals', 'x:aws:RequestTag/kubernetes-namespace', 'x'),
    'trust-condition-unmet',
  ],
  [
    'it, without tags',
    when('StringEquals', 'x:aws:RequestTag/kubernetes-namespace', 'x'),
    'trust-condition-unmet',
    { sessionTags: false },
  ],
  [
    'transitive tags, without tags',
    when('ForAnyValue:StringEquals', 'sts:TransitiveTagKeys', 'x'),
    'trust-request-tag-without-session-tags',
    { sessionTags: false },
  ],
  [
    'the keys of tags, without tags',
    when('ForAnyValue:StringEquals', 'aws:TagKeys', 'x'),
    'trust-request-tag-without-session-tags',
    { sessionTags: false },
  ],
])('a condition: %s', (_why, trust, first, changes) => {
  expect(said(trust, changes)[0]).toContain(first)
})

/** A trust policy of somebody else, of so many characters. */
const ofSize = (size: number): object => {
  const filled = (filler: number) => of(trusting({ Principal: { Service: 'x'.repeat(filler) } }))
  return filled(size - JSON.stringify(filled(0)).length)
}
const [forPods, forCluster] = [325, 245]

it.each<[why: string, size: number, says: string]>([
  ['it just fits', 2048 - forPods, 'Add a statement for ServiceAccount carts/carts'],
  ['it does not', 2048 - forPods + 1, 'Add a statement for shop alone'],
  ['that of the cluster just fits', 2048 - forCluster, 'Add a statement for shop alone'],
  ['neither does', 2048 - forCluster + 1, 'where IAM takes 2048 unless'],
  ['the whole of the usual length', 2048, 'where IAM takes 2048 unless'],
  ['more than that', 2049, 'Add a statement for ServiceAccount carts/carts'],
  ['the longest that fits', 8192 - forPods, 'Add a statement for ServiceAccount carts/carts'],
  ['longer than any', 8192 - forCluster + 1, 'where IAM takes 8192 at most. Give'],
])('the length of a trust policy: %s', (_why, size, says) => {
  expect(said(ofSize(size))[1]).toContain(says)
})
