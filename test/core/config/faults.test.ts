import { expect, it } from 'vitest'
import { parseConfig, readConfig, refuseSettings } from '../../../core/config.ts'
import { cartsBinding as carts, settingsFile as file, settingsWith as withBinding } from './settings-file.ts'

const us = 'arn:aws:iam::111122223333:role/carts'
const grant = { may: ['plan'] }
const overrides = (...all: object[]) => withBinding({ overrides: all })
const noUrls = { region: 'ap-southeast-5', bindings: {} }
it.each<[why: string, file: unknown, stage: string, faults: string[]]>([
  [
    'an account id that YAML read as a number',
    file({ account: 111122223333 }),
    'dev',
    ['account: Invalid input: expected string, received number'],
  ],
  [
    'an account id that is too long',
    file({ account: '1111222233334' }),
    'dev',
    ['account: is not an AWS account id (twelve digits, in quotes)'],
  ],
  [
    'a region that is none',
    file({ region: 'here' }),
    'dev',
    ['region: is not an AWS region, such as us-west-2'],
  ],
  ['a key that is not there', file({ bindngs: {} }), 'dev', ['bindngs: is not a field of podid.yaml']],
  [
    'a misspelt key of one stage, whichever is read',
    file({ stages: { other: { regon: 'x' } } }),
    'dev',
    ['stages.other.regon: is not a field of podid.yaml'],
  ],
  ['no account', { region: 'us-west-2' }, 'dev', ['account: is missing (a string)']],
  ['nothing at all', null, 'dev', ['input: Invalid input: expected object, received null']],
  [
    'a value of a stage, where the stage has it',
    file({ stages: { dev: { account: '999900001111' } } }),
    'dev',
    [
      "bindings.carts.role: arn:aws:iam::111122223333:role/carts belongs to account 111122223333, and the clusters are in 999900001111: EKS takes only a role of the cluster's own account (name the other one as targetRole)",
    ],
  ],
  [
    'a value that another stage gives',
    { ...file({ stages: { dev: { region: 'us-west-2' }, other: {} } }), region: undefined },
    'other',
    ['region: is missing (a string)'],
  ],
  [
    'a stage that is called like a field of every object',
    file({ region: undefined }),
    'constructor',
    ['region: is missing (a string)'],
  ],
  [
    'names of bindings that are none',
    file({ bindings: { 'Carts!': carts, '-a': carts, 'a-': carts, ['a'.repeat(41)]: carts } }),
    'dev',
    [
      'bindings.Carts!: is not a binding name: lower-case letters, digits and -, 40 characters at most',
      'bindings.-a: is not a binding name: lower-case letters, digits and -, 40 characters at most',
      'bindings.a-: is not a binding name: lower-case letters, digits and -, 40 characters at most',
      `bindings.${'a'.repeat(41)}: is not a binding name: lower-case letters, digits and -, 40 characters at most`,
    ],
  ],
  [
    'a pattern that says more than names',
    withBinding({ cluster: '(a|b)' }),
    'dev',
    ['bindings.carts.cluster: is not a name or a pattern of letters, digits, -, _, * and ?'],
  ],
  [
    'a role of another account',
    withBinding({ role: 'arn:aws:iam::999900001111:role/carts' }),
    'dev',
    [
      "bindings.carts.role: arn:aws:iam::999900001111:role/carts belongs to account 999900001111, and the clusters are in 111122223333: EKS takes only a role of the cluster's own account (name the other one as targetRole)",
    ],
  ],
  [
    'patterns of roles that are none',
    file({
      rolePatterns: [
        'arn:aws:iam::111122223333:role/*',
        `${us}{`,
        ` ${us}`,
        'arn:aws:iam::1:role/carts',
        'arn:aws:iam::111122223333:role/',
      ],
    }),
    'dev',
    [
      "rolePatterns[0]: is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
      "rolePatterns[1]: is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
      "rolePatterns[2]: is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
      "rolePatterns[3]: is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
      "rolePatterns[4]: is not a pattern of roles' ARNs that begins with a name or a path, such as arn:aws:iam::111122223333:role/podid/*",
    ],
  ],
  [
    'people, groups and callers that are none',
    file({
      access: [
        {
          ...grant,
          users: ['U1', 'u012AB3CD', 'U012AB3CD ', '@U012AB3CD'],
          groups: ['S1', 's012AB3CD', '!S012AB3CD', 'S012AB3CD '],
          callers: ['CI', '-ci', 'c'.repeat(41)],
        },
      ],
    }),
    'dev',
    [
      'access[0].users[0]: is not a Slack user id, such as U012AB3CD',
      'access[0].users[1]: is not a Slack user id, such as U012AB3CD',
      'access[0].users[2]: is not a Slack user id, such as U012AB3CD',
      'access[0].users[3]: is not a Slack user id, such as U012AB3CD',
      'access[0].groups[0]: is not a Slack user group id, such as S012AB3CD',
      'access[0].groups[1]: is not a Slack user group id, such as S012AB3CD',
      'access[0].groups[2]: is not a Slack user group id, such as S012AB3CD',
      'access[0].groups[3]: is not a Slack user group id, such as S012AB3CD',
      'access[0].callers[0]: is not a name of a caller: lower-case letters, digits and -, 40 characters at most',
      'access[0].callers[1]: is not a name of a caller: lower-case letters, digits and -, 40 characters at most',
      'access[0].callers[2]: is not a name of a caller: lower-case letters, digits and -, 40 characters at most',
    ],
  ],
  [
    'a grant of nothing',
    file({ access: [{ users: ['U012AB3CD'], may: [] }] }),
    'dev',
    ['access[0].may: Too small: expected array to have >=1 items'],
  ],
  [
    'a grant of what there is not',
    file({ access: [{ may: ['everything'] }] }),
    'dev',
    ['access[0].may[0]: Invalid option: expected one of "enable"|"plan"|"status"|"undo"|"approve"|"rollout"'],
  ],
  [
    'a channel by its name',
    file({ channels: { slack: { channel: '#C012AB3CD' } } }),
    'dev',
    ['channels.slack.channel: is not a Slack channel id, such as C012AB3CD'],
  ],
  [
    'a channel with more',
    file({ channels: { slack: { channel: 'C012AB3CD!' } } }),
    'dev',
    ['channels.slack.channel: is not a Slack channel id, such as C012AB3CD'],
  ],
  [
    'callbacks that are no URL, or without TLS',
    file({
      channels: {
        callbacks: {
          ci: 'here',
          cd: 'http://example.com/https://',
          ce: 'http://127.0.0.1.example.com/',
          CF: 'https://example.com/',
        },
      },
    }),
    'dev',
    [
      'channels.callbacks.ci: is not a URL',
      'channels.callbacks.ci: is not an https URL',
      'channels.callbacks.cd: is not an https URL',
      'channels.callbacks.ce: is not an https URL',
      'channels.callbacks.CF: is not a name of a caller: lower-case letters, digits and -, 40 characters at most',
    ],
  ],
  [
    'an email that is none',
    file({ channels: { alarmEmails: ['carts'] } }),
    'dev',
    ['channels.alarmEmails[0]: Invalid email address'],
  ],
  [
    'a key by its alias',
    file({ secretsKey: 'alias/arn:aws:kms:us-west-2:111122223333:key/1' }),
    'dev',
    [
      'secretsKey: is not the ARN of a KMS key, such as arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    ],
  ],
  [
    'a key with more',
    file({ secretsKey: 'arn:aws:kms:us-west-2:111122223333:key/a b' }),
    'dev',
    [
      'secretsKey: is not the ARN of a KMS key, such as arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    ],
  ],
  [
    'a network that is none',
    file({ clusters: { vpc: { subnets: [], securityGroups: ['sg-1g', 'xsg-1'] } } }),
    'dev',
    [
      'clusters.vpc.subnets: Too small: expected array to have >=1 items',
      'clusters.vpc.securityGroups[0]: Invalid string: must match pattern /^sg-[0-9a-f]+$/',
      'clusters.vpc.securityGroups[1]: Invalid string: must match pattern /^sg-[0-9a-f]+$/',
    ],
  ],
  [
    'subnets that are none',
    file({ clusters: { vpc: { subnets: ['subnet-1g', 'xsubnet-1'], securityGroups: [] } } }),
    'dev',
    [
      'clusters.vpc.subnets[0]: Invalid string: must match pattern /^subnet-[0-9a-f]+$/',
      'clusters.vpc.subnets[1]: Invalid string: must match pattern /^subnet-[0-9a-f]+$/',
      'clusters.vpc.securityGroups: Too small: expected array to have >=1 items',
    ],
  ],
  [
    'a sweep that never rests',
    file({ triggers: { sweep: { everyMinutes: 4, maxConcurrency: 0, toleratedFailurePercentage: -1 } } }),
    'dev',
    [
      'triggers.sweep.everyMinutes: Too small: expected number to be >=5',
      'triggers.sweep.maxConcurrency: Too small: expected number to be >=1',
      'triggers.sweep.toleratedFailurePercentage: Too small: expected number to be >=0',
    ],
  ],
  [
    'a sweep that rests for ever',
    file({
      triggers: {
        sweep: { everyMinutes: 1441, maxConcurrency: 1001, toleratedFailurePercentage: 101, mode: 'x' },
      },
    }),
    'dev',
    [
      'triggers.sweep.everyMinutes: Too big: expected number to be <=1440',
      'triggers.sweep.mode: Invalid option: expected one of "report"|"mend"',
      'triggers.sweep.maxConcurrency: Too big: expected number to be <=1000',
      'triggers.sweep.toleratedFailurePercentage: Too big: expected number to be <=100',
    ],
  ],
  [
    'approvals that nobody can give',
    file({ approvals: { timeoutMinutes: 0 }, urlConcurrency: 0, remote: '' }),
    'dev',
    [
      'remote: Too small: expected string to have >=1 characters',
      'urlConcurrency: Too small: expected number to be >=1',
      'approvals.timeoutMinutes: Too small: expected number to be >=1',
    ],
  ],
  [
    'approvals that last',
    file({ approvals: { timeoutMinutes: 1441 }, urlConcurrency: 1001 }),
    'dev',
    [
      'urlConcurrency: Too big: expected number to be <=1000',
      'approvals.timeoutMinutes: Too big: expected number to be <=1440',
    ],
  ],
  [
    'a URL where functions have none',
    file({ ...noUrls, channels: { slack: { channel: 'C012AB3CD' } }, triggers: { webhook: true } }),
    'dev',
    [
      'channels.slack: needs a URL of a Lambda function, which ap-southeast-5 does not have: leave it out, and start runs by hand, by events or with podid enable --remote',
      'triggers.webhook: needs a URL of a Lambda function, which ap-southeast-5 does not have: leave it out, and start runs by hand, by events or with podid enable --remote',
    ],
  ],
  [
    'Slack alone there, by the stage',
    file({ ...noUrls, stages: { dev: { channels: { slack: { channel: 'C012AB3CD' } } } } }),
    'dev',
    [
      'stages.dev.channels.slack: needs a URL of a Lambda function, which ap-southeast-5 does not have: leave it out, and start runs by hand, by events or with podid enable --remote',
    ],
  ],
  [
    'a binding in another partition',
    withBinding({ region: 'cn-north-1' }),
    'dev',
    [
      'bindings.carts.region: cn-north-1 is in the partition aws-cn, and podid runs in us-west-2 (aws), whose accounts are others: deploy a stage there',
    ],
  ],
  [
    'one of two regions in another partition',
    withBinding({ region: ['us-west-2', 'cn-north-1', 'cn-northwest-1'] }),
    'dev',
    [
      'bindings.carts.region: cn-north-1 is in the partition aws-cn, and podid runs in us-west-2 (aws), whose accounts are others: deploy a stage there',
      'bindings.carts.region: cn-northwest-1 is in the partition aws-cn, and podid runs in us-west-2 (aws), whose accounts are others: deploy a stage there',
    ],
  ],
  [
    'a role in another partition, once for two regions',
    withBinding({ region: ['us-west-2', 'eu-west-1'], role: 'arn:aws-cn:iam::111122223333:role/carts' }),
    'dev',
    [
      'bindings.carts.role: arn:aws-cn:iam::111122223333:role/carts is in the partition aws-cn, and the cluster in aws: what is in us-west-2 has ARNs that begin arn:aws:',
      'bindings.carts.role: arn:aws-cn:iam::111122223333:role/carts is in the partition aws-cn, and the cluster in aws: what is in eu-west-1 has ARNs that begin arn:aws:',
    ],
  ],
  [
    'a role in another partition, and an override that says nothing of it',
    withBinding({
      role: 'arn:aws-cn:iam::111122223333:role/carts',
      overrides: [{ where: { cluster: 'a' }, sessionTags: false }],
    }),
    'dev',
    [
      'bindings.carts.role: arn:aws-cn:iam::111122223333:role/carts is in the partition aws-cn, and the cluster in aws: what is in us-west-2 has ARNs that begin arn:aws:',
    ],
  ],
  [
    'a part of no migration',
    withBinding({ removeOidcTrust: true }),
    'dev',
    [
      'bindings.carts.removeOidcTrust: is a part of a migration: it goes with migrate: irsa',
      "bindings.carts.removeOidcTrust: writes the role's trust policy, which takes manageTrust: true",
    ],
  ],
  [
    'an override that gives a role of another account, but not one for that account',
    overrides(
      { where: { cluster: 'a' }, role: 'arn:aws:iam::999900001111:role/a' },
      { where: { account: '111122223333' }, role: 'arn:aws:iam::999900001111:role/b' },
      { where: { account: '999900001111' }, role: 'arn:aws:iam::999900001111:role/c' },
    ),
    'dev',
    [
      "bindings.carts.overrides[0].role: arn:aws:iam::999900001111:role/a belongs to account 999900001111, and the clusters are in 111122223333: EKS takes only a role of the cluster's own account (name the other one as targetRole)",
      "bindings.carts.overrides[1].role: arn:aws:iam::999900001111:role/b belongs to account 999900001111, and the clusters are in 111122223333: EKS takes only a role of the cluster's own account (name the other one as targetRole)",
    ],
  ],
  [
    'an override of part of a migration',
    overrides({ where: { cluster: 'a' }, removeOidcTrust: true }),
    'dev',
    [
      'bindings.carts.overrides[0].removeOidcTrust: is a part of a migration: it goes with migrate: irsa',
      "bindings.carts.overrides[0].removeOidcTrust: writes the role's trust policy, which takes manageTrust: true",
    ],
  ],
  [
    'an override in another partition',
    overrides(
      { where: { cluster: 'a' }, targetRole: 'arn:aws-cn:iam::111122223333:role/carts' },
      { where: { cluster: 'b' }, sessionTags: false },
    ),
    'dev',
    [
      'bindings.carts.overrides[0].targetRole: arn:aws-cn:iam::111122223333:role/carts is in the partition aws-cn, and the cluster in aws: what is in us-west-2 has ARNs that begin arn:aws:',
    ],
  ],
])('podid.yaml is refused for %s', (_why, faulty, stage, faults) => {
  expect(() => parseConfig(faulty, stage)).toThrow(
    expect.objectContaining({
      name: 'InvalidRequest',
      message: [
        `podid.yaml has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.`,
        ...faults.map((fault) => `- ${fault}`),
      ].join('\n'),
    }),
  )
})

it.each<[why: string, file: object]>([
  [
    'a binding of other accounts, whatever it names',
    withBinding({ accounts: ['999900001111'], role: 'arn:aws:iam::999900001111:role/x' }),
  ],
  ['a role by its name', withBinding({ role: 'carts' })],
  [
    'a role of the account that a placeholder stands for',
    withBinding({ role: 'arn:aws:iam::{account}:role/carts' }),
  ],
  ['an override that skips', withBinding({ overrides: [{ where: { cluster: 'a' }, skip: true }] })],
  [
    'the longest names',
    file({
      bindings: { [`a${'-'.repeat(38)}b`]: carts },
      access: [{ may: ['plan'], callers: [`c${'-'.repeat(39)}`], users: ['W01'], groups: ['S01'] }],
    }),
  ],
  ['a name of one letter', file({ bindings: { a: carts } })],
  ['a private channel', file({ channels: { slack: { channel: 'G01' } } })],
  [
    'patterns of roles',
    file({
      rolePatterns: ['arn:aws-cn:iam::111122223333:role/podid/*', 'arn:aws:iam::111122223333:role/a-?'],
    }),
  ],
  [
    'a callback of this machine',
    file({ channels: { callbacks: { ci: 'http://127.0.0.1:8080/', cd: 'https://example.com/' } } }),
  ],
  [
    'a key and a network',
    file({
      secretsKey: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-1',
      clusters: { vpc: { subnets: ['subnet-0af'], securityGroups: ['sg-0af'] } },
    }),
  ],
  [
    'the bounds of a sweep',
    file({
      triggers: { sweep: { everyMinutes: 5, maxConcurrency: 1, toleratedFailurePercentage: 0 } },
      approvals: { timeoutMinutes: 1 },
      urlConcurrency: 1,
    }),
  ],
  [
    'the other bounds',
    file({
      triggers: { sweep: { everyMinutes: 1440, maxConcurrency: 1000, toleratedFailurePercentage: 100 } },
      approvals: { timeoutMinutes: 1440 },
      urlConcurrency: 1000,
    }),
  ],
  ['no URL where functions have none', file({ region: 'ap-southeast-5' })],
])('podid.yaml may have %s', (_why, good) => {
  expect(readConfig(good, 'dev').faults).toBeUndefined()
})

it('refuses a list of faults, and takes none', () => {
  expect(() => refuseSettings([], 'podid.yaml')).not.toThrow()
  expect(() => refuseSettings([{ path: ['account'], said: 'is wrong' }], 'fleet.yaml')).toThrow(
    'fleet.yaml has a fault.\n- account: is wrong',
  )
})

it('fills in what is not said', () => {
  expect(parseConfig({ account: '111122223333', region: 'us-west-2' }, 'dev').access).toEqual([])
  expect(
    parseConfig({ account: '111122223333', region: 'us-west-2', access: [{ may: ['plan'] }] }, 'dev'),
  ).toEqual({
    account: '111122223333',
    region: 'us-west-2',
    bindings: {},
    rolePatterns: [],
    clusters: { others: [], createAccessEntries: false },
    triggers: {
      clusterCreated: true,
      sweep: { everyMinutes: 60, mode: 'report', maxConcurrency: 10, toleratedFailurePercentage: 25 },
      webhook: false,
    },
    approvals: { self: false, timeoutMinutes: 60 },
    rollout: {
      waves: [1, '10%'],
      perCluster: 4,
      toleratedFailurePercentage: 0,
      undoOnFailure: false,
      approval: 'none',
      approvalTimeoutSeconds: 86400,
      pauseSeconds: 0,
      windows: [],
      timeZone: 'UTC',
    },
    access: [{ users: [], groups: [], callers: [], may: ['plan'], clusters: ['*'], namespaces: ['*'] }],
    channels: { amazonQ: false, callbacks: {}, alarmEmails: [] },
  })
})
