import type { Runtime } from '../../adapters/runtime.ts'
import type { Request } from '../../core/request.ts'
import { regionOf, requestOf } from '../binding.ts'
import { endpointAnswers } from '../identity.ts'

/**
 * Puts observed needs in the place of `needs: observed`, and in an input that has none: shown with their sources, to be
 * kept in the binding. What is faulty otherwise is the first state's to say.
 */
export const withNeeds = async (
  runtime: Runtime,
  input: Record<string, unknown>,
  show: (text: string) => void,
): Promise<Record<string, unknown>> => {
  const proposed = input.needs === undefined
  if (input.needs !== 'observed' && !proposed) return input
  const { needs: _none, ...others } = input
  const region = regionOf(input)
  const request = checked(others, region)
  if (!request) return others
  await endpointAnswers()
  const { needsYaml, observe } = await import('../observe.ts')
  const observed = await observe(runtime, { ...request, region: request.region })
  show(`${proposed ? 'no needs were given; observed' : 'observed'}:\n${needsYaml(observed)}`)
  return { ...others, needs: observed.needs.map(({ actions, resources }) => ({ actions, resources })) }
}

/** The request of an input; undefined where it has faults. */
const checked = (input: Record<string, unknown>, region: string): Request | undefined => {
  try {
    return requestOf(input, accountInRole(input.role), region)
  } catch {
    return undefined
  }
}

/** The account that a role's ARN names; an empty text where it is no such ARN. */
export const accountInRole = (role: unknown): string =>
  /^arn:aws[\w-]*:iam::(\d{12}):/.exec(String(role))?.[1] ?? ''
