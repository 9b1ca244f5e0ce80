import { expect, it } from 'vitest'
import { redact } from '../../core/redact.ts'

it.each([
  ['using key AKIAIOSFODNN7EXAMPLE now', 'using key AKIA… now'],
  ['ASIAIOSFODNN7EXAMPLE/20260101/us-west-2', 'ASIA…/20260101/us-west-2'],
  ['secret is wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY.', 'secret is (hidden).'],
  ['aws_secret_access_key = wJalrXUtnFEMI', 'aws_secret_access_key = (hidden)'],
  ['{"sessionToken":"IQoJb3JpZ2luX2VjE"}', '{"sessionToken":"(hidden)"}'],
  ['Authorization: Bearer abcdefghijkl', 'Authorization: Bearer (hidden)'],
  ['token k8s-aws-v1.aHR0cHM6Ly9zdHM rejected', 'token (token) rejected'],
  ['got eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwcyJ9.c2ln', 'got (token)'],
  ['GET /?Action=X&X-Amz-Signature=8f32c1&b=1', 'GET /?Action=X&X-Amz-Signature=(hidden)&b=1'],
  ['password: hunter22, user: me', 'password: (hidden), user: me'],
  ['-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\nok', '(private key)\nok'],
])('%s', (text, shown) => {
  expect(redact(text)).toBe(shown)
})

it.each([
  'arn:aws:sts::123456789012:assumed-role/eks-workshop-carts-dynamo/eks-eks-workshop-carts',
  'commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
  'secret "carts-db" not found',
  'Back-off pulling image "public.ecr.aws/aws-containers/retail-store-sample-cart:1.2.1"',
])('leaves alone what is no secret: %s', (text) => {
  expect(redact(text)).toBe(text)
})
