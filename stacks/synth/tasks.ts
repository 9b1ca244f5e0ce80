import type { SynthesisTask } from './synth.ts'

// The process that synthesizes: it runs the program at SYNTH_PROGRAM for the stages in SYNTH_TASKS, one after the other. Each is
// a fresh import, as SST keeps what it has registered; Pulumi's packages, which take most of the time, are loaded once.

const { SYNTH_PROGRAM = '', SYNTH_TASKS = '[]' } = process.env

const fail = (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(1)
}
process.on('unhandledRejection', fail)
process.on('uncaughtException', fail)

for (const [at, task] of (JSON.parse(SYNTH_TASKS) as SynthesisTask[]).entries()) {
  const { register } = (await import(`${SYNTH_PROGRAM}?${at}`)) as {
    register(task: SynthesisTask): Promise<void>
  }
  await register(task)
}
process.exit(0)
