/** Words in the name of a field, variable, header or flag whose value is nobody's business. */
const secretName = String.raw`(?:secret(?!smanager:)|pass(?!ed\b|es\b|ing\b|ive)|pwd|token|(?<!/v1/)credential(?!s?\w{0,20}(?:Error|Exception|Providers)\b)|api[_-]?key|private[_-]?key|access[_-]?key(?![_-]?id)|signature(?!\w{0,20}(?:Exception|DoesNotMatch)\b)|cookie|authori[sz]ation(?!(?:Error|Exception)\b))`

/** A value that is hidden already, and goes on with nothing that would still belong to it. */
const hiddenWhole = String.raw`\((?:hidden|token)\)(?!\.?[\w~+/%=-])`

/**
 * What has the form of a secret, in the order in which it is looked for: what is recognised by itself first, then by
 * its name, then by its form alone. A secret that is cut off is one as well.
 */
const secrets: [pattern: RegExp, instead: string][] = [
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    '(private key)',
  ],
  // The inner lines of a PEM block whose beginning somebody has cut off.
  [/^[ \t]*[A-Za-z0-9+/]{60,80}={0,2}[ \t]*$/gm, '(hidden)'],
  // https://datatracker.ietf.org/doc/html/rfc3986#section-3.2.1: a host that is not followed by a user has a port.
  [/:\/\/(?![^\s/?#@:]{0,300}:\d{1,5}[/?#])[^\s/?#@:]{0,300}:[^\s"'<>]{0,300}@/g, '://(hidden)@'],
  [/:\/\/[^\s/?#@"'<>]{1,300}@/g, '://(hidden)@'],
  // An access key's id shows its kind; what follows it is often its secret.
  [/(AKIA|ASIA)[A-Z0-9]{8,}((?:[\s:,;/|"'=]|\\.){1,6})[A-Za-z0-9/+]{30,}={0,2}/g, '$1…$2(hidden)'],
  [
    /(AKIA|ASIA)[A-Z0-9]{8,}([^A-Za-z0-9/+][\s\S]{0,80}?)(?<![A-Za-z0-9/+])(?=[A-Za-z/+]*\d)(?=[A-Z\d/+]*[a-z])[A-Za-z0-9/+]{40,}={0,2}/g,
    '$1…$2(hidden)',
  ],
  [/(AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}/g, '$1…'],
  [/k8s-aws-v1\.[\w-]*/g, '(token)'],
  [/eyJ[\w-]{5,}(?:\.[\w-]*)*/g, '(token)'],
  [
    /(?:gh[opusr]_|github_pat_|glpat-|npm_|xox[a-z]-|xapp-|whsec_|[sr]k_(?:live|test)_|hvs\.)[\w+/=-]{4,}/g,
    '(token)',
  ],
  [/\b(bearer|basic|negotiate)\s+(?!\(hidden\)|\(token\))[\w.~+/=-]{6,}/gi, '$1 (hidden)'],
  // As another URL's parameter; by itself it is a name like others.
  [/(x-amz-(?:signature|credential|security-token)%3D)(?!\(hidden\))[^&\s"']+/gi, '$1(hidden)'],
  // name: "value", name='value', \"name\": \"value\"
  [
    new RegExp(
      String.raw`(${secretName}[\w.-]{0,60}\\*["']?\s*(?:=>|[:=])\s*)(\\*["'])(?!\(hidden\))(?:(?!\2)[^\n])+(\2|(?=\n|$))`,
      'gi',
    ),
    '$1$2(hidden)$3',
  ],
  // Whole headers, whatever the scheme.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*[:=]\s*)(?!(?:bearer|basic|negotiate) \(hidden\)|\(hidden\))[^\s"'][^\n"']*/gi,
    '$1$2(hidden)',
  ],
  // name=value: to the end of the word, as nobody knows which marks belong to the value.
  [
    new RegExp(
      String.raw`(?<!:secretsmanager:[\w-]*:\d{12}:)(${secretName}[\w.-]{0,60}\\*["']?=)(?!${hiddenWhole}|["'\\])[^\s&]+`,
      'gi',
    ),
    '$1(hidden)',
  ],
  [
    new RegExp(
      String.raw`(?<!:secretsmanager:[\w-]*:\d{12}:)(${secretName}[\w.-]{0,60}\\*["']?\s*(?:=>|[:=])\s*)(?!${hiddenWhole}|(?:bearer|basic|negotiate) \(hidden\)|["'\\=])[^\s"',;&}]{4,}`,
      'gi',
    ),
    '$1(hidden)',
  ],
  // --password value
  [
    new RegExp(String.raw`(--?[\w-]*${secretName}[\w-]*\s+)(?!${hiddenWhole}|-)[^\s"']{4,}`, 'gi'),
    '$1(hidden)',
  ],
  // What is left of 40 characters of base64 with both cases and a digit has the shape of an AWS secret key.
  [/(?<![\w/+])(?=[\w/+]*[a-z])(?=[\w/+]*[A-Z])(?=[\w/+]*\d)[A-Za-z\d/+]{40}={0,2}(?![\w/+=])/g, '(hidden)'],
]

/** Takes keys, tokens and passwords out of text that others wrote, such as a log line, before it is shown. */
export const redact = (text: string): string =>
  secrets.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text)

const longest = 400

/**
 * Redacted text, cut to a length that fits into a report. It is cut after that, never before: half of a secret is no
 * longer recognised.
 */
export const excerpt = (text: string, most = longest): string => {
  const clean = redact(text)
  return clean.length > most ? `${clean.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : clean
}
