import type { World } from '../../world.ts'
import { roleArn, tableArn, workshop } from './index.ts'

/** The binding of the workshop's page: carts gets the role that may use its table. */
export const workshopBinding = ({ aws }: Pick<World, 'aws'>) => ({
  cluster: workshop.cluster,
  namespace: workshop.namespace,
  serviceAccount: workshop.serviceAccount,
  role: roleArn(aws.state),
  workload: 'deployment/carts',
  needs: [{ use: 'dynamodb-read-write' as const, table: tableArn(aws.state) }],
})
