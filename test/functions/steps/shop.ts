/** A cluster as DescribeCluster shows it to a step. */
export const shop = {
  name: 'shop',
  arn: 'arn:aws:eks:us-west-2:123456789012:cluster/shop',
  status: 'ACTIVE',
  version: '1.34',
  autoMode: false,
  endpoint: 'https://shop.example',
  certificateAuthority: '',
}
