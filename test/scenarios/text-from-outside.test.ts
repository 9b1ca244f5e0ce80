import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { output } from '../../cli/show.ts'
import { runMessage } from '../../core/chatops/run-message.ts'
import { viewRun } from '../../core/chatops/run-view.ts'
import type { RunEvent } from '../../core/run-events/event.ts'
import { unprintable } from '../../core/text/unprintable.ts'
import { podIdentityTrust } from '../../local/scenarios/workshop/account.ts'
import { workshop } from '../../local/scenarios/workshop/index.ts'
import { startWorkshop } from '../support/run.ts'

const always = Number.POSITIVE_INFINITY
const hostile = '\x1b]52;c;ZWNobw==\x07 \x1b[2J \u202erolla\u2066 <!channel>'

/** Runs a command in a shell whose `aws` prints its words, and says which files that made in the shell's folder. */
const paste = (command: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'podid-paste-'))
  try {
    const script = `aws() { printf '%s\\n' "$@"; }\n${command}`
    const said = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
    return { words: said.trimEnd().split('\n'), made: readdirSync(folder) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

it('what others wrote acts on no shell, terminal or chat, through a whole run that fails', async () => {
  await using world = await startWorkshop()
  const { arn } = world.aws.state.addRole({
    name: 'former',
    path: '/$(touch${IFS}made)/',
    trust: podIdentityTrust,
  })
  world.aws.state.addAssociation({
    clusterName: workshop.cluster,
    namespace: workshop.namespace,
    serviceAccount: workshop.serviceAccount,
    roleArn: arn,
  })
  world.aws.associations.changes.subscribe(() => world.aws.state.roles.get(workshop.role)?.attached.clear())
  world.calls.inject({
    operation: 'get pods/log',
    times: always,
    action: { kind: 'garble', status: 200, body: `carts: ${hostile}\n`, contentType: 'text/plain' },
  })
  // The repointing works, the way back does not.
  world.calls.inject({
    operation: 'UpdatePodIdentityAssociation',
    skip: 1,
    times: always,
    action: { kind: 'error', status: 400, code: 'InvalidRequestException', message: hostile },
  })

  let printed = ''
  const take = (text: unknown) => {
    printed += text
    return true
  }
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation(take)
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation(take)
  const shown = output({}, 'enable')
  const events: RunEvent[] = []
  const run = async () => {
    const onEvent = (one: RunEvent) => {
      shown.onEvent(one)
      events.push(one)
    }
    const end = await world.enable(
      { replace: true, rolloutTimeoutSeconds: 5 },
      { onProgress: shown.onProgress, onEvent },
    )
    shown.end({ ...end, wayBack: 'podid undo test-1' })
    return end
  }
  const { event, report } = await run().finally(() => {
    stdout.mockRestore()
    stderr.mockRestore()
  })
  expect(event.type).toBe('run.failed')
  expect(printed).toContain('\\x1b]52;c')
  expect(printed.match(unprintable)).toBeNull()
  expect(printed).toMatch(/\nTo undo this run: podid undo test-1\n$/)

  const [left] = report?.undo?.left ?? []
  expect(paste(left?.command ?? '')).toEqual({ words: expect.arrayContaining(['--role-arn', arn]), made: [] })

  const input = { cluster: workshop.cluster, namespace: workshop.namespace }
  const facts = { run: 'test-1', input, view: viewRun(events), undoable: true, record: undefined }
  const message = JSON.stringify(runMessage({ ...facts, approval: undefined }))
  expect(message).toContain('x1b]52;c')
  expect(message).not.toMatch(/<!channel>|\\u001b|[\u202e\u2066]/)
  expect(message.match(unprintable)?.filter((one) => one !== '\u2060') ?? []).toEqual([])
})
