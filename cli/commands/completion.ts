import type { Command } from 'commander'
import { visible } from '../../core/text/unprintable.ts'
import { candidates } from '../completion/candidates.ts'
import { namesHere } from '../completion/names.ts'
import { type Shell, scripts } from '../completion/scripts.ts'
import { type ExitCode, exit } from '../exit.ts'

/** `podid completion SHELL`: the script that makes the shell complete podid's command line. */
export const completion = (shell: Shell): ExitCode => {
  process.stdout.write(visible(scripts[shell]))
  return exit.done
}

/** `podid complete LINE`, which the scripts call: what the last word of the line may become, one a line. */
export const complete = async (program: Command, line: string): Promise<ExitCode> => {
  const found = await candidates(program, line, namesHere)
  process.stdout.write(visible(found.map((one) => `${one}\n`).join('')))
  return exit.done
}
