import { expect, it } from 'vitest'
import { parseConfig } from '../../../core/config.ts'
import { settingsWarnings } from '../../../core/operation/warnings.ts'

const account = '111122223333'
const role = (name: string) => `arn:aws:iam::${account}:role/${name}`

const warned = (binding: object, alarmEmails = ['a@example.com']) =>
  settingsWarnings(
    parseConfig(
      {
        account,
        region: 'us-west-2',
        bindings: {
          carts: {
            cluster: 'shop',
            namespace: 'carts',
            serviceAccount: 'carts',
            role: role('carts'),
            ...binding,
          },
        },
        channels: { alarmEmails },
      },
      'dev',
    ),
  ).map((warning) => warning.split(':')[0])

it.each<[why: string, binding: object, emails: string[], about: string[]]>([
  ['nothing to be warned of', {}, ['a@example.com'], []],
  ['alarms that nobody gets', {}, [], ['channels.alarmEmails']],
  [
    'an association that undo may give back to no role',
    { replace: true },
    ['a@example.com'],
    ['bindings.carts'],
  ],
  ['one that it may', { replace: true, formerRoles: [role('before')] }, ['a@example.com'], []],
])('warns of %s', (_why, binding, emails, about) => {
  expect(warned(binding, emails)).toEqual(about)
})
