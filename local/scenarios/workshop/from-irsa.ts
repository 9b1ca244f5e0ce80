import { irsaAnnotation } from '../../../core/workload/workload.ts'
import { resources } from '../../kubernetes/store/resources.ts'
import type { World } from '../../world.ts'
import { roleArn, workshop } from './account.ts'
import { changeCarts, eksCluster, roleOfCarts, storeOf, type Variant } from './change.ts'
import { callsEvery } from './steady-calls.ts'

/** The ARN of the identity provider of the workshop's cluster. */
export const providerArn = (world: World): string =>
  `arn:${world.aws.partition}:iam::${world.aws.account}:oidc-provider/${issuerOf(world)}`

/** The cluster's issuer, as conditions of trust policies begin with it. */
export const issuerOf = (world: World): string => eksCluster(world).oidcIssuer.replace('https://', '')

/** What lets pods of a ServiceAccount assume a role by IRSA. */
export const webIdentityStatement = (
  world: World,
  subjects: string | string[] = `system:serviceaccount:${workshop.namespace}:${workshop.serviceAccount}`,
) => ({
  Effect: 'Allow',
  Principal: { Federated: providerArn(world) },
  Action: 'sts:AssumeRoleWithWebIdentity',
  Condition: {
    StringEquals: {
      [`${issuerOf(world)}:sub`]: subjects,
      [`${issuerOf(world)}:aud`]: 'sts.amazonaws.com',
    },
  },
})

/** The workshop after some years on IRSA: two pods that serve, and call AWS every five seconds. */
export const fromIrsa: Variant = {
  description: 'carts runs well on IRSA, with two pods that go on calling AWS and count',
  change: (world) => {
    // As a person has written it, so that whatever is put back has to be this text.
    roleOfCarts(world).trust = JSON.stringify(
      { Statement: [webIdentityStatement(world)], Version: '2012-10-17' },
      null,
      1,
    )
    storeOf(world).mutate(resources.serviceaccounts, workshop.namespace, workshop.serviceAccount, (draft) => {
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        [irsaAnnotation]: roleArn(world.aws.state),
      }
      return draft
    })
    changeCarts((spec) => {
      spec.replicas = 2
      for (const container of spec.template.spec?.containers ?? [])
        container.env = [...(container.env ?? []), { name: callsEvery, value: '5' }]
    })(world)
  },
}
