import { describe, expect, it } from 'vitest'
import { endReached, pictureOf, waysTaken } from '../../console/page/layout.ts'
import { graphOf } from '../../workflows/graph.ts'
import { enablePodIdentity, rollOutInWaves } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

const graph = graphOf(JSON.parse(template(enablePodIdentity)))
const rollout = graphOf(JSON.parse(template(rollOutInWaves)))
const picture = pictureOf(graph)

describe('the graph of the workflow', () => {
  it('of a rollout has no states of its bindings’ runs, which are executions of their own', () => {
    expect(rollout.nodes.find(({ name }) => name === 'RunRound')).toEqual({
      name: 'RunRound',
      type: 'Map',
      parts: [],
    })
  })

  it('has each state of the definition, the parts of a group in it, and the ways of failures apart', () => {
    expect(graph.startAt).toBe('ResolveRequest')
    expect(graph.nodes.find(({ name }) => name === 'Preflight')?.parts).toEqual([
      'CheckAgent',
      'VerifyRole',
      'VerifyWorkload',
      'CheckAssociation',
    ])
    expect(graph.edges).toContainEqual({ from: 'ResolveRequest', to: 'Rejected', failure: true })
    expect(graph.edges.filter(({ from, to }) => from === 'ResolveRequest' && to === 'Rejected')).toHaveLength(
      1,
    )
  })

  it('has its own states, drawn once for each workflow', () => {
    const drawnOf = (of: typeof graph) => pictureOf(of).nodes.map(({ node }) => node.name)
    expect(drawnOf(graph)).toContain('RestartWorkload')
    expect(drawnOf(rollout)).toContain('RunRound')
    expect(drawnOf(rollout)).not.toContain('RestartWorkload')
    expect(pictureOf(graph)).toBe(picture)
  })

  it.each([
    ['of a run', picture],
    ['of a rollout', pictureOf(rollout)],
  ])(
    '%s is drawn without two states in one place, each within the picture, and so is each way',
    (_of, { nodes, ways, width, height }) => {
      const outside = ways.flatMap(({ points }) => points).filter(({ x }) => !(x >= 0 && x <= width))
      expect(outside).toEqual([])
      for (const [index, one] of nodes.entries()) {
        expect(one.x - one.width / 2, one.node.name).toBeGreaterThanOrEqual(0)
        expect(one.x + one.width / 2, one.node.name).toBeLessThanOrEqual(width)
        expect(one.y + one.height / 2, one.node.name).toBeLessThanOrEqual(height)
        const over = nodes
          .slice(index + 1)
          .filter(
            (other) =>
              !(
                Math.abs(one.x - other.x) >= (one.width + other.width) / 2 ||
                Math.abs(one.y - other.y) >= (one.height + other.height) / 2
              ),
          )
        expect(over, one.node.name).toEqual([])
      }
    },
  )

  it('draws every state that a run can come to without an error, and the ends', () => {
    const names = picture.nodes.map(({ node }) => node.name)
    expect(names).toEqual(expect.arrayContaining(['AwaitApproval', 'Undo', 'Failed', 'Rejected', 'Done']))
  })
})

const ways: [why: string, steps: string[], taken: string[]][] = [
  ['one step has taken no way', ['ResolveRequest'], []],
  [
    'decisions between two steps, of which no event says anything, are on the way',
    ['ResolveRequest', 'TakeTurn', 'AwaitCluster'],
    ['ResolveRequest PlanOrAct', 'PlanOrAct TakeTurn', 'TakeTurn AwaitCluster'],
  ],
  ['a failure’s way is one, too', ['EnsureAssociation', 'TakeStock'], ['EnsureAssociation TakeStock']],
  ['steps of another version of the definition have none', ['ResolveRequest', 'OfAnother'], []],
]

it.each(ways)('%s', (_why, steps, taken) => {
  expect([...waysTaken(graph, steps)]).toEqual(taken)
})

const ends: [why: string, last: Parameters<typeof endReached>[1], end: string | undefined][] = [
  ['a report, and the run has done it', { step: 'Report', failed: false, succeeded: true }, 'Done'],
  ['a report of what failed', { step: 'Report', failed: false, succeeded: false }, 'Failed'],
  ['a report that could not be written', { step: 'Report', failed: true, succeeded: false }, 'Unreported'],
  ['a request that was refused', { step: 'ResolveRequest', failed: true, succeeded: false }, 'Rejected'],
  ['a step of another version', { step: 'OfAnother', failed: false, succeeded: true }, undefined],
]

it.each(ends)('the last step was %s', (_why, last, end) => {
  expect(endReached(graph, last)).toBe(end)
})
