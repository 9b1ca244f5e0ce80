import { setTimeout as realSleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { virtualClock } from '../../local/clock.ts'

it('jumps from timer to timer in their order', async () => {
  const clock = virtualClock({ start: 1000 })
  const seen: string[] = []
  clock.after(60_000, () => seen.push(`late ${clock.now()}`))
  clock.after(10, () => seen.push(`soon ${clock.now()}`))
  await clock.sleep(3_600_000)
  expect(seen).toEqual(['soon 1010', 'late 61000'])
  expect(clock.now()).toBe(3_601_000)
})

it('stands still while requests are being served', async () => {
  const clock = virtualClock({ start: 0, quietMs: 40 })
  let fired = false
  clock.after(1, () => {
    fired = true
  })
  for (let i = 0; i < 10; i++) {
    await realSleep(10)
    clock.touch()
  }
  expect(fired).toBe(false)
  await clock.sleep(2)
  expect(fired).toBe(true)
})

it('stands still while somebody works, and passes while all who work are asleep', async () => {
  const clock = virtualClock({ start: 0 })
  const seen: string[] = []
  clock.after(1000, () => seen.push(`timer ${clock.now()}`))
  const done = clock.busy()
  await realSleep(20)
  expect(seen).toEqual([])
  await clock.workers.sleep(500)
  seen.push(`awake ${clock.now()}`)
  await realSleep(20)
  expect(seen).toEqual(['awake 500'])
  done()
  await clock.sleep(1000)
  expect(seen).toEqual(['awake 500', 'timer 1000'])
})

it('counts a worker whose sleep was cut short as awake again', async () => {
  const clock = virtualClock({ start: 0 })
  clock.busy()
  const abort = new AbortController()
  const sleeping = clock.workers.sleep(1e9, abort.signal)
  abort.abort(new Error('up'))
  await expect(sleeping).rejects.toThrow('up')
  const stood = clock.now()
  clock.after(10, () => {})
  await realSleep(20)
  expect(clock.now()).toBe(stood)
})

it('tells a story while held, then goes on in real time with the timers left over', async () => {
  const story = 4 * 24 * 3600_000
  const clock = virtualClock({ start: Date.now() - story, held: true })
  const seen: string[] = []
  const tick = () => {
    seen.push('day')
    clock.after(24 * 3600_000, tick)
  }
  clock.after(24 * 3600_000, tick)
  await clock.advance(story)
  expect(seen).toHaveLength(4)
  clock.after(20, () => seen.push('real'))
  expect(seen).toHaveLength(4)
  clock.release('real')
  const before = Date.now()
  await clock.sleep(30)
  expect(Date.now() - before).toBeGreaterThanOrEqual(25)
  expect(seen.at(-1)).toBe('real')
  clock.stop()
})

it('cuts a sleep short with the reason of the abort', async () => {
  const clock = virtualClock({ held: true })
  const abort = new AbortController()
  const sleeping = clock.sleep(1000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(sleeping).rejects.toThrow('enough')
})
