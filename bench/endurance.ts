import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb'
import {
  CreatePodIdentityAssociationCommand,
  DeletePodIdentityAssociationCommand,
  DescribeClusterCommand,
  EKSClient,
  ListPodIdentityAssociationsCommand,
} from '@aws-sdk/client-eks'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  IAMClient,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam'
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { local } from '../cli/commands/local.ts'

/** How `podid local` bears a mixed load. Sizes in MiB, each after a garbage collection. */
export interface EnduranceBenchmark {
  minutes: number
  /** What clients did, of several requests each. */
  turns: number
  /** What was answered where something else was to be expected, and how often. */
  surprises: ReadonlyMap<string, number>
  executions: number
  /** At the start, and after each minute. */
  heap: number[]
  resident: number[]
  /** Of the heap from the middle of the time to its end, in MiB a minute, by least squares. */
  growth: number
}

interface Ready {
  awsEndpoint: string
  region: string
  account: string
  accessKeyId: string
  secretAccessKey: string
  stateMachineArn: string
  kubeconfig: string
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { token: string } }[]
}

/** Keeps `podid local` busy for the minutes given: AWS, Kubernetes, runs of the workflow, and requests that are wrong. */
export const benchEndurance = async (minutes: number): Promise<EnduranceBenchmark> => {
  const server = fork(import.meta.filename, ['--serve'], { execArgv: ['--expose-gc'], silent: true })
  server.stderr?.pipe(process.stderr)
  try {
    const ready = await readyOf(server)
    const load = startLoad(ready)
    const sizes = [await measure(server)]
    for (let minute = 0; minute < minutes; minute++) {
      await sleep(60_000)
      sizes.push(await measure(server))
    }
    await load.stop()
    const heap = sizes.map(({ heapUsed }) => heapUsed / 2 ** 20)
    return {
      minutes,
      ...load.counts,
      surprises: load.surprises,
      heap,
      resident: sizes.map(({ rss }) => rss / 2 ** 20),
      growth: slope(heap.slice(-Math.max(2, Math.ceil(heap.length / 2)))),
    }
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}

const readyOf = async (server: ChildProcess): Promise<Ready> => {
  if (!server.stdout) throw new Error('podid local has no output')
  const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
  return JSON.parse(line) as Ready
}

const measure = async (server: ChildProcess): Promise<NodeJS.MemoryUsage> => {
  server.send('measure')
  const [usage] = (await once(server, 'message')) as [NodeJS.MemoryUsage]
  return usage
}

const slope = (values: readonly number[]): number => {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const above = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0)
  return above / values.reduce((sum, _, index) => sum + (index - middle) ** 2, 0)
}

/** One thing that a client does again and again, and how long it rests between. `turn` counts from 0. */
interface Habit {
  everyMs: number
  act: (turn: number) => Promise<unknown>
  /** The answer that is right is a refusal. */
  refused?: boolean
}

const startLoad = (ready: Ready) => {
  const counts = { turns: 0, executions: 0 }
  const surprises = new Map<string, number>()
  const stopping = new AbortController()
  const live = async ({ everyMs, act, refused = false }: Habit) => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const failure = await act(turn).then(
        () => undefined,
        (error: unknown) => String(error),
      )
      counts.turns++
      const surprise = refused ? !failure && 'nothing was refused' : failure
      if (surprise) surprises.set(surprise, (surprises.get(surprise) ?? 0) + 1)
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const lives = [...onAws(ready, counts), ...onKubernetes(ready)].map(live)
  return {
    counts,
    surprises,
    stop: async () => {
      stopping.abort()
      await Promise.all(lives)
    },
  }
}

const cluster = 'eks-workshop'

const onAws = (ready: Ready, counts: { executions: number }): Habit[] => {
  const { awsEndpoint: endpoint, region, account, accessKeyId, secretAccessKey, stateMachineArn } = ready
  const config = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 }
  const eks = new EKSClient(config)
  const iam = new IAMClient(config)
  const dynamodb = new DynamoDBClient(config)
  const states = new SFNClient(config)
  const events = new EventBridgeClient(config)
  const sts = new STSClient(config)
  const table = 'eks-workshop-carts'
  const role = `arn:aws:iam::${account}:role/eks-workshop-carts-dynamo`
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'pods.eks.amazonaws.com' },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
      },
    ],
  })
  const item = (turn: number) => ({ id: { S: `item-${turn % 100}` } })
  const binding = {
    ...{ cluster, namespace: 'carts', serviceAccount: 'carts', role, workload: 'deployment/carts' },
    needs: [{ use: 'dynamodb-read-write', table: `arn:aws:dynamodb:${region}:${account}:table/${table}` }],
  }
  const run = async (mode: string, before?: object): Promise<{ before?: object }> => {
    counts.executions++
    const input = JSON.stringify({ ...binding, mode, before })
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input }))
    for (;;) {
      await sleep(250)
      const { status, output, error } = await states.send(new DescribeExecutionCommand({ executionArn }))
      if (status === 'RUNNING') continue
      await states.send(new GetExecutionHistoryCommand({ executionArn }))
      if (status !== 'SUCCEEDED') throw new Error(`a run in mode ${mode} ended ${status}: ${error}`)
      return JSON.parse(output ?? '{}') as { before?: object }
    }
  }
  return [
    { everyMs: 100, act: () => eks.send(new DescribeClusterCommand({ name: cluster })) },
    {
      everyMs: 200,
      act: async (turn) => {
        const association = { clusterName: cluster, namespace: 'default', serviceAccount: `sa-${turn % 50}` }
        const made = await eks.send(
          new CreatePodIdentityAssociationCommand({ ...association, roleArn: role }),
        )
        await eks.send(new ListPodIdentityAssociationsCommand({ clusterName: cluster }))
        const { associationId } = made.association ?? {}
        await eks.send(new DeletePodIdentityAssociationCommand({ clusterName: cluster, associationId }))
      },
    },
    {
      everyMs: 200,
      act: async (turn) => {
        const RoleName = `role-${turn % 50}`
        await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }))
        await iam.send(new DeleteRoleCommand({ RoleName }))
      },
    },
    {
      everyMs: 200,
      act: () =>
        iam.send(
          new SimulatePrincipalPolicyCommand({ PolicySourceArn: role, ActionNames: ['dynamodb:GetItem'] }),
        ),
    },
    {
      everyMs: 100,
      act: async (turn) => {
        await dynamodb.send(new PutItemCommand({ TableName: table, Item: item(turn) }))
        await dynamodb.send(new GetItemCommand({ TableName: table, Key: item(turn) }))
        await dynamodb.send(new ScanCommand({ TableName: table }))
      },
    },
    {
      everyMs: 100,
      act: (turn) =>
        events.send(
          new PutEventsCommand({
            Entries: [{ Source: 'endurance', DetailType: 'Turn', Detail: JSON.stringify({ turn }) }],
          }),
        ),
    },
    {
      everyMs: 500,
      refused: true,
      act: (turn) =>
        sts.send(new AssumeRoleCommand({ RoleArn: `${role}-none`, RoleSessionName: `session-${turn}` })),
    },
    { everyMs: 1000, act: () => run('plan') },
    {
      everyMs: 1000,
      act: async () => {
        const { before } = await run('enable')
        await run('undo', before)
      },
    },
    {
      everyMs: 500,
      refused: true,
      act: () => states.send(new StartExecutionCommand({ stateMachineArn, input: '['.repeat(20_000) })),
    },
    {
      everyMs: 500,
      refused: true,
      act: () => dynamodb.send(new DeleteItemCommand({ TableName: 'none', Key: item(0) })),
    },
    {
      everyMs: 1000,
      act: async () => {
        const { status } = await fetch(endpoint, { method: 'POST', body: 'x'.repeat(2 ** 20) })
        if (status < 400 || status >= 500) throw new Error(`${status}`)
      },
    },
  ]
}

const onKubernetes = ({ kubeconfig }: Ready): Habit[] => {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const [{ cluster: at } = { cluster: { server: '', 'certificate-authority-data': '' } }] = clusters
  const token = users[0]?.user.token ?? ''
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(at['certificate-authority-data'], 'base64') })
  const send = (method: string, path: string, body?: unknown, type = 'application/json') =>
    new Promise<string>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type }
      const sent = request(new URL(path, at.server), { method, agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('error', reject)
        response.on('end', () =>
          (response.statusCode ?? 500) < 300 ? resolve(text) : reject(new Error(`${response.statusCode}`)),
        )
      })
      sent.on('error', reject)
      sent.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
    })
  const carts = '/apis/apps/v1/namespaces/carts/deployments/carts-dynamodb'
  const maps = '/api/v1/namespaces/default/configmaps'
  return [
    { everyMs: 100, act: () => send('GET', '/api/v1/pods') },
    { everyMs: 200, act: () => send('GET', '/api/v1/namespaces/carts/events') },
    {
      everyMs: 100,
      act: async (turn) => {
        const name = `map-${turn % 50}`
        await send('POST', maps, { metadata: { name }, data: { text: 'x'.repeat(10_000) } })
        await send('DELETE', `${maps}/${name}`)
      },
    },
    {
      everyMs: 8000,
      act: (turn) =>
        send(
          'PATCH',
          `${carts}?fieldManager=endurance`,
          { spec: { template: { metadata: { annotations: { turn: String(turn) } } } } },
          'application/strategic-merge-patch+json',
        ),
    },
    { everyMs: 1000, act: () => send('GET', '/api/v1/pods?watch=1&timeoutSeconds=2') },
    { everyMs: 500, refused: true, act: () => send('PATCH', carts, '[{', 'application/json-patch+json') },
    { everyMs: 500, refused: true, act: () => send('POST', maps, '{'.repeat(100_000)) },
    { everyMs: 500, refused: true, act: () => send('GET', '/api/v1/namespaces/none/pods/none/log') },
  ]
}

/** What the forked process does: it is `podid local`, and says how much memory it takes when it is asked. */
const serve = async (): Promise<void> => {
  process.on('message', () => {
    globalThis.gc?.()
    process.send?.(process.memoryUsage())
  })
  process.exitCode = await local({ scenario: 'workshop', json: true })
  process.disconnect()
}

const listed = (sizes: readonly number[]): string => sizes.map((size) => size.toFixed(0)).join(' ')

if (import.meta.main) {
  if (process.argv.includes('--serve')) await serve()
  else {
    const minutes = Number(process.argv[2] ?? 2)
    const { turns, surprises, executions, heap, resident, growth } = await benchEndurance(minutes)
    process.stdout.write(
      `endurance: ${minutes} minutes of podid local, ${turns} turns of clients, ${executions} executions\n` +
        `heap after each minute, MiB: ${listed(heap)}\nresident after each minute, MiB: ${listed(resident)}\n` +
        // Before that it fills what it remembers, up to its bounds.
        (minutes < 10 ? '' : `the heap of the second half grows by ${growth.toFixed(2)} MiB a minute\n`) +
        [...surprises].map(([text, count]) => `not expected, ${count} times: ${text}\n`).join(''),
    )
  }
}
