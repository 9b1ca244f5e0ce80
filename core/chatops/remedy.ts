import type { Remedy } from '../findings.ts'
import { clip } from '../text/clip.ts'
import { codeBlock, literal } from './mrkdwn.ts'

/** A remedy as mrkdwn: the advice, and its commands as a block of code of at most `most` characters. */
export const remedyText = ({ advice, command }: Remedy, most: number): string[] => [
  literal(clip(advice, most)),
  ...(command === undefined ? [] : [codeBlock(clip(command, most))]),
]
