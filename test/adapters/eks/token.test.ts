import { describe, expect, it } from 'vitest'
import { eksToken, eksTokens } from '../../../adapters/eks/token.ts'

const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

// Answers of `aws eks get-token` (botocore 1.43) for the same keys, clusters and seconds.
const cases = [
  {
    why: 'long-lived keys',
    request: {
      cluster: 'eks-workshop',
      region: 'us-west-2',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey },
      at: Date.UTC(2026, 10, 23, 6, 7, 58, 123),
    },
    token:
      'k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtd2VzdC0yLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eSZWZXJzaW9uPTIwMTEtMDYtMTUmWC1BbXotQWxnb3JpdGhtPUFXUzQtSE1BQy1TSEEyNTYmWC1BbXotQ3JlZGVudGlhbD1BS0lBSU9TRk9ETk43RVhBTVBMRSUyRjIwMjYxMTIzJTJGdXMtd2VzdC0yJTJGc3RzJTJGYXdzNF9yZXF1ZXN0JlgtQW16LURhdGU9MjAyNjExMjNUMDYwNzU4WiZYLUFtei1FeHBpcmVzPTYwJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdCUzQngtazhzLWF3cy1pZCZYLUFtei1TaWduYXR1cmU9OGYzMmMxYzE2ODEwZjAzMDk1M2U5YWM5ZmQ2ODFiZWJhNDNiNzIwMzY5ODU2ZGU2NWYyZGE0YTRmZDQ4ZDUyZg',
  },
  {
    why: 'a session, in another partition',
    request: {
      cluster: 'carts_2',
      region: 'cn-north-1',
      credentials: {
        accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
        secretAccessKey,
        sessionToken: 'IQoJb3JpZ2luX2VjE/+=abc//def==',
      },
      at: Date.UTC(2026, 10, 23, 6, 7, 59),
    },
    token:
      'k8s-aws-v1.aHR0cHM6Ly9zdHMuY24tbm9ydGgtMS5hbWF6b25hd3MuY29tLmNuLz9BY3Rpb249R2V0Q2FsbGVySWRlbnRpdHkmVmVyc2lvbj0yMDExLTA2LTE1JlgtQW16LUFsZ29yaXRobT1BV1M0LUhNQUMtU0hBMjU2JlgtQW16LUNyZWRlbnRpYWw9QVNJQUlPU0ZPRE5ON0VYQU1QTEUlMkYyMDI2MTEyMyUyRmNuLW5vcnRoLTElMkZzdHMlMkZhd3M0X3JlcXVlc3QmWC1BbXotRGF0ZT0yMDI2MTEyM1QwNjA3NTlaJlgtQW16LUV4cGlyZXM9NjAmWC1BbXotU2lnbmVkSGVhZGVycz1ob3N0JTNCeC1rOHMtYXdzLWlkJlgtQW16LVNlY3VyaXR5LVRva2VuPUlRb0piM0pwWjJsdVgyVmpFJTJGJTJCJTNEYWJjJTJGJTJGZGVmJTNEJTNEJlgtQW16LVNpZ25hdHVyZT0yMWM4ODgxZGRjMGQ0YTQ4N2NkNDQ5ZDQ1YmEyZTRhZDZjMjUzNmI3NGNjYzZiNGIzYmQ5ZjI1OTMwMDUwYmY5',
  },
]

it.each(cases)('signs what the AWS CLI signs: $why', ({ request, token }) => {
  expect(eksToken(request)).toBe(token)
})

it('writes what a URL would leave as it is, and a signature does not, by its number', () => {
  const credentials = { accessKeyId: 'ASIA', secretAccessKey, sessionToken: "!'()*" }
  const token = eksToken({ cluster: 'shop', region: 'us-west-2', credentials, at: 0 })
  const url = Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString()
  expect(url).toContain('&X-Amz-Security-Token=%21%27%28%29%2A&')
})

describe('the token source', () => {
  const minutes = (count: number) => count * 60_000
  const source = (expiration?: number) => {
    let now = Date.UTC(2026, 0, 1)
    let asked = 0
    const clock = { now: () => now, sleep: async () => {} }
    const credentials = async () => {
      asked++
      return {
        accessKeyId: `AKIA${asked}`,
        secretAccessKey,
        ...(expiration !== undefined && { expiration: new Date(now + expiration) }),
      }
    }
    const tokens = eksTokens({ cluster: 'eks-workshop', region: 'us-west-2', credentials, clock })
    return { tokens, asked: () => asked, pass: (ms: number) => (now += ms) }
  }

  it('keeps a token for 14 minutes', async () => {
    const { tokens, asked, pass } = source()
    const first = await tokens.get()
    pass(minutes(14) - 1)
    expect(await tokens.get()).toBe(first)
    pass(1)
    expect(await tokens.get()).not.toBe(first)
    expect(asked()).toBe(2)
  })

  it('keeps it no longer than the credentials behind it', async () => {
    const { tokens, asked, pass } = source(minutes(5))
    await tokens.get()
    pass(minutes(5))
    await tokens.get()
    expect(asked()).toBe(2)
  })

  it('signs once for callers that come together', async () => {
    const { tokens, asked } = source()
    const [one, other] = await Promise.all([tokens.get(), tokens.get()])
    expect(one).toBe(other)
    expect(asked()).toBe(1)
  })

  it('signs anew after a token was turned down', async () => {
    const { tokens, asked } = source()
    await tokens.get()
    tokens.forget()
    await tokens.get()
    expect(asked()).toBe(2)
  })
})
