import { expect, it } from 'vitest'
import type { Pod, PodSpec } from '../../../core/kubernetes.ts'
import { create } from '../../../functions/steps/verify-credentials.ts'
import { surroundings } from '../middleware/support.ts'
import { type ProofGiven, proofOfCarts } from './credentials/verified.ts'

const {
  role,
  session,
  association,
  cluster,
  requested,
  deployment,
  carts,
  log,
  handed,
  refusal,

  verified,
} = proofOfCarts

const mayNot = {
  failure: 403,
  message: 'pods "agent-1" is forbidden: User "podid" cannot get resource "pods/log"',
}
const variables = {
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE:
    '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
}
/** What is answered of one pod that was handed credentials, where nothing else is said. */
const handedOut = {
  pod: 'p-1',
  node: 'n-1',
  seen: 'handed-out',
  agent: 'kube-system/agent-1',
  session: session('carts'),
  at: '2026-01-01T00:02:00Z',
}
const notAsked = { pod: 'p-1', node: 'n-1', seen: 'not-asked', agent: 'kube-system/agent-1' }
const refused = {
  pod: 'p-1',
  node: 'n-1',
  seen: 'refused',
  agent: 'kube-system/agent-1',
  at: '2026-01-01T00:02:00Z',
  reason: '(AccessDeniedException): Unauthorized Exception!',
}
const answered = (change: object = {}) => ({
  proven: true,
  waiting: false,
  missed: 0,
  pods: ['p-1'],
  evidence: [handedOut],
  credentials: { carts: variables },
  message: '1 of 1 pod was handed credentials of carts',
  findings: [],
  ...change,
})
const changed = (what: string) => {
  const found = `a-1 with ${role} ${what} while the workload rolled out`
  return answered({
    proven: false,
    evidence: [],
    credentials: null,
    message: found,
    findings: [
      { code: 'association-changed', severity: 'blocking', subject: 'association of carts/carts', found },
    ],
  })
}
const unproven = 'no live pod of the current revision, so nothing shows that new pods get the credentials'
const target = 'arn:aws:iam::123456789012:role/target'
const wants = '; the request wants to see them handed out'
const required = { request: { proof: 'required' } } as const
const fromConfigMap: PodSpec = {
  containers: [{ name: 'carts', envFrom: [{ configMapRef: { name: 'settings' } }] }],
}
const withSidecar: Pod = carts('p-1')
withSidecar.spec?.containers.push({ name: 'sidecar' })

it.each<[why: string, given: ProofGiven, step: object, ms?: number]>([
  ['one pod, which was handed credentials', {}, answered()],
  [
    'a pod that has come to its end counts for nothing',
    { pods: [carts('p-0', { injected: false, phase: 'Failed' }), carts('p-1')] },
    answered(),
  ],
  [
    'no pod at all',
    { pods: [] },
    answered({
      proven: false,
      pods: [],
      evidence: [],
      credentials: null,
      message: unproven,
      findings: [expect.objectContaining({ code: 'injection-unproven', severity: 'blocking' })],
    }),
  ],
  [
    'no pod at all, and none is wanted, which the request allows',
    { workload: deployment(0), pods: [], request: { allowZero: true } },
    answered({
      pods: [],
      evidence: [],
      credentials: null,
      message: 'it wants no pods now, and later ones get the credentials when they are created',
    }),
  ],
  [
    'no pod at all, and none is wanted, which the request does not allow',
    { workload: deployment(0), pods: [] },
    answered({
      proven: false,
      pods: [],
      evidence: [],
      credentials: null,
      message: unproven,
      findings: [expect.objectContaining({ code: 'injection-unproven' })],
    }),
  ],
  ['the request allows none, and there is one', { request: { allowZero: true } }, answered()],
  ['the association was deleted meanwhile', { found: undefined }, changed('was deleted')],
  [
    'the association was pointed elsewhere meanwhile',
    { found: { ...association, role: `${role}-2` } },
    changed(`is now a-1 with ${role}-2`),
  ],
  [
    'a pod that was refused',
    { logs: [log({ '10.0.0.1': refusal })] },
    answered({
      proven: false,
      evidence: [refused],
      message: `1 of 1 pod was refused credentials: ${refused.reason}`,
      findings: [expect.objectContaining({ code: 'credentials-refused', severity: 'blocking' })],
    }),
    4000,
  ],
  [
    'a pod that has not asked yet is no fault, where nobody wants to see it ask',
    { logs: [log()] },
    answered({ evidence: [notAsked], message: 'injected into 1 pod; it has not asked for credentials yet' }),
    4000,
  ],
  [
    'a pod that asks while it is looked at',
    { logs: [log(), log({ '10.0.0.1': handed() })] },
    answered(),
    2000,
  ],
  [
    'the session of the target role, where there is one',
    { request: { targetRole: target }, logs: [log({ '10.0.0.1': handed('target') })] },
    answered({
      evidence: [{ ...handedOut, session: session('target') }],
      message: '1 of 1 pod was handed credentials of target',
    }),
  ],
  ['credentials that the request wants to see', required, answered()],
  [
    'credentials that the request wants to see and that were not asked for: looks again later',
    { ...required, logs: [log()], visits: 5 },
    answered({
      proven: false,
      waiting: true,
      evidence: [notAsked],
      message: `injected into 1 pod; it has not asked for credentials yet${wants}`,
    }),
    40_000,
  ],
  [
    'the same at the last look',
    { ...required, logs: [log()], visits: 6 },
    answered({
      proven: false,
      evidence: [notAsked],
      message: `injected into 1 pod; it has not asked for credentials yet${wants}`,
    }),
    40_000,
  ],
  [
    'a refusal may be over at the next look, so it is no finding yet',
    { ...required, logs: [log({ '10.0.0.1': refusal })] },
    answered({
      proven: false,
      waiting: true,
      evidence: [refused],
      message: `1 of 1 pod was refused credentials: ${refused.reason}${wants}`,
    }),
    40_000,
  ],
  [
    'the agent’s log may not be read: said, with what lets it be, and the injection counts',
    { logs: [mayNot] },
    answered({
      evidence: [
        {
          pod: 'p-1',
          node: 'n-1',
          seen: 'not-observable',
          reason: expect.stringContaining('could not look at the log of kube-system/agent-1'),
          later: false,
        },
      ],
      message: expect.stringContaining(
        'injected into 1 pod; whether it was handed credentials could not be seen: ',
      ),
      findings: [
        expect.objectContaining({
          code: 'credentials-not-observable',
          remedy: expect.objectContaining({ command: 'kubectl apply -k manifests' }),
        }),
      ],
    }),
  ],
  [
    'a container without credentials that another webhook has added',
    { pods: [withSidecar] },
    answered({ findings: [expect.objectContaining({ code: 'added-container-without-credentials' })] }),
  ],
  [
    'a variable out of a ConfigMap that outranks the credentials',
    { workload: deployment(1, undefined, fromConfigMap), pods: [carts('p-1', { spec: fromConfigMap })] },
    answered({
      proven: false,
      evidence: [],
      credentials: { carts: { ...variables, AWS_PROFILE: 'theirs' } },
      message: expect.stringContaining('AWS_PROFILE'),
      findings: [expect.objectContaining({ severity: 'blocking' })],
    }),
  ],
])('%s', async (_why, given, step, ms = 0) => {
  const found = await verified(given)
  expect(found.step).toEqual(step)
  expect(found.ms).toBe(ms)
})

it('counts while it looks those that were handed credentials, and not what it saw to be refused', async () => {
  const { progress } = await verified({
    pods: [carts('p-1'), carts('p-2', { ip: '10.0.0.2' })],
    logs: [log({ '10.0.0.1': handed(), '10.0.0.2': refusal })],
  })
  expect(progress[0]).toMatchObject({ message: 'the agents’ logs show credentials for 1 of 2 pods so far' })
})

it.each([
  [0, 7],
  [5, 2],
  [6, 1],
])('says after %i looks until when it will look at most', async (visits, left) => {
  const { progress, started } = await verified({ ...required, logs: [log()], visits })
  expect(progress[0]).toMatchObject({ detail: { until: started + left * 40_000 } })
})

it('names a hundred pods at most, those first that nothing was seen to be handed', async () => {
  // All but the last have one address, which makes the log short.
  const all = Array.from({ length: 101 }, (_, at) =>
    carts(`p-${at}`, { ip: at === 100 ? '10.0.0.2' : '10.0.0.1' }),
  )
  const { step } = await verified({ workload: deployment(101), pods: all })
  expect(step.pods).toEqual(Array.from({ length: 100 }, (_, at) => `p-${at}`))
  expect(step.evidence.map(({ pod, seen }) => [pod, seen])).toEqual([
    ['p-100', 'not-asked'],
    ...Array.from({ length: 99 }, (_, at) => [`p-${at}`, 'handed-out']),
  ])
  expect(step.message).toBe(
    '100 of 101 pods were handed credentials of carts; 1 injected, and has not asked yet',
  )
})

it('ends where the workload is gone', async () => {
  await expect(verified({ workload: { failure: 404, message: 'not found' } })).rejects.toMatchObject({
    name: 'RolloutFailed',
    message: 'deployment/carts is no longer in namespace carts',
  })
})

it('says which fields its input lacks', async () => {
  await expect(create(surroundings())({ request: requested(), cluster })).rejects.toThrow(
    /association: .*writtenAt: .*former: .*visits: /,
  )
})
