import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Podid, packagedPodid, podid } from '../support/command-line.ts'
import { type Here, startHere } from '../support/commands/here.ts'

// What is done on this machine by the server of the page alone: by processes of podid, over the stand-ins.
const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`
const orders = (cluster: string) => ({
  cluster,
  namespace: 'shop',
  serviceAccount: 'orders',
  role: role(`${cluster}-orders`),
  manageTrust: true,
  needs: [],
})
const settings = {
  account: '123456789012',
  region: 'us-west-2',
  bindings: { blue: orders('shop-blue'), green: orders('shop-green') },
  rollout: { maxConcurrency: 1 },
}
const enough = { interval: 250, timeout: 60_000 }

interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: JSON of whatever was asked for
  body: any
}

describe('the server of the page, for this machine', { timeout: 120_000 }, () => {
  let here: Here
  let served: Podid
  let url = ''
  beforeAll(async () => {
    here = await startHere('fleet')
    writeFileSync(join(here.folder, 'podid.yaml'), JSON.stringify(settings))
    served = podid(['console'], here.env, await packagedPodid(), here.folder)
    served.process.stdout?.on('data', (text: string) => {
      url ||= text.split('\n')[0] ?? ''
    })
    await served.says('Ctrl-C')
  }, 120_000)
  afterAll(async () => {
    served?.process.kill('SIGINT')
    expect((await served?.ended)?.code).toBe(0)
    await here?.[Symbol.asyncDispose]()
  })

  const get = async (path: string): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`)
    return { status: answer.status, body: await answer.json() }
  }
  const post = async (path: string, body: object, to = url): Promise<Answer> => {
    const answer = await fetch(`${to}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const ended = (run: string) =>
    expect.poll(async () => (await get(`runs/${run}`)).body.listed.status, enough).toBe('SUCCEEDED')
  const bound = () =>
    ['shop-blue', 'shop-green'].map((cluster) => here.world.aws.associations.list(cluster).length)

  it('undoes one wave of a rollout, and then all of it, each when that was agreed to', async () => {
    const rolledOut = await here.podid('rollout', '-f', join(here.folder, 'podid.yaml'), '--yes', '--json')
    const { rollout } = JSON.parse(rolledOut.stdout.split('\n')[0] ?? '')
    expect([rolledOut.code, bound()]).toEqual([0, [1, 1]])
    expect((await get(`runs/${rollout}`)).body).toMatchObject({ actions: ['undo'], changedWaves: [1, 2] })

    expect((await get(`runs/${rollout}/question-undo-2`)).body.changes).toEqual([
      `what wave 2 of ${rollout} changed is put back, and no other wave`,
      'wave 2 of 2: 1 binding on 1 cluster: 1 associated',
    ])
    for (const [body, status] of [
      [{ wave: 2 }, 400],
      [{ wave: 3, confirmed: true }, 409],
      [{ wave: '2', confirmed: true }, 409],
    ] as const)
      expect([body, (await post(`runs/${rollout}/undo`, body)).status]).toEqual([body, status])
    expect((await get(`runs/${rollout}/question-undo-3`)).status).toBe(409)
    expect(bound()).toEqual([1, 1])

    const one = await post(`runs/${rollout}/undo`, { wave: 2, confirmed: true })
    expect(one.body.done).toBe(`wave 2 of ${rollout} is being undone`)
    await ended(one.body.run)
    expect(bound()).toEqual([1, 0])
    const all = await post(`runs/${rollout}/undo`, { confirmed: true })
    expect(all.body.done).toBe(`${rollout} is being undone`)
    await ended(all.body.run)
    expect(bound()).toEqual([0, 0])
  })

  it('starts a run when its question was agreed to, and lists it', async () => {
    const before = (await get('runs')).body.items.length
    const start = { where: 'this machine', binding: 'blue' }
    const question = await post('start', start)
    expect(question.body.changes).toContainEqual(
      expect.stringContaining('create an association of shop/orders'),
    )
    expect((await post('/start', { ...start, confirmed: true }, new URL(url).origin)).status).toBe(403)
    expect([bound(), (await get('runs')).body.items.length]).toEqual([[0, 0], before])

    const { body } = await post('start', { ...start, confirmed: true })
    expect(body).toEqual({ done: 'started', run: expect.stringMatching(/^podid-/) })
    await ended(body.run)
    expect(bound()).toEqual([1, 0])
    expect((await get('runs')).body.items).toContainEqual(
      expect.objectContaining({ run: body.run, mode: 'enable', cluster: 'shop-blue', status: 'SUCCEEDED' }),
    )
  })
})
