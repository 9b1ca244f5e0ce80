import { randomBytes } from 'node:crypto'
import type {
  GetParameterRequest,
  GetParameterResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter,
  PutParameterRequest,
  PutParameterResult,
} from '@aws-sdk/client-ssm'
import type { Account } from './account/account.ts'
import { AwsFailure } from './failure.ts'
import { type Operations, operation } from './operation.ts'

type Kind = 'String' | 'StringList' | 'SecureString'

interface Stored {
  value: string
  type: Kind
  version: number
  modifiedAt: Date
}

/** The account's parameters of Systems Manager, the newest version of each. */
export class Parameters {
  readonly #account: Pick<Account, 'partition' | 'region' | 'accountId' | 'now'>
  readonly #stored = new Map<string, Stored>()

  constructor(account: Pick<Account, 'partition' | 'region' | 'accountId' | 'now'>) {
    this.#account = account
  }

  /** Puts a parameter there, or a new version of it, and answers its ARN. */
  put(name: string, value: string, type: Kind = 'SecureString'): string {
    const version = (this.#stored.get(name)?.version ?? 0) + 1
    this.#stored.set(name, { value, type, version, modifiedAt: this.#account.now() })
    return this.arnOf(name)
  }

  get(name: string): Stored | undefined {
    return this.#stored.get(name)
  }

  /** Of a parameter that is named by its name or its ARN; a path's first slash is not doubled. */
  arnOf(name: string): string {
    if (name.startsWith('arn:')) return name
    const { partition, region, accountId } = this.#account
    return `arn:${partition}:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`
  }

  /** The name behind an ARN of this account. */
  nameOf(given: string): string {
    return [...this.#stored.keys()].find((name) => this.arnOf(name) === given) ?? given
  }
}

/** Systems Manager's Parameter Store: putting parameters and reading them, without versions, labels or tags. */
export const ssmOperations = (parameters: Parameters): Operations => {
  const described = (given: string, decrypted: boolean | undefined): Parameter | undefined => {
    const name = parameters.nameOf(given)
    const stored = parameters.get(name)
    if (!stored) return undefined
    // What is encrypted reads as some other text each time.
    const hidden = stored.type === 'SecureString' && !decrypted
    return {
      Name: name,
      ARN: parameters.arnOf(name),
      Type: stored.type,
      Value: hidden ? `AQICAH${randomBytes(24).toString('base64')}` : stored.value,
      Version: stored.version,
      LastModifiedDate: stored.modifiedAt,
      DataType: 'text',
    }
  }
  return {
    GetParameter: operation<GetParameterRequest, GetParameterResult>()({
      reads: ['Name', 'WithDecryption'],
      resource: ({ Name }) => parameters.arnOf(Name ?? ''),
      subject: ({ Name }) => Name ?? '',
      handle: ({ Name = '', WithDecryption }) => {
        const found = described(Name, WithDecryption)
        if (!found) throw new AwsFailure('ParameterNotFound', '')
        return { Parameter: found }
      },
    }),
    GetParameters: operation<GetParametersRequest, GetParametersResult>()({
      reads: ['Names', 'WithDecryption'],
      resource: ({ Names }) => parameters.arnOf(Names?.[0] ?? ''),
      subject: ({ Names = [] }) => Names.join(' '),
      handle: ({ Names = [], WithDecryption }) => {
        const found = Names.map((name) => [name, described(name, WithDecryption)] as const)
        return {
          Parameters: found.flatMap(([, parameter]) => parameter ?? []),
          InvalidParameters: found.flatMap(([name, parameter]) => (parameter ? [] : [name])),
        }
      },
    }),
    PutParameter: operation<PutParameterRequest, PutParameterResult>()({
      reads: ['Name', 'Value', 'Type', 'Overwrite', 'Description'],
      resource: ({ Name }) => parameters.arnOf(Name ?? ''),
      subject: ({ Name }) => Name ?? '',
      handle: ({ Name = '', Value = '', Type, Overwrite }) => {
        const former = parameters.get(Name)
        if (former && !Overwrite)
          throw new AwsFailure(
            'ParameterAlreadyExists',
            'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
          )
        if (!former && !Type)
          throw new AwsFailure(
            'ValidationException',
            'A parameter type is required when you create a parameter.',
          )
        if (Buffer.byteLength(Value) > 4096)
          throw new AwsFailure(
            'ValidationException',
            'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
          )
        parameters.put(Name, Value, (Type as Kind | undefined) ?? former?.type)
        return { Version: parameters.get(Name)?.version ?? 1, Tier: 'Standard' }
      },
    }),
  }
}
