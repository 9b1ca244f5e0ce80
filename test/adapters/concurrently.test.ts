import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { concurrently, together } from '../../adapters/concurrently.ts'

describe('together', () => {
  it('answers in order', async () => {
    expect(await together([Promise.resolve(1), 'two'])).toEqual([1, 'two'])
  })

  it('throws a failure only when everything else has ended', async () => {
    let ended = false
    const slow = async () => {
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      ended = true
    }
    await expect(together([Promise.reject(new Error('no')), slow()])).rejects.toThrow('no')
    expect(ended).toBe(true)
  })
})

describe('concurrently', () => {
  it('begins nothing after a failure, and throws it when what was under way has ended', async () => {
    const seen: string[] = []
    const call = async (item: number) => {
      seen.push(`began ${item}`)
      if (item === 1) throw new Error('no')
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      seen.push(`ended ${item}`)
    }
    await expect(concurrently([0, 1, 2, 3], 2, call)).rejects.toThrow('no')
    expect(seen).toEqual(['began 0', 'began 1', 'ended 0'])
  })
})
