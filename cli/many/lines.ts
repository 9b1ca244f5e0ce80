import { visible } from '../../core/text/unprintable.ts'
import { clipped, widthOf } from '../render/screen.ts'

/** Shows several things that go on side by side, one line each. */
export interface Lines {
  /** What one of them is about now. */
  now(name: string, doing: string): void
  /**
   * One of them has ended: its line stays.
   * @param said more of it, which the table at the end has too
   * @param grave whether a part of that is better than nothing, where there is no room for all of it
   */
  ended(name: string, line: string, said?: string, grave?: boolean): void
  /** Leaves the cursor at the beginning of an empty line, and draws nothing until `resume`. */
  hold(): void
  resume(): void
}

/**
 * On a terminal the lines of what is under way are redrawn in place, beneath those that have ended; elsewhere a line is
 * written when one has ended, and never changed.
 */
export const lines = (stream: NodeJS.WriteStream): Lines => {
  const live = stream.isTTY === true && process.env.TERM !== 'dumb'
  const active = new Map<string, string>()
  let drawn = 0
  let held = false
  const clear = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\r\u001b[J`)
    drawn = 0
  }
  const draw = () => {
    if (!live || held) return
    clear()
    const shown = [...active].slice(0, Math.max(1, (stream.rows || 24) - 1))
    for (const [name, doing] of shown)
      stream.write(
        `${clipped(visible(` ● ${name}  ${doing}`.replaceAll('\n', ' ')), (stream.columns || 80) - 1)}\n`,
      )
    drawn = shown.length
  }
  return {
    now: (name, doing) => {
      if (active.get(name) === doing) return
      active.set(name, doing)
      draw()
    },
    ended: (name, line, said = '', grave = false) => {
      active.delete(name)
      if (live && !held) clear()
      const room = live ? (stream.columns || 80) - 1 : Number.POSITIVE_INFINITY
      const text = visible(`${line}  ${said.split('\n')[0]}`.trimEnd())
      const shown = grave || widthOf(text) <= room ? text : visible(line)
      stream.write(`${clipped(shown, room)}\n`)
      draw()
    },
    hold: () => {
      clear()
      held = true
    },
    resume: () => {
      held = false
      draw()
    },
  }
}

/** Where nothing is to be shown. */
export const noLines: Lines = { now: () => {}, ended: () => {}, hold: () => {}, resume: () => {} }
