import { expect, it } from 'vitest'
import type { Container } from '../../../../core/kubernetes.ts'
import { credentialFindings } from '../../../../core/workload/environment.ts'

const carts = (change: Partial<Container> = {}): Container => ({ name: 'carts', ...change })
const secretKey = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: 'vault', key: 'k' } } })
const findingsOf = (one: Container) =>
  credentialFindings({
    subject: 'deployment/carts',
    namespace: 'shop',
    spec: { containers: [one] },
    skip: [],
    configMaps: [],
    target: 'deployment/carts',
  })

const files = (list: string) =>
  `container carts has files in which AWS SDKs look for credentials (${list}); they were not looked into, and credentials in there would win over the role`
const mount = (mountPath: string) => carts({ volumeMounts: [{ name: 'home', mountPath }] })
it.each<[why: string, one: Container, found: string | undefined]>([
  ['none', carts(), undefined],
  [
    'a file of credentials',
    carts({ env: [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/c' }] }),
    files('AWS_SHARED_CREDENTIALS_FILE=/c'),
  ],
  [
    'a file of settings, of which the name is not known',
    carts({ env: [secretKey('AWS_CONFIG_FILE')] }),
    files('AWS_CONFIG_FILE'),
  ],
  ['a name without a value', carts({ env: [{ name: 'AWS_CONFIG_FILE', value: '' }] }), undefined],
  ['a folder', mount('/root/.aws'), files('volume home at /root/.aws')],
  ['a folder with a slash', mount('/root/.aws/'), files('volume home at /root/.aws/')],
  ['one file', mount('/root/.aws/credentials'), files('volume home at /root/.aws/credentials')],
  ['the other file', mount('/root/.aws/config'), files('volume home at /root/.aws/config')],
  ['what is cached there', mount('/root/.aws/cli'), undefined],
  ['a folder of that name within a name', mount('/root/x.aws'), undefined],
  ['a folder under it', mount('/root/.aws/config/x'), undefined],
  [
    'both kinds',
    { ...mount('/root/.aws'), env: [{ name: 'AWS_CONFIG_FILE', value: '/c' }] },
    files('AWS_CONFIG_FILE=/c, volume home at /root/.aws'),
  ],
])('files of credentials: %s', (_why, one, found) => {
  const findings = findingsOf(one)
  expect(findings.map((finding) => finding.found)).toEqual(found === undefined ? [] : [found])
  for (const finding of findings)
    expect(finding).toMatchObject({
      code: 'credential-file',
      severity: 'warning',
      subject: 'deployment/carts',
      remedy: {
        advice: 'See whether they hold credentials; only names of settings are shown.',
        command: `kubectl exec deployment/carts -n shop -c carts -- sh -c 'cat "\${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}" "\${AWS_CONFIG_FILE:-$HOME/.aws/config}" 2>/dev/null | sed "s/=.*//"'`,
      },
    })
})

const set = (variables: Record<string, string>) =>
  carts({ env: Object.entries(variables).map(([name, value]) => ({ name, value })) })
it.each<[why: string, one: Container, proxy: string | undefined, noProxy?: string]>([
  ['none', carts(), undefined],
  ['a proxy for http', set({ HTTP_PROXY: 'p' }), 'HTTP_PROXY', '169.254.170.23,[fd00:ec2::23]'],
  ['in small letters', set({ http_proxy: 'p' }), 'http_proxy', '169.254.170.23,[fd00:ec2::23]'],
  ['for all', set({ ALL_PROXY: 'p' }), 'ALL_PROXY', '169.254.170.23,[fd00:ec2::23]'],
  [
    'that for http before that for all',
    set({ ALL_PROXY: 'p', HTTP_PROXY: 'p' }),
    'HTTP_PROXY',
    '169.254.170.23,[fd00:ec2::23]',
  ],
  ['for https alone: the agent speaks http', set({ HTTPS_PROXY: 'p' }), undefined],
  ['without a value', set({ HTTP_PROXY: '' }), undefined],
  [
    'other exceptions',
    set({ HTTP_PROXY: 'p', NO_PROXY: ' a, ,b ' }),
    'HTTP_PROXY',
    'a,b,169.254.170.23,[fd00:ec2::23]',
  ],
  [
    'exceptions without a value',
    set({ HTTP_PROXY: 'p', NO_PROXY: '' }),
    'HTTP_PROXY',
    '169.254.170.23,[fd00:ec2::23]',
  ],
  [
    'exceptions that are not known',
    { ...carts(), env: [{ name: 'HTTP_PROXY', value: 'p' }, secretKey('NO_PROXY')] },
    undefined,
  ],
  ...['*', '169.254.170.23', '169.254.0.0/16', '169.254.', '[fd00:ec2::23]', 'fd00:ec2::23'].map(
    (except): [string, Container, undefined] => [
      `an exception: ${except}`,
      set({ HTTP_PROXY: 'p', no_proxy: `a, ${except}` }),
      undefined,
    ],
  ),
])('a proxy before the agent: %s', (_why, one, proxy, noProxy) => {
  const findings = findingsOf(one)
  if (proxy === undefined) return expect(findings).toEqual([])
  expect(findings).toMatchObject([
    {
      code: 'proxy-before-agent',
      severity: 'warning',
      subject: 'deployment/carts',
      found: `container carts has ${proxy} and no exception for 169.254.170.23 in NO_PROXY; SDKs that honour it would ask the proxy for credentials, which cannot reach the agent`,
      remedy: {
        advice: 'Except the agent from the proxy.',
        command: `kubectl set env deployment/carts -n shop -c carts 'NO_PROXY=${noProxy}'`,
      },
    },
  ])
})
