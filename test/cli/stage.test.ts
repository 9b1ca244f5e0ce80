import { expect, it } from 'vitest'
import { type RemoteFlags, remoteStage } from '../../cli/remote/stage.ts'
import { unqualifiedStateMachine } from '../../core/names.ts'

const machine = (stage: string, region = 'us-west-2') =>
  `arn:aws:states:${region}:123456789012:stateMachine:podid-${stage}-enable:live`
const credentials = async () => ({ accessKeyId: 'A', secretAccessKey: 's', accountId: '123456789012' })
const runtime = {
  aws: { credentials },
  clock: { now: () => 0, sleep: async () => {} },
  log: { info: () => {}, warn: () => {}, error: () => {} },
  progress: () => {},
}

it.each<[why: string, flags: RemoteFlags, remote: string | undefined, arn: string | undefined | RegExp]>([
  ['nothing says that a stage is meant', {}, undefined, undefined],
  ['podid.yaml names one', {}, 'production', machine('production')],
  ['the flag comes before podid.yaml', { remote: 'dev' }, 'production', machine('dev')],
  ['a flag without a name means that of podid.yaml', { remote: true }, 'production', machine('production')],
  ['or else that of --stage', { remote: true, stage: 'dev' }, undefined, machine('dev')],
  ['podid.yaml names one, and --no-remote says no', { remote: false }, 'production', undefined],
  ['its region is given', { remote: 'dev', region: 'eu-west-1' }, undefined, machine('dev', 'eu-west-1')],
  [
    'an ARN has its own region',
    { remote: machine('x', 'eu-west-3'), region: 'eu-west-1' },
    undefined,
    machine('x', 'eu-west-3'),
  ],
  [
    'an ARN may be of the latest revision, and not of the alias',
    { remote: unqualifiedStateMachine(machine('x')) },
    undefined,
    unqualifiedStateMachine(machine('x')),
  ],
  [
    'China is a partition of its own',
    { remote: 'dev', region: 'cn-north-1' },
    undefined,
    machine('dev', 'cn-north-1').replace('aws', 'aws-cn'),
  ],
  ['no name anywhere', { remote: true }, undefined, /^which stage\? Give it: --remote STAGE$/],
  ['no name of a stage', { remote: 'a/b' }, undefined, /^--remote a\/b is neither the name of a stage nor/],
])('the stage where %s', async (_why, flags, remote, expected) => {
  const config = remote === undefined ? undefined : { remote, region: 'us-west-2' }
  const found = remoteStage(runtime, flags, config, () => 'us-west-2')
  if (expected instanceof RegExp) await expect(found).rejects.toThrow(expected)
  else expect((await found)?.arn).toBe(expected)
})
