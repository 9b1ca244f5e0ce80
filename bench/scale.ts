import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type MeasuredMachine, measureMachine } from './fleet/machine.ts'
import { type MeasuredRollout, measureRollout } from './fleet/rollout.ts'

type Size = [bindings: number, clusters: number]

/** Every step of every run, on stand-ins. `node bench/scale.ts 1000 50` takes another size, and the time for it. */
const whole: Size[] = [
  [1, 1],
  [10, 10],
  [100, 50],
]

/** The rollout's own workflow, with runs that last a minute. */
const alone: Size[] = [
  [100, 50],
  [500, 50],
  [1000, 50],
]

/** In a process of its own, so that none inherits another's heap. */
const apart = async <Measured>(what: 'whole' | 'alone', [bindings, clusters]: Size): Promise<Measured> => {
  const child = fork(import.meta.filename, [String(bindings), String(clusters), what], {
    execArgv: ['--expose-gc'],
  })
  const closed = once(child, 'exit')
  const [measured] = (await Promise.race([once(child, 'message'), closed.then(() => [undefined])])) as [
    Measured | undefined,
  ]
  await closed
  if (!measured) throw new Error(`${bindings} bindings on ${clusters} clusters could not be measured`)
  return measured
}

const rolloutLine = (row: MeasuredRollout): string => {
  const each = (sum = 0, digits = 1) => (sum / row.bindings).toFixed(digits)
  const { calls } = row
  return [
    `${row.bindings} bindings on ${row.clusters} clusters: ${row.enabled} enabled`,
    `in ${row.virtualSeconds.toFixed(0)} s of virtual time (${each(row.virtualSeconds, 2)} s each)`,
    `${each(row.cpuSeconds * 1000, 0)} ms of processor each`,
    `heap ${row.heap.before.toFixed(0)} MiB before, ${row.heap.after.toFixed(0)} after`,
    `at once at most ${row.most.all}, of a cluster ${row.most.cluster}`,
    `calls each: EKS ${each(calls.eks)}, IAM ${each(calls.iam)}, Step Functions ${each(calls.states)}, DynamoDB ${each(calls.dynamodb)}, S3 ${each(calls.s3)}, Kubernetes ${each(calls.kubernetes, 0)}`,
    `throttled and asked again: ${
      Object.entries(row.refused)
        .map(([service, count]) => `${service} ${count}`)
        .join(', ') || 'none'
    }`,
    `$${each(row.cost, 5)} each (${each(row.usage.transition)} transitions, ${each(row.usage.invocation)} invocations, ${each(row.usage.gigabyteSecond)} GB-s)`,
  ].join('\n  ')
}

const machineLine = (row: MeasuredMachine): string =>
  [
    `${row.bindings} bindings on ${row.clusters} clusters, runs of a minute: ${row.enabled} enabled`,
    `in ${row.virtualSeconds.toFixed(0)} s of virtual time (${(row.virtualSeconds / row.bindings).toFixed(2)} s each)`,
    `${row.cpuMsEach.toFixed(1)} ms of processor and ${row.heapKiBEach.toFixed(1)} KiB of heap each`,
    `at once at most ${row.most.all}, of a cluster ${row.most.cluster}`,
  ].join('\n  ')

/** Prints what was measured; answers whether nothing was lost, and twice as many took at most twice as long. */
export const benchScale = async (): Promise<boolean> => {
  const all: { bindings: number; enabled: number }[] = []
  for (const size of whole) {
    const row = await apart<MeasuredRollout>('whole', size)
    process.stdout.write(`${rolloutLine(row)}\n`)
    all.push(row)
  }
  const seconds = new Map<number, number>()
  for (const size of alone) {
    const row = await apart<MeasuredMachine>('alone', size)
    process.stdout.write(`${machineLine(row)}\n`)
    all.push(row)
    seconds.set(row.bindings, row.virtualSeconds)
  }
  const ratio = (seconds.get(1000) ?? 0) / (seconds.get(500) ?? 1)
  process.stdout.write(`1,000 bindings take ${ratio.toFixed(2)} times as long as 500 (at most 2.05)\n`)
  return ratio <= 2.05 && all.every(({ bindings, enabled }) => bindings === enabled)
}

if (import.meta.main) {
  const [bindings, clusters] = process.argv.slice(2, 4).map(Number)
  if (!bindings || !clusters) {
    if (!(await benchScale())) process.exitCode = 1
  } else if (process.send) {
    const measure = process.argv[4] === 'alone' ? measureMachine : measureRollout
    // Connections of the stand-ins' clients may stay open for a while.
    process.send(await measure(bindings, clusters), () => process.exit())
  } else process.stdout.write(`${rolloutLine(await measureRollout(bindings, clusters))}\n`)
}
