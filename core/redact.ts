const secrets: [pattern: RegExp, instead: string][] = [
  [/\b(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, '$1…'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '(private key)'],
  [/\bk8s-aws-v1\.[\w-]+/g, '(token)'],
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, '(token)'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 (hidden)'],
  [/([?&]X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"']+/gi, '$1(hidden)'],
  [
    /((?:secret|password|passwd|token|api[_-]?key|private[_-]?key)[\w.-]*["']?\s*[:=]\s*["']?)(?!\(hidden\))[^\s"',;&}]{4,}/gi,
    '$1(hidden)',
  ],
  // What is left of 40 characters of base64 with both cases and a digit has the shape of an AWS secret key.
  [/(?<![\w/+=])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z\d/+]{40}(?![\w/+=])/g, '(hidden)'],
]

/** Takes keys, tokens and passwords out of text that others wrote, such as a log line, before it is shown. */
export const redact = (text: string): string =>
  secrets.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text)

const longest = 400

/** Redacted text, cut to a length that fits into a report. */
export const excerpt = (text: string): string => {
  const clean = redact(text)
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean
}
