import { partitionOfArn } from '../../core/partitions/partitions.ts'
import { evaluate, type TrustCaller } from '../../core/policy/evaluate.ts'
import type { Principal } from './account/principals.ts'
import { type RequestContext, settle } from './authorization.ts'

interface TrustQuestion {
  /** The trust policy's text. */
  trust: string
  /** `sts:AssumeRole`. */
  action: string
  context: RequestContext
}

const trusted = (
  { trust, action, context }: TrustQuestion,
  who: { service: string } | { principal: TrustCaller },
): boolean => {
  const policies = [{ name: 'trust', document: trust }]
  const ask = (known: RequestContext) => evaluate({ policies, ...who, action, resource: '*', context: known })
  return settle(ask, context).decision === 'allowed'
}

/** Whether a trust policy lets an AWS service such as `pods.eks.amazonaws.com` take the action. */
export const trustsService = (question: TrustQuestion, service: string): boolean =>
  trusted(question, { service })

/** Whether a trust policy lets whoever the identity provider vouches for take the action; the provider goes by its ARN. */
export const trustsFederated = (question: TrustQuestion, provider: string): boolean =>
  trusted({ ...question, trust: asService(question.trust, provider) }, { service: provider })

/** The policy with the provider in the place of a service, which is decided by the same rules. */
const asService = (trust: string, provider: string): string => {
  const document = JSON.parse(trust) as { Statement?: unknown }
  const statements = [document.Statement ?? []].flat() as { Principal?: { Federated?: string | string[] } }[]
  const names = (one: (typeof statements)[number]) => [one.Principal?.Federated ?? []].flat()
  return JSON.stringify({
    ...document,
    Statement: statements
      .filter((one) => names(one).includes(provider))
      .map((one) => ({ ...one, Principal: { Service: provider } })),
  })
}

/**
 * Whether a trust policy lets a user or role session take the action. `named` suffices within one account;
 * `delegated` means that only the account is trusted, so that the caller's own policies must allow it too.
 */
export const trustsPrincipal = (
  question: TrustQuestion,
  principal: Principal,
  accountId: string,
): 'named' | 'delegated' | 'no' => {
  const names = [principal.arn, ...(principal.kind === 'session' ? [principal.roleArn] : [])]
  if (!trusted(question, { principal: { AWS: names } })) return 'no'
  const anybodyElse = `arn:${partitionOfArn(principal.arn)}:iam::${accountId}:user/somebody-else`
  return trusted(question, { principal: { AWS: anybodyElse } }) ? 'delegated' : 'named'
}
