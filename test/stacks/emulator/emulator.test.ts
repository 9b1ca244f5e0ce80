import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { needing } from '../../support/command-line.ts'
import { everything, synthesizeStage } from '../support.ts'
import { callsFor, emulatedAccount } from './calls.ts'

// Somebody else's idea of AWS, where it is on the machine: https://docs.getmoto.org/en/latest/docs/server_mode.html
const { skipped, note } = needing('moto_server', 'python3')

const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

it('a call is said for every type that a stage has', async () => {
  const { resources } = await synthesizeStage('dev', everything)
  expect(callsFor(resources).unknown).toEqual([])
})

it.skipIf(skipped || process.env.PODID_EXHAUSTIVE !== '1')(
  `an emulator takes every resource of a stage, each input as its service's model has it${note}`,
  async () => {
    const { resources } = await synthesizeStage('dev', everything)
    const { calls } = callsFor(resources)
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const env = { ...process.env, MOTO_ACCOUNT_ID: emulatedAccount, MOTO_DEFAULT_ACCOUNT_ID: emulatedAccount }
    const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { env, stdio: 'ignore' })
    try {
      for (let up = false; !up; ) {
        expect(server.exitCode).toBeNull()
        up = await fetch(`${url}/moto-api/`).then(
          ({ ok }) => ok,
          () => false,
        )
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      const python = spawn('python3', [join(import.meta.dirname, 'create.py'), url, 'us-west-2'], {
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      python.stdin.end(JSON.stringify(calls))
      const [said, failed] = await Promise.all([text(python.stdout), text(python.stderr)])
      expect(failed).toBe('')
      expect(JSON.parse(said)).toEqual([])
      expect(calls.length).toBeGreaterThan(150)
    } finally {
      server.kill()
    }
  },
)
