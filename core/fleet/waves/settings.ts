import * as z from 'zod'
import { windowFaults } from './windows.ts'

/** How many clusters a wave takes: so many, or a part of all. The last wave takes what is left. */
export const WaveSize = z.union([
  z.int().min(1).max(1000),
  z.string().regex(/^(?:[1-9]\d?|100)%$/, {
    error: 'is neither a number of clusters nor a part of all, such as 10%',
  }),
])
export type WaveSize = z.output<typeof WaveSize>

const Window = z.strictObject({
  days: z
    .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
    .min(1)
    .default(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])
    .describe('The days on which it opens.'),
  from: z.string().describe('When it opens, `22:00`.'),
  to: z.string().describe('When it closes; at or before `from` it is of the next day.'),
})

const rolloutFields = {
  waves: z
    .array(WaveSize)
    .max(20)
    .default([1, '10%'])
    .describe(
      'How many clusters each wave takes: so many (1), or a part of all (10%). One more wave takes the rest.',
    ),
  perCluster: z.int().min(1).max(50).default(4).describe('Most bindings of one cluster at once.'),
  maxConcurrency: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "Most bindings at once; what AWS's quotas leave room for unless given, and never more than that.",
    ),
  toleratedFailurePercentage: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .describe('How many of a wave’s bindings may fail, in percent: beyond that the rollout stops.'),
  undoOnFailure: z
    .boolean()
    .default(false)
    .describe(
      'Whether a wave that is beyond its tolerance is undone. Runs that were stopped in the middle are undone in any case.',
    ),
  approval: z
    .enum(['none', 'required'])
    .default('none')
    .describe('Whether a person must agree before the next wave begins.'),
  approvalTimeoutSeconds: z
    .int()
    .min(60)
    .max(604_800)
    .default(86_400)
    .describe('How long that person may take; no answer in time ends the rollout where it is.'),
  pauseSeconds: z.int().min(0).max(604_800).default(0).describe('How long to wait between two waves.'),
  windows: z
    .array(Window)
    .max(20)
    .default([])
    .describe('When waves may begin; at any time unless given. A wave that has begun goes on to its end.'),
  timeZone: z
    .string()
    .default('UTC')
    .describe('The time zone of the windows, by its IANA name: `Europe/Berlin`.'),
}

/** How a rollout goes about its bindings: `rollout` of podid.yaml, and the same fields in a request. */
export const RolloutSettings = z.strictObject(rolloutFields).superRefine(({ windows, timeZone }, context) => {
  for (const { path, said } of windowFaults(windows, timeZone))
    context.addIssue({ code: 'custom', path: [...path], message: said })
})
export type RolloutSettings = z.output<typeof RolloutSettings>

/** The fields alone, for requests that override some of them. */
export const RolloutFields = z.strictObject(rolloutFields).partial()
