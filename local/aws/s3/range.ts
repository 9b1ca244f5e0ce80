import { AwsFailure } from '../failure.ts'

/** Which bytes of an object are asked for; `to` is the last of them. */
export interface ByteRange {
  from: number
  to: number
}

/**
 * The bytes that a Range header asks of an object of that size. Undefined is the whole: what cannot be read, and
 * several ranges at once, are ignored. Throws InvalidRange for a range that begins beyond the end.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, RFC 9110 section 14
 */
export const rangeOf = (header: string | undefined, size: number): ByteRange | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (from > to || (first === '' && Number(last) === 0))
    throw new AwsFailure('InvalidRange', 'The requested range is not satisfiable', {
      status: 416,
      fields: { RangeRequested: header, ActualObjectSize: size },
    })
  return { from, to }
}
