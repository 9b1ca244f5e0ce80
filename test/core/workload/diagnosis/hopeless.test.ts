import { describe, expect, it } from 'vitest'
import { whyHopeless } from '../../../../core/workload/diagnosis/diagnosis.ts'
import type { DiagnosisFacts } from '../../../../core/workload/diagnosis/facts.ts'
import { crashing, event, facts, log, waiting, withStatus } from './scene.ts'

const app = { kind: 'Pod', name: 'a', fieldPath: 'spec.containers{app}' }

describe('that waiting is of no use, as it happened four times, shows', () => {
  const pull = (error: string, change: object = {}) =>
    event({ reason: 'Failed', message: `Failed to pull image "carts:1": ${error}`, count: 4, ...change })
  const error = (change: object) => event({ reason: 'Failed', message: 'Error: no key', count: 4, ...change })
  const image = [waiting('ImagePullBackOff')]
  const config = [waiting('CreateContainerConfigError')]
  it.each<[why: string, changes: Partial<DiagnosisFacts>, hopeless: boolean]>([
    ['an image that there is not', { pods: image, events: [pull('manifest unknown')] }, true],
    [
      'an image that there is not, as one event of several says',
      { pods: image, events: [pull('i/o timeout', { count: 3 }), pull('not found', { count: 1 })] },
      true,
    ],
    [
      'not an image that another pod lacks',
      { pods: image, events: [pull('not found', { involvedObject: { ...app, name: 'b' } })] },
      false,
    ],
    [
      'not an event that only quotes it',
      { pods: image, events: [error({ message: 'x: Failed to pull image "a": not found' })] },
      false,
    ],
    [
      'not an event of another reason',
      { pods: image, events: [pull('not found', { reason: 'Pulling' })] },
      false,
    ],
    [
      'a series of events',
      { pods: image, events: [pull('not found', { count: 1, series: { count: 4, lastObservedTime: 'x' } })] },
      true,
    ],
    [
      'four events',
      { pods: image, events: Array.from({ length: 4 }, () => pull('not found', { count: undefined })) },
      true,
    ],
    [
      'not three events',
      { pods: image, events: Array.from({ length: 3 }, () => pull('not found', { count: undefined })) },
      false,
    ],
    ['an error of making a container', { pods: config, events: [error({})] }, true],
    [
      'not an error of something else',
      { pods: config, events: [error({ message: 'other Error: no key' })] },
      false,
    ],
    [
      'not an error of another pod',
      { pods: config, events: [error({ involvedObject: { ...app, name: 'b' } })] },
      false,
    ],
    ['not one without words', { pods: config, events: [error({ message: undefined })] }, false],
    [
      'a denial, ended three times before',
      { pods: [crashing('a', 'Error', 3)], logs: [log('AccessDenied')] },
      true,
    ],
    [
      'a denial, ended four times, and nobody knows what it does now',
      {
        pods: [withStatus({ restartCount: 3, lastState: { terminated: { exitCode: 1 } } })],
        logs: [log('AccessDenied')],
      },
      true,
    ],
    [
      'not a denial, ended twice before',
      { pods: [crashing('a', 'Error', 2)], logs: [log('AccessDenied')] },
      false,
    ],
    [
      'not one that runs again',
      {
        pods: [
          withStatus({ restartCount: 3, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } }),
        ],
        logs: [log('AccessDenied')],
      },
      false,
    ],
    [
      'a spec that is invalid, in a series',
      {
        events: [
          event({
            reason: 'FailedCreate',
            message: 'x is invalid: y',
            series: { count: 4, lastObservedTime: 'x' },
          }),
        ],
      },
      true,
    ],
    [
      'not one that was invalid before something else kept pods from being made',
      {
        events: [
          event({ reason: 'FailedCreate', message: 'x is invalid: y', count: 4 }),
          event({
            reason: 'FailedCreate',
            message: 'exceeded quota: q',
            lastTimestamp: '2026-01-02T00:00:00Z',
          }),
        ],
      },
      false,
    ],
    [
      'not one that is invalid once',
      { events: [event({ reason: 'FailedCreate', message: 'x is invalid: y' })] },
      false,
    ],
  ])('%s', (_why, changes, hopeless) => {
    expect(whyHopeless(facts(changes)) !== undefined).toBe(hopeless)
  })
})
