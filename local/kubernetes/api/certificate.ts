import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A server's certificate and key with the authority that signed it, all PEM. */
export interface ServerCertificate {
  /** The authority's certificate, which clients are given to trust. */
  authority: string
  certificate: string
  key: string
}

/** Makes a throw-away authority and a certificate from it for `localhost` and 127.0.0.1, good for a year. */
export const issueCertificate = (now = Date.now()): ServerCertificate => {
  const validity = { from: new Date(now - hour), to: new Date(now + 365 * 24 * hour) }
  const authorityKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serverKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const authority = { name: 'podid local authority', key: authorityKeys.privateKey }
  return {
    authority: certificate({
      subject: authority.name,
      issuer: authority,
      publicKey: authorityKeys.publicKey,
      validity,
      extensions: [
        extension(oids.basicConstraints, true, sequence(der(tags.boolean, Buffer.of(0xff)))),
        extension(oids.keyUsage, true, der(tags.bitString, Buffer.of(1, 0b0000_0110))), // sign certificates and CRLs
      ],
    }),
    certificate: certificate({
      subject: 'kube-apiserver',
      issuer: authority,
      publicKey: serverKeys.publicKey,
      validity,
      extensions: [
        extension(oids.basicConstraints, true, sequence()),
        extension(oids.keyUsage, true, der(tags.bitString, Buffer.of(7, 0b1000_0000))), // digital signature
        extension(oids.extendedKeyUsage, false, sequence(objectIdentifier(oids.serverAuthentication))),
        extension(
          oids.subjectAlternativeName,
          false,
          sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.of(127, 0, 0, 1))),
        ),
      ],
    }),
    key: serverKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

const hour = 3_600_000

const oids = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
}

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
}

interface CertificateRequest {
  subject: string
  issuer: { name: string; key: KeyObject }
  publicKey: KeyObject
  validity: { from: Date; to: Date }
  extensions: Buffer[]
}

// The layout is RFC 5280, section 4.1.
const certificate = ({ subject, issuer, publicKey, validity, extensions }: CertificateRequest): string => {
  const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256))
  const body = sequence(
    der(0xa0, der(tags.integer, Buffer.of(2))), // version 3
    der(tags.integer, serialNumber()),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(validity.from), utcTime(validity.to)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuer.key)
  return pem(sequence(body, algorithm, der(tags.bitString, Buffer.of(0), signature)))
}

/** One DER element: tag, length, content. */
const der = (tag: number, ...content: Buffer[]): Buffer => {
  const bytes = Buffer.concat(content)
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(bytes.length)), bytes])
}

const lengthBytes = (length: number): number[] => {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  return [0x82, length >> 8, length & 0xff]
}

const sequence = (...content: Buffer[]): Buffer => der(tags.sequence, ...content)

// The first two arcs share a byte; each further arc is written in base 128, all bytes but its last with bit 8.
const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...arcs] = dotted.split('.').map(Number)
  return der(tags.objectIdentifier, Buffer.of(first * 40 + second, ...arcs.flatMap(base128)))
}

const base128 = (value: number): number[] => {
  const bytes = [value & 0x7f]
  for (let rest = value >> 7; rest > 0; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

const distinguishedName = (commonName: string): Buffer =>
  sequence(
    der(tags.set, sequence(objectIdentifier(oids.commonName), der(tags.utf8String, Buffer.from(commonName)))),
  )

// Positive, and no leading zero that DER would forbid.
const serialNumber = (): Buffer => {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes
}

const utcTime = (date: Date): Buffer =>
  der(tags.utcTime, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`))

const extension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  sequence(
    objectIdentifier(oid),
    ...(critical ? [der(tags.boolean, Buffer.of(0xff))] : []),
    der(tags.octetString, value),
  )

const pem = (bytes: Buffer): string => {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
