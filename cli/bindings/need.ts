import { readyMadeFields } from '../../core/role/needs.ts'
import { UsageError } from '../usage-error.ts'

/**
 * A need as --need has it: `dynamodb:Query,dynamodb:GetItem@arn:…,arn:…`, or a ready-made one by its name:
 * `dynamodb-read-write@arn:…`.
 * @throws UsageError
 */
export const needFrom = (text: string): Record<string, unknown> => {
  const at = text.indexOf('@')
  if (at < 1) {
    throw new UsageError(
      `--need ${text} has no resources: write ACTION[,ACTION]@RESOURCE[,RESOURCE], for example dynamodb:Query@arn:aws:dynamodb:us-west-2:123456789012:table/Items, or a ready-made need, for example dynamodb-read-write@arn:aws:dynamodb:us-west-2:123456789012:table/Items`,
    )
  }
  const list = (part: string) => part.split(',').filter((item) => item !== '')
  const [name, resources] = [text.slice(0, at), text.slice(at + 1)]
  if (name.includes(':')) return { actions: list(name), resources: list(resources) }
  const field = readyMadeFields[name]
  if (field === undefined) {
    throw new UsageError(
      `--need ${text}: ${name} names no ready-made need; these are: ${Object.keys(readyMadeFields).join(', ')}`,
    )
  }
  return field === '' ? { use: name } : { use: name, [field]: resources }
}
