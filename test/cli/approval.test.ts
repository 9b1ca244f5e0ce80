import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Local, needing, type Pointed } from '../support/command-line.ts'
import { podidHere, startStageless } from '../support/commands/here.ts'
import { type Typed, typedInto } from '../support/commands/terminal.ts'

const { skipped, note } = needing('python3')

const role = 'arn:aws:iam::123456789012:role/eks-workshop-carts-dynamo'

describe('approval at the terminal', () => {
  let local: Local<Pointed>
  let file: string
  beforeAll(async () => {
    local = await startStageless({ propagationMs: [600_000] })
    file = join(local.folder, 'carts.json')
    const binding = {
      cluster: 'eks-workshop',
      namespace: 'carts',
      serviceAccount: 'carts',
      role,
      workload: 'deployment/carts',
      approval: 'required',
    }
    writeFileSync(file, JSON.stringify(binding))
  })
  afterAll(() => local[Symbol.asyncDispose]())

  const typing = (typed: Typed, ...chosen: string[]) => {
    const named = chosen.length > 0 ? chosen : ['--file', file]
    const program = [process.execPath, local.program, 'enable', ...named]
    return typedInto(program, local.env, { until: ['Propagation'], ...typed })
  }

  /** Bindings in a file of their own, and whether each asks; all but carts are for an association alone. */
  const several = (approvals: Record<string, string>): string[] => {
    const path = join(local.folder, 'podid.yaml')
    const place = { cluster: 'eks-workshop', namespace: 'carts', role, needs: [] }
    const bindings = Object.fromEntries(
      Object.entries(approvals).map(([name, approval]) => [
        name,
        {
          ...place,
          approval,
          serviceAccount: name,
          ...(name === 'carts' ? { workload: 'deployment/carts' } : {}),
        },
      ]),
    )
    writeFileSync(path, JSON.stringify({ account: '123456789012', region: 'us-west-2', bindings }))
    return ['--file', path, '--all']
  }

  it('without a terminal, says what to add', async () => {
    const { code, stdout, stderr } = await podidHere(['enable', '--file', file], local.env)
    expect(code).toBe(1)
    expect(`${stdout}${stderr}`).toContain('there is no terminal to ask at: add --yes')
  })

  describe.skipIf(skipped)(`on one${note}`, () => {
    const listed =
      /This run would change\s+\+ association of carts\/carts\s+role: arn:aws:iam::\d+:role\/eks-workshop-carts-dynamo\s+± restart 1 pod of deployment\/carts\s+Go ahead with these changes\? \[y\/N\]/

    it('Ctrl-C at the question ends with 130, without a stack trace, and changes nothing', async () => {
      const { code, said } = await typing({ keys: '\x03' })
      expect(said).toMatch(listed)
      expect(said).toContain('interrupted before anything was changed')
      expect(said).not.toMatch(/\n\s+at |AbortError/)
      expect(code).toBe(130)
    })

    it('makes them after a yes; Ctrl-C while it waits puts them back', async () => {
      const { code, said } = await typing({ keys: 'y\r' })
      expect(said).toMatch(listed)
      expect(said).toContain('interrupted: putting back what was changed')
      // Nothing of the display comes after the report.
      expect(said).toMatch(/Put back\s+the association a-\w+ is deleted\s+Took [\d.]+s\r?\n$/)
      expect(code).toBe(130)
    })

    it('asks for one of several after the other, and takes neither keys typed before it nor the end of input for a yes; Ctrl-C ends what is under way by its own rule', async () => {
      const asking = { one: 'required', two: 'required', carts: 'required' }
      const chosen = [...several({ ...asking, three: 'none' }), '--parallel', '2']
      // A line and the beginning of one: with any of it the empty line at the first question would be a yes.
      const typed = { early: 'y\ry', keys: ['\r', '\x04', 'y\r'] }
      const until = ['carts on eks-workshop  Propagation', '✔ three on eks-workshop']
      const { code, said } = await typing({ ...typed, until }, ...chosen)
      expect(said).toMatch(/ ✔ three on eks-workshop +associated\b/)
      expect(said).toMatch(/\bone on eks-workshop would change\s+\+ association of carts\/one\s/)
      expect(said).toMatch(/\btwo on eks-workshop would change\s+\+ association of carts\/two\s/)
      expect(said.match(/\[y\/N\]/g)).toHaveLength(3)
      expect(said.match(/declined at the terminal/g)?.length).toBeGreaterThan(1)
      expect(said.match(/✖ (?:one|two) on eks-workshop\s+failed\s/g)).toHaveLength(2)
      expect(said).toMatch(/ ■ carts on eks-workshop +interrupted +is as it was before/)
      expect(code).toBe(130)
    })
  })
})
