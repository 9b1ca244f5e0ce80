#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// Plain JavaScript on purpose: an older Node must be able to read this far to say what is missing.
const source = new URL('./main.ts', import.meta.url)
const inClone = existsSync(source)
const least = inClone ? 24 : 22
const { env, versions } = process
if (Number(versions.node.split('.')[0]) < least) {
  const advice = inClone ? ' In a clone, run: npm ci && npx podid --help' : ''
  process.stderr.write(`podid needs Node ${least} or newer, and this is ${process.version}.${advice}\n`)
  process.exit(2)
}
// What z.config() sets, here before zod is loaded: compiling each schema into code takes longer than checking with it
// the few values that a command has.
globalThis.__zod_globalConfig = { jitless: true }
// Reading the SDKs is most of what a short command does; their compiled code is cached for the next one. Not in Node's
// own place for it, the folder for temporary files, where another user may have put something first.
const cache = env.NODE_COMPILE_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'podid')
module.enableCompileCache(cache)
const { runCommandLine } = await import(inClone ? source.href : '../dist/podid.mjs')
// Set, and not exited with: the process ends by itself, so that what was written is flushed.
process.exitCode = await runCommandLine(process.argv.slice(2))
