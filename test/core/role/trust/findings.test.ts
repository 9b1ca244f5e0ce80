import { expect, it } from 'vitest'
import { checkTrust, letsPodsIn } from '../../../../core/role/trust/trust.ts'
import { told } from '../../told.ts'

const account = '111122223333'
const cluster = { name: 'shop', arn: `arn:aws:eks:us-west-2:${account}:cluster/shop` }
const identity = { cluster, account, namespace: 'carts', serviceAccount: 'carts', sessionTags: true }
const provider = `arn:aws:iam::${account}:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC`
const both = ['sts:AssumeRole', 'sts:TagSession']
const pods = { Service: 'pods.eks.amazonaws.com' }

const trusting = (statement: object = {}) => ({
  Effect: 'Allow',
  Principal: pods,
  Action: both,
  ...statement,
})
const of = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })

/** All that is said, the document of a command on one line. */
const said = (trust: unknown, changes: Partial<typeof identity> = {}): string[] =>
  told(checkTrust({ ...identity, ...changes, role: { name: 'role 1', trust } })).map((line) =>
    line.replace(/'(\{\n[\s\S]*\})'$/, (_, json: string) => JSON.stringify(JSON.parse(json))),
  )

it.each<[why: string, trust: unknown, lines: string[], changes?: Partial<typeof identity>]>([
  ['nothing is wrong', of(trusting()), []],
  [
    'nobody is trusted',
    of(),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts nobody',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'somebody else is',
    of(
      trusting({ Principal: { Service: ['ec2.amazonaws.com', 'a.b'], AWS: `arn:aws:iam::${account}:root` } }),
      trusting({ Principal: { Federated: 'cognito' } }),
    ),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts ec2.amazonaws.com, a.b, arn:aws:iam::111122223333:root, cognito',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","a.b"],"AWS":"arn:aws:iam::111122223333:root"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Federated":"cognito"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'only IRSA',
    of(trusting({ Principal: { Federated: [provider, 'x'] }, Action: 'sts:AssumeRoleWithWebIdentity' })),
    [
      'blocking trust-irsa-only, role role 1: its trust policy is made for IRSA only: it trusts the OIDC provider arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC, x, and not pods.eks.amazonaws.com',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":["arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC","x"]},"Action":"sts:AssumeRoleWithWebIdentity"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a web identity that is none of EKS',
    of(
      trusting({ Principal: { Federated: 'accounts.google.com' }, Action: 'sts:AssumeRoleWithWebIdentity' }),
    ),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts accounts.google.com',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a provider that may do something else',
    of(trusting({ Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithSAML' })),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC"},"Action":"sts:AssumeRoleWithSAML"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'names that are no misspelling',
    of(
      trusting({
        Principal: { Service: ['eks.amazonaws.com', 'pods.eks.amazo', 'eks-podsx.amazonaws.com'] },
      }),
    ),
    [
      'blocking trust-principal-misspelt, role role 1: its trust policy names the Service "pods.eks.amazo"; pods get their credentials through the Service "pods.eks.amazonaws.com"',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it. The misspelt "pods.eks.amazo" lets nobody in, and goes.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["eks.amazonaws.com","eks-podsx.amazonaws.com"]},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'the right name as an AWS principal',
    of(trusting({ Principal: { AWS: 'pods.eks.amazonaws.com', Service: 'ec2.amazonaws.com' } })),
    [
      'blocking trust-principal-misspelt, role role 1: its trust policy names the AWS "pods.eks.amazonaws.com"; pods get their credentials through the Service "pods.eks.amazonaws.com"',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it. The misspelt "pods.eks.amazonaws.com" lets nobody in, and goes.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'a misspelt one as an AWS principal is somebody',
    of(trusting({ Principal: { AWS: 'pods.eks.amazonaws.co' } })),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts pods.eks.amazonaws.co',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"pods.eks.amazonaws.co"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'one that is left out',
    of({ Effect: 'Allow', NotPrincipal: { Service: 'pods.eks.amazonaws.com' }, Action: both }),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts everybody but pods.eks.amazonaws.com',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'warning trust-open-to-everybody, role role 1: its trust policy (statement #1) lets everybody in AWS assume the role, of whatever account',
      '→ Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
    ],
  ],
  [
    'no tagging',
    of(trusting({ Sid: 'One', Action: 'sts:AssumeRole' })),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement One); EKS tags every session, so pods would get no credentials',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"One"}]}',
    ],
  ],
  [
    'no tagging, for others too',
    of(
      trusting({
        Principal: { Service: ['pods.eks.amazonaws.com', 'ec2.amazonaws.com'] },
        Action: 'sts:AssumeRole',
      }),
    ),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["pods.eks.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'no tagging, for an account too',
    of(trusting({ Principal: { ...pods, AWS: `arn:aws:iam::${account}:root` }, Action: 'sts:AssumeRole' })),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com","AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'no tagging, for a provider too',
    of(trusting({ Principal: { ...pods, Federated: provider }, Action: 'sts:AssumeRole' })),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com","Federated":"arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-west-2.amazonaws.com/id/ABC"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'no tagging, for anybody',
    of(trusting({ Principal: '*', Action: 'sts:AssumeRole' })),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'warning trust-open-to-everybody, role role 1: its trust policy (statement #1) lets everybody in AWS assume the role, of whatever account',
      '→ Name those who are to assume it instead of "*", or ask for something only they have (aws:PrincipalOrgID, aws:PrincipalArn); whoever relies on it now loses it, so a person should do that.',
    ],
  ],
  [
    'no tagging by NotAction',
    of({ Effect: 'Allow', Principal: pods, NotAction: 'sts:TagSession' }),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"NotAction":"sts:TagSession"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'no assuming',
    of(trusting({ Action: 'sts:TagSession' })),
    [
      'blocking trust-assume-role-missing, role role 1: its trust policy names pods.eks.amazonaws.com but does not allow it sts:AssumeRole',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:TagSession"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'neither',
    of(trusting({ Action: 'sts:GetCallerIdentity' })),
    [
      'blocking trust-assume-role-missing, role role 1: its trust policy names pods.eks.amazonaws.com but does not allow it sts:AssumeRole and sts:TagSession',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:GetCallerIdentity"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'assuming alone is enough without tags',
    of(trusting({ Action: 'sts:AssumeRole' })),
    [],
    { sessionTags: false },
  ],
  [
    'and has to be there',
    of(trusting({ Action: 'sts:TagSession' })),
    [
      'blocking trust-assume-role-missing, role role 1: its trust policy names pods.eks.amazonaws.com but does not allow it sts:AssumeRole',
      '→ Add a statement for shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:TagSession"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"111122223333","aws:SourceArn":"arn:aws:eks:us-west-2:111122223333:cluster/shop"}}}]}',
    ],
    { sessionTags: false },
  ],
  [
    'all but two',
    of({
      Effect: 'Allow',
      NotPrincipal: { Service: ['pods.eks.amazonaws.com', 'a.b'] },
      Action: 'sts:TagSession',
    }),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts everybody but pods.eks.amazonaws.com and a.b',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":{"Service":["pods.eks.amazonaws.com","a.b"]},"Action":"sts:TagSession"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'nothing but for a Deny without MFA, which stays for people',
    of(trusting(), {
      Sid: 'Mfa',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } },
    }),
    [
      'blocking trust-explicit-deny, role role 1: its trust policy denies pods.eks.amazonaws.com sts:AssumeRole (statement Mfa)',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"]},{"Sid":"Mfa","Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"StringNotEquals":{"aws:PrincipalServiceName":"pods.eks.amazonaws.com"}}}]}',
    ],
  ],
  [
    'nobody, by leaving everybody out',
    of({ Effect: 'Allow', NotPrincipal: '*', Action: both }),
    [
      'blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts nobody',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotPrincipal":"*","Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'the right name as an identity provider',
    of(trusting({ Principal: { Federated: ['pods.eks.amazonaws.com', 'cognito'] } })),
    [
      'blocking trust-principal-misspelt, role role 1: its trust policy names the Federated "pods.eks.amazonaws.com"; pods get their credentials through the Service "pods.eks.amazonaws.com"',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it. The misspelt "pods.eks.amazonaws.com" lets nobody in, and goes.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":["cognito"]},"Action":["sts:AssumeRole","sts:TagSession"]},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'no tagging, in the second statement of the pods',
    of(
      trusting({ Sid: 'Id', Action: 'sts:SetSourceIdentity' }),
      trusting({ Sid: 'In', Action: 'sts:AssumeRole' }),
    ),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement In); EKS tags every session, so pods would get no credentials',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:SetSourceIdentity","Sid":"Id"},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"In"}]}',
    ],
  ],
  [
    'no tagging, where the first statement is for another account',
    of(
      trusting({
        Sid: 'Other',
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
      }),
      trusting({ Sid: 'In', Action: 'sts:AssumeRole' }),
    ),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement In); EKS tags every session, so pods would get no credentials',
      '→ Change what the trust policy says of pods.eks.amazonaws.com; nothing changes for anybody else.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Sid":"Other","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Sid":"In"}]}',
    ],
  ],
  [
    'no tagging, and another account: a statement of its own has both',
    of(trusting({ Action: 'sts:AssumeRole', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })),
    [
      'blocking trust-tag-session-missing, role role 1: its trust policy allows pods.eks.amazonaws.com sts:AssumeRole but not sts:TagSession (statement #1); EKS tags every session, so pods would get no credentials',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
      'blocking trust-source-account-other, role role 1: its trust policy (statement #1) asks for aws:SourceAccount StringEquals 1; this cluster is in 111122223333',
      '→ Add a statement for ServiceAccount carts/carts of shop alone; nothing changes for anybody else. With manageTrust (--manage-trust) the run does it.',
      '$ aws iam update-assume-role-policy --role-name \'role 1\' --policy-document {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"1"}}},{"Effect":"Allow","Principal":{"Service":"pods.eks.amazonaws.com"},"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"aws:RequestTag/eks-cluster-arn":"arn:aws:eks:us-west-2:111122223333:cluster/shop","aws:RequestTag/kubernetes-namespace":"carts","aws:RequestTag/kubernetes-service-account":"carts"}}}]}',
    ],
  ],
  [
    'an element that nobody knows, which might say anything',
    of(trusting({ Extra: 1 })),
    [
      'blocking trust-document-invalid, role role 1: its trust policy cannot be read: Statement[0].Extra is not an element of a policy',
      '→ Correct the document at the place that is named; this only shows it. If IAM is right about it, podid does not know what stands there.',
      "? aws iam get-role --role-name 'role 1' --query Role.AssumeRolePolicyDocument",
    ],
  ],
])('what a trust policy lacks, in words: %s', (_why, trust, lines, changes) => {
  expect(said(trust, changes)).toEqual(lines)
  expect(letsPodsIn(trust, { ...identity, ...changes })).toBe(
    lines.every((line) => !line.startsWith('blocking')),
  )
})

it.each<[name: string, misspelt: boolean]>([
  ['pod.eks.amazonaws.com', true],
  ['podseks.amazonaws.com', true],
  ['pod.eks.us-west-2.amazonaws.com', true],
  ['podseks.us-west-2.amazonaws.com', true],
  ['ekspods.amazonaws.com', true],
  ['eks-pod.amazonaws.com', true],
  ['pods-eks.amazonaws.com', true],
  ['eks-pods.amazonaws.com', true],
  ['eks.pod.amazonaws.com', true],
  ['PODS.EKS.amazonaws.com', true],
  ['pods.ks.amazonaws.c', true],
  ['pods.ks.amazonaws', false],
  ['eks-podsx.amazonaws.com', false],
  ['eks.amazonaws.com', false],
])('%s is meant to be the pods’ service: %s', (name, misspelt) => {
  expect(said(of(trusting({ Principal: { Service: name } })))[0]).toBe(
    misspelt
      ? `blocking trust-principal-misspelt, role role 1: its trust policy names the Service "${name}"; pods get their credentials through the Service "pods.eks.amazonaws.com"`
      : `blocking trust-principal-missing, role role 1: its trust policy does not name pods.eks.amazonaws.com; it trusts ${name}`,
  )
})
