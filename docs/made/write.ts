import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layersPicture } from './layers.ts'
import { limitsTable } from './limits.ts'
import { pricesTable, quotasTable } from './quotas.ts'
import { runPicture } from './run-picture.ts'
import { sdkSentencesTable } from './sdk-sentences.ts'
import { servedTables } from './served.ts'
import { stepsTable } from './steps.ts'
import { workflowPicture, workflowSketch } from './workflow.ts'

/** What code makes of the documents: the text between `<!-- made: NAME -->` and `<!-- /made -->` in a file. */
const sections: { file: string; name: string; make: () => string }[] = [
  { file: 'README.md', name: 'sketch', make: workflowSketch },
  { file: 'docs/architecture.md', name: 'layers', make: layersPicture },
  { file: 'docs/architecture.md', name: 'workflow', make: workflowPicture },
  { file: 'docs/architecture.md', name: 'steps', make: stepsTable },
  { file: 'docs/deploy.md', name: 'limits', make: limitsTable },
  { file: 'docs/proof.md', name: 'sdk-sentences', make: sdkSentencesTable },
  { file: 'docs/scale.md', name: 'quotas', make: quotasTable },
  { file: 'docs/scale.md', name: 'prices', make: pricesTable },
  { file: 'docs/stand-ins.md', name: 'served', make: servedTables },
]

/** Files that code makes as a whole. */
const wholeFiles: { file: string; make: () => string }[] = [{ file: 'docs/run.svg', make: runPicture }]

const root = join(import.meta.dirname, '../..')

/** Each file that is made or holds made sections, with its text as it should be. */
export const madeDocuments = (): Map<string, string> => {
  const documents = new Map(wholeFiles.map(({ file, make }) => [file, make()]))
  for (const { file, name, make } of sections) {
    const text = documents.get(file) ?? readFileSync(join(root, file), 'utf8')
    const [open, close] = [`<!-- made: ${name} -->\n`, '\n<!-- /made -->']
    const start = text.indexOf(open)
    const end = text.indexOf(close, start)
    if (start < 0 || end < 0) throw new Error(`${file} has no section "${open.trim()}"`)
    documents.set(file, text.slice(0, start + open.length) + make() + text.slice(end))
  }
  return documents
}

// `npm run docs`
if (import.meta.main) {
  for (const [file, text] of madeDocuments()) writeFileSync(join(root, file), text)
}
