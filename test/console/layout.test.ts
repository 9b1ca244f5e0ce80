import { describe, expect, it } from 'vitest'
import { pictureOf, waysTaken } from '../../console/page/layout.ts'
import { graphOf } from '../../workflows/graph.ts'
import { enablePodIdentity } from '../../workflows/render.ts'
import { template } from '../../workflows/template.ts'

const graph = graphOf(JSON.parse(template(enablePodIdentity)))

describe('the graph of the workflow', () => {
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

  it('is drawn without two states in one place, each within the picture', () => {
    const { nodes, width, height } = pictureOf(graph)
    for (const [index, one] of nodes.entries()) {
      expect(one.x - one.width / 2, one.node.name).toBeGreaterThanOrEqual(0)
      expect(one.x + one.width / 2, one.node.name).toBeLessThanOrEqual(width)
      expect(one.y + one.height / 2, one.node.name).toBeLessThanOrEqual(height)
      for (const other of nodes.slice(index + 1)) {
        const apart =
          Math.abs(one.x - other.x) >= (one.width + other.width) / 2 ||
          Math.abs(one.y - other.y) >= (one.height + other.height) / 2
        expect(apart, `${one.node.name} and ${other.node.name}`).toBe(true)
      }
    }
  })

  it('draws every state that a run can come to without an error, and the ends', () => {
    const names = pictureOf(graph).nodes.map(({ node }) => node.name)
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
