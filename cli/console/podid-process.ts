import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { PreflightFailed } from '../../core/errors.ts'

/** The same podid once more, in a process of its own. */
const podid = (words: readonly string[], detached: boolean) =>
  spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached,
  })

/** Starts podid in a process of its own, which outlives this one. @returns the first line of its JSON */
export const firstLineOf = (
  words: readonly string[],
  input: string,
): Promise<{ run?: string; rollout?: string }> =>
  new Promise((resolve, reject) => {
    const child = podid(words, true)
    let said = ''
    child.stderr.on('data', (part) => {
      said += String(part)
    })
    createInterface({ input: child.stdout }).once('line', (line) => {
      // Nobody reads on: its journal has the rest.
      child.stdout.resume()
      child.unref()
      resolve(JSON.parse(line) as { run?: string; rollout?: string })
    })
    child.on('error', reject)
    child.on('close', () => reject(new PreflightFailed(said.trim() || 'it ended without a word')))
    child.stdin.end(input)
  })

/** Runs podid to its end. @returns the last line of its JSON. @throws PreflightFailed with what it said where there is none */
export const lastLineOf = (words: readonly string[], input: string): Promise<{ report?: unknown }> =>
  new Promise((resolve, reject) => {
    const child = podid(words, false)
    let said = ''
    let last: string | undefined
    child.stderr.on('data', (part) => {
      said += String(part)
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      last = line
    })
    child.on('error', reject)
    child.on('close', () =>
      last === undefined
        ? reject(new PreflightFailed(said.trim() || 'it ended without a word'))
        : resolve(JSON.parse(last) as { report?: unknown }),
    )
    child.stdin.end(input)
  })
