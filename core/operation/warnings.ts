import type { Config } from '../config.ts'

/** What a stage's settings allow and an operator may not want, a sentence each; told at synthesis and deployment. */
export const settingsWarnings = ({ bindings, channels }: Pick<Config, 'bindings' | 'channels'>): string[] => [
  ...(channels.alarmEmails.length === 0
    ? [
        'channels.alarmEmails: nobody is told when an alarm goes off; name an address, or subscribe to the topic of the alarms yourself',
      ]
    : []),
  ...Object.entries(bindings)
    .filter(([, { replace, formerRoles }]) => replace && formerRoles.length === 0)
    .map(
      ([name]) =>
        `bindings.${name}: replace lets a run take an association from another role, and undo may give it back to none: name in formerRoles the roles that it may have had`,
    ),
]
