import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Local, startLocal } from '../support/command-line.ts'
import { optionOf, shellCommands } from '../support/shell-words.ts'

const roleArn = 'arn:aws:iam::123456789012:role/team/eks-workshop-carts-dynamo'
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'
const flags = [
  ...['--cluster', 'eks-workshop', '--namespace', 'carts', '--service-account', 'carts'],
  ...['--role', roleArn, '--need', `dynamodb-read-write@${table}`],
]

describe('the role of a binding', () => {
  let local: Local
  beforeAll(async () => {
    local = await startLocal('--scenario', 'role-missing')
  })
  afterAll(() => local[Symbol.asyncDispose]())
  const podid = (...args: string[]) => local.podid(...args).ended

  it('is printed as commands, for these pods and their needs alone', async () => {
    const { stdout, code, stderr } = await podid('role', ...flags)
    expect(code, stderr).toBe(0)
    const [create = [], put = []] = shellCommands(stdout)
    expect(create.slice(0, 7)).toEqual([
      'aws',
      'iam',
      'create-role',
      '--role-name',
      'eks-workshop-carts-dynamo',
      '--path',
      '/team/',
    ])
    expect(JSON.parse(optionOf(create, '--assume-role-policy-document') ?? '')).toMatchObject({
      Statement: [
        {
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Condition: { StringEquals: { 'aws:RequestTag/kubernetes-service-account': 'carts' } },
        },
      ],
    })
    expect(optionOf(put, '--policy-document')).toContain(`${table}/index/*`)
  })

  it('is made, and made once', async () => {
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await podid('role', ...flags, '--create')
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('for carts/carts of eks-workshop alone')
    }
    const { code, stdout } = await podid('plan', ...flags, '--workload', 'deployment/carts')
    expect(code, stdout).toBe(3)
  })

  it('is left alone where podid did not make it for these pods', async () => {
    const others = flags.map((flag) => (flag === 'carts' ? 'other' : flag))
    const { code, stderr } = await podid('role', ...others, '--create')
    expect(code).toBe(1)
    expect(stderr).toContain('did not make for these pods')
  })

  it('says what its policies were made for', async () => {
    const { code, stdout } = await podid('needs', '--role', roleArn)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^needs:\n {2}# policy podid-needs, statement #1\n {2}- actions:\n/)
    expect(stdout).toContain(table)
  })
})
