import type { Container } from '../../../core/kubernetes.ts'

/** A container with these variables. */
export const containerWith = (variables: Record<string, string>): Container => ({
  name: 'carts',
  env: Object.entries(variables).map(([name, value]) => ({ name, value })),
})

/** What the webhook of IRSA puts into a container. */
export const irsaVariables = {
  AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/carts',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token',
}

/** An access key as variables. */
export const keyVariables = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }
