import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsYaml } from '../../cli/observe.ts'
import { type Here, startHere } from '../support/commands/here.ts'
import { optionOf, shellCommands } from '../support/shell-words.ts'

const roleArn = 'arn:aws:iam::123456789012:role/team/eks-workshop-carts-dynamo'
const table = 'arn:aws:dynamodb:us-west-2:123456789012:table/eks-workshop-carts'
const flags = [
  ...['--cluster', 'eks-workshop', '--namespace', 'carts', '--service-account', 'carts'],
  ...['--role', roleArn, '--need', `dynamodb-read-write@${table}`],
]

describe('the role of a binding', () => {
  let here: Here
  beforeAll(async () => {
    here = await startHere('role-missing')
  })
  afterAll(() => here[Symbol.asyncDispose]())
  const podid = (...args: string[]) => here.podid(...args)

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
    const bare = await podid('role', ...flags.slice(0, 8))
    expect(shellCommands(bare.stdout)).toHaveLength(1)
    expect(bare.stderr).toContain('no needs were given, so this role may do nothing')
  })

  it('is printed or made only where IAM Access Analyzer, when asked, has nothing against it', async () => {
    const good = await podid('role', ...flags, '--access-analyzer')
    expect(good).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('finds no new access and no fault'),
    })
    expect(shellCommands(good.stdout)).toHaveLength(2)
    const mistyped = ['--need', 'dynamodb:Query@arn:aws:dynamodb:us-west-2:12345:table/carts']
    const bad = await podid('role', ...flags, ...mistyped, '--access-analyzer', '--create')
    expect(bad).toMatchObject({ code: 1, stdout: '' })
    expect(bad.stderr).toContain('The resource ARN account ID is not valid')
    expect(bad.stderr).toContain('is not made, for what IAM Access Analyzer says of it')
  })

  it('is made, and made once', async () => {
    for (let time = 0; time < 2; time++) {
      const { code, stdout, stderr } = await podid('role', ...flags, '--create')
      expect(code, stderr).toBe(0)
      expect(stdout).toContain('for carts/carts of eks-workshop alone')
    }
    const { code, stdout } = await podid('plan', ...flags, '--workload', 'deployment/carts')
    expect(code, stdout).toBe(3)
    // There is nothing to make any more.
    const again = await podid('role', ...flags)
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('is there, made for these pods') })
    expect(shellCommands(again.stdout).map(([, , operation]) => operation)).toEqual(['put-role-policy'])
  })

  it('fails with 1, not as a faulty command line, where AWS was asked and has no such thing', async () => {
    expect(await podid('role', '--cluster', 'nope', ...flags.slice(2))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no cluster nope in us-west-2'),
    })
    expect(await podid('needs', '--role', `${roleArn}z`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        `there is no role ${roleArn}z; did you mean ${roleArn.split('/').at(-1)}?`,
      ),
    })
  })

  it('is left alone where podid did not make it for these pods', async () => {
    const others = flags.map((flag) => (flag === 'carts' ? 'other' : flag))
    const { code, stderr } = await podid('role', ...others, '--create')
    expect(code).toBe(1)
    expect(stderr).toContain('did not make for these pods')
    expect(await podid('role', ...others)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('podid plan shows what it lacks'),
    })
  })

  it('looks in CloudTrail for its pods, and says of each what is there', async () => {
    const { code, stdout, stderr } = await podid(
      'verify',
      ...flags,
      '--workload',
      'deployment/carts',
      '--cloudtrail',
    )
    expect(code, stderr).toBe(1)
    expect(stdout).toMatch(/^carts-\S+: not found; .*\n0 of 1 pods are in CloudTrail’s event history\n$/)
  })

  const workload = ['--cluster', 'eks-workshop', '--namespace', 'carts', '--workload', 'deployment/carts']

  it('says what its policies were made for, and what its workload was denied', async () => {
    let ended = await podid('needs', '--role', roleArn, ...workload)
    // In the second or two in which the container runs again, it has not written anything yet.
    for (let again = 0; again < 5 && !ended.stdout.includes('denied'); again++)
      ended = await podid('needs', '--role', roleArn, ...workload)
    const { code, stdout, stderr } = ended
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^needs:\n {2}# denied to pod carts-\w+-\w+, container carts, by its own log\n/)
    expect(stdout).toContain(
      `- actions:\n      - dynamodb:Query\n    resources:\n      - ${table}/index/idx_global_customerId\n`,
    )
    expect(stdout).toContain('  # policy podid-needs, statement #1\n  - actions:\n')
  })

  it('is checked by a plan without needs for those that were observed, which are shown', async () => {
    const withoutNeeds = flags.filter((flag) => flag !== '--need' && !flag.includes('@'))
    const { code, stdout, stderr } = await podid('plan', ...withoutNeeds, '--workload', 'deployment/carts')
    expect(code, stdout).toBe(3)
    expect(stderr).toMatch(/no needs were given; observed:\nneeds:\n {2}# /)
    expect(stdout).toMatch(/\d needs granted/)
  })
})

it('offers no empty list of needs to be kept where nothing could be looked at', () => {
  const left = ['the cluster could not be looked at: 403']
  const seen = needsYaml({ needs: [], left: [], lookedAt: true })
  const unseen = needsYaml({ needs: [], left, lookedAt: false })
  expect(seen).toBe('needs: []')
  expect(unseen).toBe(`# no needs: nothing could be looked at\n# not taken: ${left[0]}`)
})
