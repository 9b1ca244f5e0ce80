/** The ServiceAccount carts/reader of the cluster shop, and what a role that is made for it has to hold. */
export const shopCluster = { name: 'shop', arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop' }
export const readerIdentity = {
  cluster: shopCluster,
  account: '123456789012',
  namespace: 'carts',
  serviceAccount: 'reader',
  sessionTags: true,
}
export const accountArn = 'arn:aws:iam::123456789012'
export const readWrite = {
  actions: ['s3:GetObject', 's3:PutObject'],
  resources: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
}

export const ownTrust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'pods.eks.amazonaws.com' },
      Action: ['sts:AssumeRole', 'sts:TagSession'],
      Condition: {
        StringEquals: {
          'aws:RequestTag/eks-cluster-arn': 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
          'aws:RequestTag/kubernetes-namespace': 'carts',
          'aws:RequestTag/kubernetes-service-account': 'reader',
        },
      },
    },
  ],
}

export const ownPolicy = {
  name: 'podid-needs',
  document: {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'],
      },
    ],
  },
}
