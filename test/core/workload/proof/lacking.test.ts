import { expect, it } from 'vitest'
import { lackingProof, mayChange, type PodEvidence } from '../../../../core/workload/proof/evidence.ts'

const at = '2026-11-25T10:00:00Z'
const about = { pod: 'carts-a', node: 'n-1' }
const handed: PodEvidence = { ...about, seen: 'handed-out', agent: 'a', session: 's', at }
const waiting: PodEvidence = { ...about, seen: 'not-asked', agent: 'a' }
const refused: PodEvidence = { ...about, seen: 'refused', agent: 'a', at, reason: 'r' }
const away: PodEvidence = { ...about, seen: 'out-of-reach', reason: 'r' }
const hidden = (later: boolean): PodEvidence => ({ ...about, seen: 'not-observable', reason: 'r', later })

it.each<[why: string, evidence: PodEvidence, may: boolean]>([
  ['it has them', handed, false],
  ['it has not asked yet', waiting, true],
  ['it was refused, and asks again', refused, true],
  ['no agent is beside it, and one may come', away, true],
  ['an agent is not ready', hidden(true), true],
  ['nobody may look', hidden(false), false],
])('whether another look at a pod may show more: %s', (_why, evidence, may) => {
  expect(mayChange(evidence)).toBe(may)
})

const [lacks, waits, enough] = [
  { lacking: true, waiting: false },
  { lacking: true, waiting: true },
  { lacking: false, waiting: false },
]
it.each<[why: string, evidence: PodEvidence[], required: boolean, looksLeft: number, judged: object]>([
  ['every pod has them', [handed, handed], true, 3, enough],
  ['no pod', [], true, 3, enough],
  ['one of two has them', [handed, waiting], true, 3, waits],
  ['the other of two has them', [waiting, handed], true, 3, waits],
  ['none has them', [refused, waiting], true, 3, waits],
  ['one has them not, and this was the last look', [handed, waiting], true, 0, lacks],
  ['one look is left', [handed, waiting], true, 1, waits],
  ['the one that has them not is nobody’s to see', [handed, hidden(false)], true, 3, lacks],
  ['of two that have them not one may have them yet', [hidden(false), hidden(true)], true, 3, waits],
  ['the request does not want to see it', [waiting], false, 3, enough],
])(
  'what a request lacks that wants to see credentials handed out: %s',
  (_why, evidence, required, looksLeft, judged) => {
    expect(lackingProof(evidence, { required, looksLeft })).toEqual(judged)
  },
)
