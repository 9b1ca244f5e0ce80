/** Changes of the code that no test can notice, because nothing that anybody sees changes by them. */
export interface Explanation {
  why: string
  /** The file, the text that is replaced, and what stands instead of it, as `npm run mutants` prints them; once for each place. */
  mutants: readonly (readonly [file: string, text: string, instead: string])[]
}

export const explanations: readonly Explanation[] = [
  {
    why: 'The uid of an object that shows none is compared with a uid that somebody saw: no such text is one.',
    mutants: [['adapters/kubernetes/workloads.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'A function that comes to its end returns undefined too.',
    mutants: [
      ['adapters/iam/document.ts', '{\n    return undefined\n  }', '{}'],
      ['core/chatops/amazon-q.ts', 'default:\n      return undefined', 'default:'],
      ['core/policy/values.ts', '{\n    return undefined\n  }', '{}'],
      ['core/role/permissions/remedies.ts', '{\n    return undefined\n  }', '{}'],
      ['functions/support/showing/show-run.ts', '{\n    return undefined\n  }', '{}'],
    ],
  },
  {
    why: 'The ARN of a table has a region: only the type of its parts lets one be absent.',
    mutants: [['adapters/records/records.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'What is read of a role has its tags, even if these are none: only the type lets them be absent.',
    mutants: [
      [
        'adapters/iam/iam.ts',
        '(await readRole(source, name))?.tags?.[tag]',
        '(await readRole(source, name))?.tags[tag]',
      ],
    ],
  },
  {
    why: 'Of a match that is none only the parts behind the first are read, and what they were decoded to is not asked for where the name is absent.',
    mutants: [
      ['adapters/signatures.ts', '[]', '["Stryker was here"]'],
      ['adapters/signatures.ts', '[]', '["Stryker was here"]'],
      ['adapters/signatures.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: "The default for the region of a topic's ARN, which is never absent.",
    mutants: [['adapters/notifications.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'What has no key is none of the keys of a bucket: a text has none.',
    mutants: [['adapters/objects.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'An event without its text tells of no assumption, and neither does a text that is no event.',
    mutants: [
      ['adapters/cloudtrail.ts', "''", '"Stryker was here!"'],
      ['adapters/cloudtrail.ts', '[]', '["Stryker was here"]'],
    ],
  },
  {
    why: "A sweep's plan has the clusters that it was made of, and no other one.",
    mutants: [['functions/integrations/sweep.ts', '!place', 'false']],
  },
  {
    why: 'A text has no `known`, as an unresolved variable has: only the type needs to be told them apart.',
    mutants: [
      ['core/policy/condition.ts', "'string'", '""'],
      ['core/policy/condition.ts', "typeof wanted !== 'string'", 'true'],
    ],
  },
  {
    why: 'A version without a document grants nothing, as none does.',
    mutants: [['core/role/permissions/versions.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'A view of a run names neither the run nor its events: only what is made of their text.',
    mutants: [
      ['functions/integrations/notify.ts', '{ run }', '{}'],
      ['functions/support/requests/actions.ts', '{ run }', '{}'],
      ['functions/support/showing/show-run.ts', '{ run }', '{}'],
    ],
  },
  {
    why: 'Both sides are written in one case, whichever it is.',
    mutants: [['core/role/second-opinion.ts', 'action.toLowerCase()', 'action.toUpperCase()']],
  },
  {
    why: 'Defaults for the parts of a grant of core/steps/cluster-rights.ts, which are all written as GROUP/RESOURCE VERB: none is missing.',
    mutants: [
      ['core/doctor/cluster.ts', "''", '"Stryker was here!"'],
      ['core/doctor/cluster.ts', "''", '"Stryker was here!"'],
      ['core/doctor/cluster.ts', "''", '"Stryker was here!"'],
      ['core/doctor/cluster.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: "Defaults for the parts of an execution's ARN, which Step Functions always writes whole.",
    mutants: [
      ['functions/steps/plan-waves.ts', "''", '"Stryker was here!"'],
      ['functions/steps/plan-waves.ts', "''", '"Stryker was here!"'],
      ['functions/steps/plan-waves.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: "Defaults for the parts of an execution's ARN, which Step Functions always writes whole; and the account for which the names of fields are listed, which are the same for every account.",
    mutants: [
      ['core/request-input.ts', "''", '"Stryker was here!"'],
      ['core/request-input.ts', "''", '"Stryker was here!"'],
      ['core/request-input.ts', "''", '"Stryker was here!"'],
      ['core/request-input.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'In a trust policy the resource of a question plays no part: it is the role itself.',
    mutants: [['core/role/trust/findings.ts', "'*'", '""']],
  },
  {
    why: 'No policy names the stranger, who may go without a name as well.',
    mutants: [['core/role/trust/open.ts', '{ AWS: stranger }', '{}']],
  },
  {
    why: 'Of what a look at a binding came to, nothing to do and what a run mends are asked for by name: all else is told.',
    mutants: [['functions/support/sweep/check-binding.ts', "'report'", '""']],
  },
  {
    why: 'Step Functions has these details in each event of the type; the type of all events cannot say so.',
    mutants: [
      [
        'core/run-events/translation.ts',
        'event.lambdaFunctionSucceededEventDetails?.output',
        'event.lambdaFunctionSucceededEventDetails.output',
      ],
      [
        'core/run-events/translation.ts',
        'event.taskSucceededEventDetails?.output',
        'event.taskSucceededEventDetails.output',
      ],
      [
        'functions/support/showing/show-run.ts',
        'history[0]?.executionStartedEventDetails?.input',
        'history[0]?.executionStartedEventDetails.input',
      ],
    ],
  },
  {
    why: 'The defaults of the words of `undo NAME wave NUMBER`: a name is there wherever a second word is, and without the third the count of words refuses the command first.',
    mutants: [
      ['core/chatops/command.ts', "''", '"Stryker was here!"'],
      ['core/chatops/command.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'The lengths that are tried are 3000, 2000, 1333, 888, 592, 394, 262, 174, 116 and 77: 100 is none of them.',
    mutants: [['core/chatops/blocks.ts', 'length > 100', 'length >= 100']],
  },
  {
    why: 'The row before the first one is read only where two characters are swapped, which needs two rows.',
    mutants: [['core/text/distance.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'The schema is made anew for each input, as it would be for another account: only slower.',
    mutants: [['core/request-input.ts', 'latestSchema?.account !== account', 'true']],
  },
  {
    why: 'The statement is for the pods or, by whatever other word, for the cluster.',
    mutants: [['core/role/trust/trust.ts', "'cluster'", '""']],
  },
  {
    why: 'U+0100 is a letter, and never escaped.',
    mutants: [['core/text/unprintable.ts', 'code < 0x100', 'code <= 0x100']],
  },
  {
    why: 'U+10000 is a letter, and never escaped.',
    mutants: [['core/text/unprintable.ts', 'code < 0x10000', 'code <= 0x10000']],
  },
  {
    why: 'What follows both patterns answers the same for a text without wildcards, only slower: bench/policy.ts measures it.',
    mutants: [['core/policy/pattern.ts', '!hasWildcard(right)', 'false']],
  },
  {
    why: "Whether the document has faults is not looked at here, and only for faults does the kind matter: every kind but a role's own policies has principals.",
    mutants: [
      ['core/role/trust/diagnose.ts', "'trust'", '""'],
      ['core/role/trust/oidc.ts', "'trust'", '""'],
      ['core/role/trust/target.ts', "'trust'", '""'],
    ],
  },
  {
    why: 'Who asks as a service has no AWS name, and no policy has this one either.',
    mutants: [['core/policy/evaluate.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a change of the trust is in the ledger only where there was one to make; the type cannot say so.',
    mutants: [['core/steps/ledger.ts', 'trust === null', 'false']],
  },
  {
    why: 'a function that ends without a return answers undefined all the same.',
    mutants: [
      ['core/fleet/waves/results.ts', '{\n    return undefined\n  }', '{}'],
      ['core/triggers/cluster-events.ts', 'default:\n      return undefined', 'default:'],
      ['core/triggers/dead-letter.ts', '{\n    return undefined\n  }', '{}'],
      ['core/workload/diagnosis/layer-remedy.ts', '{\n    return undefined\n  }', '{}'],
      ['core/workload/proof/agent-log.ts', '{\n    return undefined\n  }', '{}'],
      ['core/workload/proof/trail.ts', '{\n    return undefined\n  }', '{}'],
    ],
  },
  {
    why: 'a function that ends without a return answers undefined, which is as false as false.',
    mutants: [
      ['core/steps/ledger.ts', 'default:\n      return false', 'default:'],
      ['core/workload/placement.ts', 'default:\n      return false', 'default:'],
    ],
  },
  {
    why: 'a grant that takes in a name without letters takes in every name, which is what the star stands for.',
    mutants: [
      ['functions/support/rollout/start.ts', "'*'", '""'],
      ['functions/support/rollout/start.ts', "'*'", '""'],
    ],
  },
  {
    why: 'a group has one at least: noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/fleet/expand/expand.ts', '!first', 'false']],
  },
  {
    why: 'a health that is not there is as false as false.',
    mutants: [['functions/steps/await-undo.ts', '{ healthy: false }', '{}']],
  },
  {
    why: 'a history begins with ExecutionStarted, which sets the time; undefined differs from every text as the empty one does.',
    mutants: [
      [
        'core/run-events/translation.ts',
        "{ startedAt: 0, report: undefined as unknown, progress: '', pods: '' }",
        '{}',
      ],
    ],
  },
  {
    why: 'a look that fails shows nothing either; the type asks for it.',
    mutants: [['functions/support/pods-in-rollout.ts', '!workload', 'false']],
  },
  {
    why: 'a name fits itself alone, as the pattern that it is; that all names are looked at costs time and changes nothing.',
    mutants: [
      ['core/fleet/expand/select.ts', '!hasWildcard(pattern)', 'false'],
      [
        'core/fleet/expand/select.ts',
        '{\n    const only = all.get(pattern)\n    return only ? [[pattern, only]] : []\n  }',
        '{}',
      ],
    ],
  },
  {
    why: 'a plan is made of all checks; the type cannot say so.',
    mutants: [['core/steps/plan.ts', 'associationCheck?.before', 'associationCheck.before']],
  },
  {
    why: 'a refusal that blocks and a pod that could not be created come with a remedy: the type of a finding cannot say so.',
    mutants: [['functions/steps/await-undo.ts', 'finding.remedy?.command', 'finding.remedy.command']],
  },
  {
    why: 'a rollout that has failed has its failure; the type cannot say so.',
    mutants: [
      ['core/fleet/waves/report.ts', "''", '"Stryker was here!"'],
      ['core/fleet/waves/report.ts', 'failure?.error', 'failure.error'],
      ['core/fleet/waves/report.ts', 'failure?.message', 'failure.message'],
    ],
  },
  {
    why: 'a rollout that was stopped has the wave that was beyond; the type cannot say so.',
    mutants: [['core/fleet/waves/report.ts', 'beyond?.undone', 'beyond.undone']],
  },
  {
    why: 'a row without a result counts for none of the results that are shown.',
    mutants: [['core/fleet/waves/report.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a run that enabled has its workload; the type cannot say so.',
    mutants: [['core/report.ts', 'workload?.diagnosis', 'workload.diagnosis']],
  },
  {
    why: 'a run that restarted a workload has what it found before; the type cannot say so.',
    mutants: [['core/steps/ledger.ts', 'before?.workload?.restartedAt', 'before?.workload.restartedAt']],
  },
  {
    why: 'a run that wrote an annotation has what it found before; the type cannot say so.',
    mutants: [['core/steps/ledger.ts', 'before?.annotation?.role', 'before?.annotation.role']],
  },
  {
    why: 'a run that wrote has what it found before; the type cannot say so.',
    mutants: [
      ['core/steps/ledger.ts', 'before?.annotation', 'before.annotation'],
      ['core/steps/ledger.ts', 'before?.association', 'before.association'],
      ['core/steps/ledger.ts', 'before?.trust', 'before.trust'],
    ],
  },
  {
    why: 'a signal fires its abort event once in its life.',
    mutants: [
      ['functions/middleware/time-limit.ts', 'true', 'false'],
      ['functions/middleware/time-limit.ts', '{ once: true }', '{}'],
    ],
  },
  {
    why: 'a step that has begun has no more to do in any of the cases.',
    mutants: [['core/replay/replay.ts', "'step.started'", '""']],
  },
  {
    why: 'a step that is to be retried has a retry; the type cannot say so.',
    mutants: [
      ['core/replay/replay.ts', "''", '"Stryker was here!"'],
      ['core/replay/replay.ts', 'retries.at(-1)?.nextAt', 'retries.at(-1).nextAt'],
    ],
  },
  {
    why: 'a template has a text before each of its values and one after the last: noUncheckedIndexedAccess alone asks for it.',
    mutants: [
      ['core/text/shell.ts', "''", '"Stryker was here!"'],
      ['core/text/shell.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'a text has no field selectors, and is no field: neither says that management events are logged.',
    mutants: [
      ['adapters/deployed/account.ts', '[]', '["Stryker was here"]'],
      ['adapters/deployed/account.ts', '[]', '["Stryker was here"]'],
    ],
  },
  {
    why: 'a text has no key, so that it is no tag.',
    mutants: [['core/workload/proof/trail.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text has no states, and so no retriers.',
    mutants: [['core/run-events/retry.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text has no times, and so is no opening.',
    mutants: [['core/fleet/waves/windows.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text is a row of no wave, and counts for none.',
    mutants: [['functions/steps/report-rollout.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text is no ARN, so that it is in no partition.',
    mutants: [
      ['core/partitions/faults.ts', "''", '"Stryker was here!"'],
      ['core/partitions/faults.ts', '[]', '["Stryker was here"]'],
      ['core/partitions/faults.ts', '[]', '["Stryker was here"]'],
    ],
  },
  {
    why: 'a text is no ConfigMap.',
    mutants: [
      ['core/workload/migration.ts', '[]', '["Stryker was here"]'],
      ['core/workload/workload.ts', '[]', '["Stryker was here"]'],
    ],
  },
  {
    why: 'a text is no container that is ready, has ended or waits, as no container is none.',
    mutants: [['core/workload/diagnosis/pod-view.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text is no container that runs.',
    mutants: [['functions/support/pods-in-rollout.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text names neither a ConfigMap nor a Secret.',
    mutants: [['core/workload/environment.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'a text without a brace is replaced nowhere; to look first saves time.',
    mutants: [['core/fleet/expand/template.ts', "'{'", '""']],
  },
  {
    why: 'a variable that there is has an entry; the type of a Map cannot say so.',
    mutants: [
      [
        'core/fleet/credential-source.ts',
        'variables.get(containerCredentialsUri)?.value',
        'variables.get(containerCredentialsUri).value',
      ],
      ['core/fleet/credential-source.ts', 'variables.get(name)?.value', 'variables.get(name).value'],
    ],
  },
  {
    why: 'a view shows nothing of the name that its events are given.',
    mutants: [
      ['core/fleet/waves/history-view.ts', "''", '"Stryker was here!"'],
      ['core/fleet/waves/history-view.ts', "{ run: '' }", '{}'],
      ['functions/support/rollout/rows.ts', '{ run }', '{}'],
    ],
  },
  {
    why: 'a workload that is gone is judged before anybody looks at its pods, and a text is no pod that was deleted.',
    mutants: [['functions/steps/await-undo.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'an ARN has its region: noUncheckedIndexedAccess alone asks for it.',
    mutants: [
      ['functions/support/kubernetes.ts', "''", '"Stryker was here!"'],
      ['functions/support/rollout/services.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'an association that is pointed elsewhere has what it was before; the type cannot say so.',
    mutants: [['core/triggers/drift.ts', 'association.before?.roleArn', 'association.before.roleArn']],
  },
  {
    why: 'an event without a visit is neither entered nor has a step, and so tells nothing further down either.',
    mutants: [['core/run-events/translation.ts', '!visit', 'false']],
  },
  {
    why: 'an expression that has just matched matches again.',
    mutants: [['core/triggers/cluster-events.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'an expression that matches has its group; the type cannot say so.',
    mutants: [
      [
        'core/workload/diagnosis/denial.ts',
        'clause.match(/: (?<arn>arn:[\\w+=,.@:/-]+)/)?.groups?.arn?.replace',
        'clause.match(/: (?<arn>arn:[\\w+=,.@:/-]+)/)?.groups?.arn.replace',
      ],
    ],
  },
  {
    why: 'an expression that matches has its groups: noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/triggers/cluster-events.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'an expression with a named group that matches has groups; the type cannot say so.',
    mutants: [
      [
        'core/workload/diagnosis/denial.ts',
        'clause.match(/: (?<arn>arn:[\\w+=,.@:/-]+)/)?.groups?.arn',
        'clause.match(/: (?<arn>arn:[\\w+=,.@:/-]+)/)?.groups.arn',
      ],
      [
        'core/workload/proof/agent-log.ts',
        'client.match(/^\\[?(?<address>[\\w.:%]+?)\\]?:\\d+$/)?.groups?.address',
        'client.match(/^\\[?(?<address>[\\w.:%]+?)\\]?:\\d+$/)?.groups.address',
      ],
    ],
  },
  {
    why: 'both texts are no severity.',
    mutants: [['core/run-events/read-answer.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'every event but the first follows from one that was read before; the type of a Map cannot say so.',
    mutants: [
      [
        'core/run-events/visits.ts',
        'owners.get(event.previousEventId)?.visit',
        'owners.get(event.previousEventId).visit',
      ],
    ],
  },
  {
    why: 'every status that is none of the other three is a failure.',
    mutants: [['functions/support/rollout/rows.ts', "'FAILED'", '""']],
  },
  {
    why: 'forty is less than what the functions of an account leave room for, by either reckoning.',
    mutants: [
      [
        'core/fleet/waves/quotas.ts',
        '(functionsAtOnce * ownPart) / functionsPerRun',
        'functionsAtOnce * ownPart * functionsPerRun',
      ],
      ['core/fleet/waves/quotas.ts', 'functionsAtOnce * ownPart', 'functionsAtOnce / ownPart'],
    ],
  },
  {
    why: 'in a trust policy that is not there nothing is planned either way, as in one that cannot be read.',
    mutants: [['functions/steps/verify-role.ts', 'text === undefined', 'false']],
  },
  {
    why: 'keys of two numbers that begin otherwise have the word unused.',
    mutants: [['core/fleet/expand/expand.ts', "'twice'", '""']],
  },
  {
    why: 'middy calls onError only with the error that was thrown; the `?` is for its type.',
    mutants: [
      ['functions/middleware/log-line.ts', 'error?.message', 'error.message'],
      ['functions/middleware/log-line.ts', 'error?.name', 'error.name'],
    ],
  },
  {
    why: 'middy calls onError only with the error that was thrown; the check is for its type.',
    mutants: [['functions/middleware/hide-secrets.ts', '!error', 'false']],
  },
  {
    why: 'neither text has a brace.',
    mutants: [['core/fleet/expand/template.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'neither text has a placeholder.',
    mutants: [['core/fleet/expand/of-all.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'neither text is a URI of the agent.',
    mutants: [['core/fleet/credential-source.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'neither text is a time.',
    mutants: [
      ['core/workload/diagnosis/beside.ts', "''", '"Stryker was here!"'],
      ['functions/support/pods-in-rollout.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'neither text is about a pull.',
    mutants: [['core/workload/diagnosis/repeats.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'neither text is of a failure.',
    mutants: [['core/workload/diagnosis/repeats.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'neither text names a layer or has an ARN.',
    mutants: [['core/workload/diagnosis/denial.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'no ErrorEquals has this name.',
    mutants: [['core/run-events/retry.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'no binding has this key.',
    mutants: [['core/triggers/mending.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'no cause reads so.',
    mutants: [['functions/steps/watch-rollout.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'no key of another finding has the place of a field.',
    mutants: [['core/fleet/expand/expand.ts', "'unfit'", '""']],
  },
  {
    why: 'no key of another finding has two names and an account behind a number.',
    mutants: [['core/fleet/expand/expand.ts', "'unread'", '""']],
  },
  {
    why: 'no key of another finding is an empty text and a number.',
    mutants: [
      ['core/fleet/expand/of-all.ts', "'role'", '""'],
      ['core/fleet/expand/of-all.ts', "'unused'", '""'],
    ],
  },
  {
    why: 'no key of another finding is an empty text and two numbers.',
    mutants: [['core/fleet/expand/of-all.ts', "'unused'", '""']],
  },
  {
    why: 'no label has this text as its value.',
    mutants: [['core/workload/placement.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'no other decision has the field, and undefined is as false as false; the type asks for it.',
    mutants: [['functions/steps/ensure-association.ts', "decision.action === 'none'", 'true']],
  },
  {
    why: 'no pods are told by this text: the first look differs from it as from the empty one.',
    mutants: [['core/run-events/translation.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'no progress is told by this text: the first look differs from it as from the empty one.',
    mutants: [['core/run-events/translation.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'no two groups have one key.',
    mutants: [['core/fleet/inventory.ts', 'one < other', 'one <= other']],
  },
  {
    why: 'no two workloads have one name.',
    mutants: [['core/fleet/inventory.ts', 'one.workload < other.workload', 'one.workload <= other.workload']],
  },
  {
    why: 'no type of an event has StateEntered anywhere but at its end.',
    mutants: [['core/run-events/visits.ts', '/StateEntered$/', '/StateEntered/']],
  },
  {
    why: 'no type of an event has these words anywhere but at its beginning.',
    mutants: [
      [
        'core/run-events/visits.ts',
        '/^(Parallel|Map)(State|Iteration)/',
        '/(Parallel|Map)(State|Iteration)/',
      ],
    ],
  },
  {
    why: 'nobody reads the code of an issue that podid adds itself, only its path and message.',
    mutants: [
      ['core/fleet/expand/template.ts', "'custom'", '""'],
      ['core/fleet/waves/settings.ts', "'custom'", '""'],
    ],
  },
  {
    why: 'null is the first moment of 1970, which is not the day of any digest.',
    mutants: [['core/triggers/digest.ts', 'toldAt !== null', 'true']],
  },
  {
    why: 'of all decisions about a write that of writing nothing alone says whose work it is.',
    mutants: [['functions/steps/take-stock.ts', "decision.action === 'none'", 'true']],
  },
  {
    why: 'of the row made here neither the result nor the words are kept.',
    mutants: [
      ['functions/support/rollout/rows.ts', "'ABORTED'", '""'],
      ['functions/support/rollout/rows.ts', "{ Status: 'ABORTED' }", '{}'],
    ],
  },
  {
    why: 'of these findings the codes alone are read.',
    mutants: [
      ['core/fleet/inventory.ts', "'pod'", '""'],
      ['core/fleet/inventory.ts', "'pod'", '""'],
      ['core/fleet/inventory.ts', 'metadata?.namespace', 'metadata.namespace'],
      ['core/fleet/inventory.ts', "metadata?.namespace ?? ''", "metadata?.namespace && ''"],
    ],
  },
  {
    why: 'only a binding with accounts is not for an account; the type cannot say so.',
    mutants: [['core/fleet/expand/expand.ts', 'binding.accounts?.join', 'binding.accounts.join']],
  },
  {
    why: 'only what follows the first of the list is read, and there is none.',
    mutants: [
      ['core/fleet/waves/request.ts', '[]', '["Stryker was here"]'],
      ['core/fleet/waves/results.ts', '[]', '["Stryker was here"]'],
      ['core/fleet/waves/windows.ts', '[]', '["Stryker was here"]'],
      ['core/run-events/visits.ts', '[]', '["Stryker was here"]'],
    ],
  },
  {
    why: 'only whether it is 0 is read, and it is 0 once either way.',
    mutants: [['core/run-events/translation.ts', 'step.starts++', 'step.starts--']],
  },
  {
    why: 'split always answers one text at least: noUncheckedIndexedAccess alone asks for it.',
    mutants: [
      ['core/fleet/expand/select.ts', "''", '"Stryker was here!"'],
      ['core/fleet/expand/single.ts', "''", '"Stryker was here!"'],
      ['core/triggers/run-input.ts', "''", '"Stryker was here!"'],
      ['core/workload/workload.ts', "''", '"Stryker was here!"'],
      ['core/workload/workload.ts', "''", '"Stryker was here!"'],
      [
        'functions/support/http.ts',
        "header(headers, 'content-type').split(';')[0]?.trim",
        "header(headers, 'content-type').split(';')[0].trim",
      ],
    ],
  },
  {
    why: 'split always answers one text at least; the type of at() cannot say so.',
    mutants: [
      [
        'core/workload/proof/evidence.ts',
        "entry.session\n    .split('/')\n    .at(-1)\n    ?.includes",
        "entry.session.split('/').at(-1).includes",
      ],
      ['core/workload/proof/evidence.ts', 'false', 'true'],
    ],
  },
  {
    why: 'that there is an agent has just been asked: noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/workload/proof/evidence.ts', 'place.agents[0]?.name', 'place.agents[0].name']],
  },
  {
    why: 'the account is only in the text of a fault of a field that is not taken from these.',
    mutants: [['core/fleet/expand/binding.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'the expression always has its group: noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/fleet/expand/template.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'the groups of a runtime’s settings stay the same, and so those of the map are these; the type of a Map cannot say so.',
    mutants: [
      ['functions/support/groups.ts', 'members.of.get(group)?.includes', 'members.of.get(group).includes'],
    ],
  },
  {
    why: 'the limit is no whole number, which no length is equal to.',
    mutants: [
      [
        'functions/support/http.ts',
        'body.length > (mostBytes * 4) / 3 + 4',
        'body.length >= mostBytes * 4 / 3 + 4',
      ],
    ],
  },
  {
    why: 'the place of each item is among the places; the type of a Map cannot say so.',
    mutants: [['core/fleet/draft.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'the standing is set at the end of the replay, or by the run’s own end.',
    mutants: [['core/replay/replay.ts', "'running'", '""']],
  },
  {
    why: 'the wave that is next is always in the plan: noUncheckedIndexedAccess alone asks for it.',
    mutants: [
      ['core/fleet/waves/gate.ts', 'planned?.clusters', 'planned.clusters'],
      ['functions/steps/judge-round.ts', 'plan.waves[wave]?.rounds', 'plan.waves[wave].rounds'],
    ],
  },
  {
    why: 'there is a place for each pod: noUncheckedIndexedAccess alone asks for it.',
    mutants: [
      ['functions/support/evidence/agent-log.ts', '[]', '["Stryker was here"]'],
      ['functions/support/evidence/agent-log.ts', '{ agents: [] }', '{}'],
      ['functions/support/evidence/reach.ts', '[]', '["Stryker was here"]'],
      ['functions/support/evidence/reach.ts', '{ agents: [] }', '{}'],
    ],
  },
  {
    why: 'undefined is as false as false.',
    mutants: [
      ['core/fleet/waves/windows.ts', '{\n    return false\n  }', '{}'],
      ['core/steps/ledger.ts', '() => false', '() => undefined'],
      ['functions/support/turn.ts', 'async () => false', '() => undefined'],
    ],
  },
  {
    why: 'what an API server answers has a name: the types of the API alone leave it open.',
    mutants: [
      ['core/fleet/inventory.ts', "'a pod without a name'", '""'],
      ['core/workload/injection.ts', "'a pod without name'", '""'],
    ],
  },
  {
    why: 'what an API server answers has a spec: the types of the API alone leave it open.',
    mutants: [
      ['core/fleet/inventory.ts', '!spec', 'false'],
      ['core/fleet/inventory.ts', '[]', '["Stryker was here"]'],
      ['core/workload/injection.ts', '{ containers: [] }', '{}'],
      ['core/workload/migration.ts', 'pod.spec !== undefined', 'true'],
      [
        'functions/steps/await-undo.ts',
        'template?.spec?.serviceAccountName',
        'template?.spec.serviceAccountName',
      ],
      ['functions/steps/verify-credentials.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['functions/steps/verify-workload.ts', '[]', '["Stryker was here"]'],
      ['functions/steps/verify-workload.ts', '{ containers: [] }', '{}'],
    ],
  },
  {
    why: 'what an API server answers has a template: the types of the API alone leave it open.',
    mutants: [
      ['core/workload/workload.ts', 'podSpec !== undefined', 'true'],
      ['core/workload/workload.ts', 'podSpec?.os', 'podSpec.os'],
      ['core/workload/workload.ts', 'podSpec?.serviceAccountName', 'podSpec.serviceAccountName'],
      ['core/workload/workload.ts', 'template?.metadata', 'template.metadata'],
      ['core/workload/workload.ts', 'template?.spec', 'template.spec'],
      ['functions/steps/await-undo.ts', 'template?.spec', 'template.spec'],
      ['functions/steps/check-agent.ts', 'workload?.spec?.template', 'workload?.spec.template'],
      [
        'functions/steps/restart-workload.ts',
        'workload.spec?.template?.spec',
        'workload.spec?.template.spec',
      ],
      ['functions/steps/verify-credentials.ts', '[]', '["Stryker was here"]'],
      ['functions/steps/verify-workload.ts', 'template?.spec', 'template.spec'],
      ['functions/support/pods-in-rollout.ts', 'workload.spec?.template', 'workload.spec.template'],
    ],
  },
  {
    why: 'what an API server answers has this field: the types of the API alone leave it open.',
    mutants: [
      ['core/fleet/inventory.ts', "''", '"Stryker was here!"'],
      ['core/fleet/inventory.ts', "''", '"Stryker was here!"'],
      ['core/fleet/inventory.ts', "''", '"Stryker was here!"'],
      ['core/fleet/inventory.ts', "''", '"Stryker was here!"'],
      ['core/fleet/inventory.ts', "''", '"Stryker was here!"'],
      ['core/fleet/status.ts', "''", '"Stryker was here!"'],
      ['core/fleet/status.ts', "''", '"Stryker was here!"'],
      ['core/fleet/status.ts', "''", '"Stryker was here!"'],
      ['core/fleet/status.ts', "''", '"Stryker was here!"'],
      ['core/workload/after-undo.ts', "''", '"Stryker was here!"'],
      ['core/workload/diagnosis/diagnosis.ts', "''", '"Stryker was here!"'],
      ['core/workload/diagnosis/pod-view.ts', "''", '"Stryker was here!"'],
      ['core/workload/environment.ts', "''", '"Stryker was here!"'],
      ['core/workload/others.ts', "''", '"Stryker was here!"'],
      ['core/workload/others.ts', "''", '"Stryker was here!"'],
      ['core/workload/proof/evidence.ts', "''", '"Stryker was here!"'],
      ['core/workload/proof/evidence.ts', "''", '"Stryker was here!"'],
      ['core/workload/proof/evidence.ts', "''", '"Stryker was here!"'],
      ['core/workload/proof/trail.ts', "''", '"Stryker was here!"'],
      ['core/workload/proof/trail.ts', "''", '"Stryker was here!"'],
      ['core/workload/restart.ts', "''", '"Stryker was here!"'],
      ['core/workload/rollout-progress.ts', "''", '"Stryker was here!"'],
      ['functions/steps/restart-workload.ts', "''", '"Stryker was here!"'],
      ['functions/steps/verify-workload.ts', "''", '"Stryker was here!"'],
      ['functions/support/evidence/reach.ts', "''", '"Stryker was here!"'],
      ['functions/support/evidence/reach.ts', "''", '"Stryker was here!"'],
    ],
  },
  {
    why: 'what an API server answers has this part: the types of the API alone leave it open.',
    mutants: [
      ['adapters/kubernetes/probe.ts', 'pod.metadata?.labels', 'pod.metadata.labels'],
      [
        'adapters/kubernetes/service-accounts/irsa.ts',
        'found.metadata?.resourceVersion',
        'found.metadata.resourceVersion',
      ],
      ['adapters/kubernetes/workloads.ts', 'found.metadata?.uid', 'found.metadata.uid'],
      ['adapters/kubernetes/workloads.ts', 'workload.metadata?.generation', 'workload.metadata.generation'],
      ['adapters/kubernetes/workloads.ts', 'workload.metadata?.uid', 'workload.metadata.uid'],
      ['adapters/kubernetes/workloads.ts', 'workload.metadata?.uid', 'workload.metadata.uid'],
      ['core/fleet/credential-source.ts', 'pod.metadata?.labels', 'pod.metadata.labels'],
      ['core/fleet/inventory.ts', 'metadata?.annotations', 'metadata.annotations'],
      ['core/fleet/inventory.ts', 'metadata?.creationTimestamp', 'metadata.creationTimestamp'],
      ['core/fleet/inventory.ts', 'metadata?.labels', 'metadata.labels'],
      ['core/fleet/inventory.ts', 'metadata?.labels', 'metadata.labels'],
      ['core/fleet/inventory.ts', 'metadata?.labels', 'metadata.labels'],
      ['core/fleet/inventory.ts', 'metadata?.name', 'metadata.name'],
      ['core/fleet/inventory.ts', 'metadata?.name', 'metadata.name'],
      ['core/fleet/inventory.ts', 'metadata?.name', 'metadata.name'],
      ['core/fleet/inventory.ts', 'metadata?.namespace', 'metadata.namespace'],
      ['core/fleet/inventory.ts', 'metadata?.namespace', 'metadata.namespace'],
      ['core/fleet/inventory.ts', 'metadata?.ownerReferences', 'metadata.ownerReferences'],
      ['core/fleet/inventory.ts', 'owner.metadata?.uid', 'owner.metadata.uid'],
      ['core/fleet/inventory.ts', 'spec?.containers', 'spec.containers'],
      ['core/fleet/inventory.ts', 'spec?.nodeName', 'spec.nodeName'],
      ['core/fleet/inventory.ts', 'spec?.serviceAccountName', 'spec.serviceAccountName'],
      ['core/fleet/status.ts', 'account?.metadata?.annotations', 'account?.metadata.annotations'],
      ['core/fleet/status.ts', 'metadata?.creationTimestamp', 'metadata.creationTimestamp'],
      ['core/fleet/status.ts', 'metadata?.name', 'metadata.name'],
      ['core/fleet/status.ts', 'metadata?.namespace', 'metadata.namespace'],
      ['core/fleet/status.ts', 'metadata?.namespace', 'metadata.namespace'],
      ['core/fleet/status.ts', 'owner.metadata?.uid', 'owner.metadata.uid'],
      ['core/fleet/status.ts', 'pod.metadata?.namespace', 'pod.metadata.namespace'],
      ['core/fleet/status.ts', 'pod.metadata?.namespace', 'pod.metadata.namespace'],
      ['core/fleet/status.ts', 'pod.metadata?.namespace', 'pod.metadata.namespace'],
      ['core/fleet/status.ts', 'pod.metadata?.namespace', 'pod.metadata.namespace'],
      ['core/fleet/status.ts', 'pod.spec?.serviceAccountName', 'pod.spec.serviceAccountName'],
      ['core/workload/after-undo.ts', 'metadata?.annotations', 'metadata.annotations'],
      ['core/workload/after-undo.ts', 'metadata?.deletionTimestamp', 'metadata.deletionTimestamp'],
      ['core/workload/after-undo.ts', 'metadata?.name', 'metadata.name'],
      ['core/workload/after-undo.ts', 'pod.metadata?.labels', 'pod.metadata.labels'],
      ['core/workload/after-undo.ts', 'workload.metadata?.generation', 'workload.metadata.generation'],
      [
        'core/workload/after-undo.ts',
        'workload.status?.observedGeneration',
        'workload.status.observedGeneration',
      ],
      ['core/workload/diagnosis/diagnosis.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/diagnosis/diagnosis.ts', 'pod.status?.conditions', 'pod.status.conditions'],
      [
        'core/workload/diagnosis/diagnosis.ts',
        'pod.status?.containerStatuses',
        'pod.status.containerStatuses',
      ],
      [
        'core/workload/diagnosis/diagnosis.ts',
        'pod.status?.initContainerStatuses',
        'pod.status.initContainerStatuses',
      ],
      ['core/workload/diagnosis/diagnosis.ts', 'pod.status?.phase', 'pod.status.phase'],
      ['core/workload/diagnosis/diagnosis.ts', 'pod.status?.phase', 'pod.status.phase'],
      ['core/workload/diagnosis/pod-view.ts', 'metadata?.uid', 'metadata.uid'],
      [
        'core/workload/diagnosis/pod-view.ts',
        'pod.metadata?.deletionTimestamp',
        'pod.metadata.deletionTimestamp',
      ],
      ['core/workload/diagnosis/pod-view.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/diagnosis/pod-view.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/diagnosis/pod-view.ts', 'pod.metadata?.uid', 'pod.metadata.uid'],
      ['core/workload/diagnosis/pod-view.ts', 'pod.spec?.nodeName', 'pod.spec.nodeName'],
      [
        'core/workload/diagnosis/pod-view.ts',
        'pod.status?.containerStatuses',
        'pod.status.containerStatuses',
      ],
      ['core/workload/diagnosis/pod-view.ts', 'pod.status?.phase', 'pod.status.phase'],
      ['core/workload/diagnosis/repeats.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/environment.ts', 'metadata?.name', 'metadata.name'],
      ['core/workload/environment.ts', 'metadata?.name', 'metadata.name'],
      ['core/workload/injection.ts', 'pod.metadata?.deletionTimestamp', 'pod.metadata.deletionTimestamp'],
      ['core/workload/injection.ts', 'pod.metadata?.labels', 'pod.metadata.labels'],
      ['core/workload/injection.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      [
        'core/workload/migration.ts',
        'facts.serviceAccount?.metadata?.annotations',
        'facts.serviceAccount?.metadata.annotations',
      ],
      ['core/workload/migration.ts', 'only.metadata?.name', 'only.metadata.name'],
      ['core/workload/migration.ts', 'owner.metadata?.uid', 'owner.metadata.uid'],
      ['core/workload/migration.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/others.ts', 'metadata?.name', 'metadata.name'],
      ['core/workload/others.ts', 'owner.metadata?.uid', 'owner.metadata.uid'],
      ['core/workload/others.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/placement.ts', 'node.metadata?.labels', 'node.metadata.labels'],
      ['core/workload/placement.ts', 'node.metadata?.labels', 'node.metadata.labels'],
      ['core/workload/placement.ts', 'node.metadata?.name', 'node.metadata.name'],
      ['core/workload/placement.ts', 'node.metadata?.name', 'node.metadata.name'],
      ['core/workload/proof/evidence.ts', 'metadata?.name', 'metadata.name'],
      [
        'core/workload/proof/evidence.ts',
        'pod.metadata?.creationTimestamp',
        'pod.metadata.creationTimestamp',
      ],
      ['core/workload/proof/evidence.ts', 'pod.metadata?.labels', 'pod.metadata.labels'],
      ['core/workload/proof/evidence.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/proof/evidence.ts', 'pod.spec?.hostNetwork', 'pod.spec.hostNetwork'],
      ['core/workload/proof/evidence.ts', 'pod.spec?.hostNetwork', 'pod.spec.hostNetwork'],
      ['core/workload/proof/evidence.ts', 'pod.spec?.nodeName', 'pod.spec.nodeName'],
      ['core/workload/proof/evidence.ts', 'pod.spec?.nodeName', 'pod.spec.nodeName'],
      ['core/workload/proof/evidence.ts', 'pod.status?.startTime', 'pod.status.startTime'],
      ['core/workload/proof/evidence.ts', 'status?.podIP', 'status.podIP'],
      ['core/workload/proof/evidence.ts', 'status?.podIPs', 'status.podIPs'],
      ['core/workload/proof/trail.ts', 'pod.metadata?.creationTimestamp', 'pod.metadata.creationTimestamp'],
      ['core/workload/proof/trail.ts', 'pod.metadata?.name', 'pod.metadata.name'],
      ['core/workload/proof/trail.ts', 'pod.metadata?.uid', 'pod.metadata.uid'],
      ['core/workload/restart.ts', 'first.metadata?.name', 'first.metadata.name'],
      ['core/workload/restart.ts', 'metadata?.labels', 'metadata.labels'],
      ['core/workload/restart.ts', 'metadata?.managedFields', 'metadata.managedFields'],
      ['core/workload/restart.ts', 'metadata?.managedFields', 'metadata.managedFields'],
      ['core/workload/restart.ts', 'metadata?.ownerReferences', 'metadata.ownerReferences'],
      ['core/workload/restart.ts', 'missed.metadata?.name', 'missed.metadata.name'],
      ['core/workload/restart.ts', 'pod.metadata?.creationTimestamp', 'pod.metadata.creationTimestamp'],
      ['core/workload/restart.ts', 'stale.metadata?.name', 'stale.metadata.name'],
      ['core/workload/restart.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['core/workload/restart.ts', 'workload.spec?.template?.metadata', 'workload.spec?.template.metadata'],
      [
        'core/workload/restart.ts',
        'workload.spec?.template?.metadata?.annotations',
        'workload.spec?.template?.metadata.annotations',
      ],
      ['core/workload/rollout-progress.ts', 'object.metadata?.generation', 'object.metadata.generation'],
      ['core/workload/rollout-progress.ts', 'object.metadata?.uid', 'object.metadata.uid'],
      ['core/workload/rollout.ts', 'spec?.updateStrategy', 'spec.updateStrategy'],
      [
        'core/workload/workload.ts',
        '(workload as DaemonSet | StatefulSet).spec?.updateStrategy',
        '(workload as DaemonSet | StatefulSet).spec.updateStrategy',
      ],
      [
        'core/workload/workload.ts',
        '(workload as DaemonSet).status?.desiredNumberScheduled',
        '(workload as DaemonSet).status.desiredNumberScheduled',
      ],
      [
        'core/workload/workload.ts',
        '(workload as StatefulSet).spec?.replicas',
        '(workload as StatefulSet).spec.replicas',
      ],
      [
        'core/workload/workload.ts',
        'facts.serviceAccountObject?.metadata?.annotations',
        'facts.serviceAccountObject?.metadata.annotations',
      ],
      ['core/workload/workload.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['functions/steps/await-injection.ts', 'workload?.spec?.template', 'workload?.spec.template'],
      ['functions/steps/check-agent.ts', 'workload?.spec?.template?.spec', 'workload?.spec?.template.spec'],
      [
        'functions/steps/restart-workload.ts',
        'workload.metadata?.generation',
        'workload.metadata.generation',
      ],
      ['functions/steps/restart-workload.ts', 'workload.metadata?.uid', 'workload.metadata.uid'],
      ['functions/steps/restart-workload.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['functions/steps/verify-workload.ts', 'metadata?.creationTimestamp', 'metadata.creationTimestamp'],
      ['functions/steps/verify-workload.ts', 'workload.metadata?.uid', 'workload.metadata.uid'],
      ['functions/steps/verify-workload.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['functions/steps/verify-workload.ts', 'workload.spec?.template', 'workload.spec.template'],
      ['functions/support/evidence/reach.ts', 'pod.spec?.nodeName', 'pod.spec.nodeName'],
      [
        'functions/support/pods-in-rollout.ts',
        'facts.pods.find((pod) => isLive(pod) && !readInjection(pod, template).injected)?.metadata?.name',
        'facts.pods.find(pod => isLive(pod) && !readInjection(pod, template).injected)?.metadata.name',
      ],
      ['functions/support/pods-in-rollout.ts', 'state?.running', 'state.running'],
      ['functions/support/pods-in-rollout.ts', 'status?.containerStatuses', 'status.containerStatuses'],
      ['functions/support/pods-in-rollout.ts', 'workload.spec?.selector', 'workload.spec.selector'],
      [
        'functions/support/pods-in-rollout.ts',
        'workload.spec?.template?.spec',
        'workload.spec?.template.spec',
      ],
    ],
  },
  {
    why: 'what could not be read of the workload is not told: without it every node counts.',
    mutants: [['functions/steps/check-agent.ts', "'the workload'", '""']],
  },
  {
    why: 'what fits is read only where there is a value; noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/fleet/expand/select.ts', "''", '"Stryker was here!"']],
  },
  {
    why: 'what has no result of the list is left out of the sum of two digests.',
    mutants: [['functions/steps/judge-round.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'what has the address of a client has fields; the type cannot say so.',
    mutants: [
      ['core/workload/proof/agent-log.ts', 'fields?.fetched_role_arn', 'fields.fetched_role_arn'],
      ['core/workload/proof/agent-log.ts', 'fields?.level', 'fields.level'],
    ],
  },
  {
    why: 'what is no ARN names no region and no account, be it a star or nothing.',
    mutants: [['functions/steps/verify-role.ts', "'*'", '""']],
  },
  {
    why: 'what is no object is no finding, no look, no pod and no evidence, and so is left out of the list all the same.',
    mutants: [['core/run-events/read-answer.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'what is not in the list has the place -1, which is before all others as the first of the list is.',
    mutants: [['core/workload/diagnosis/diagnosis.ts', "'rollout-sdk-too-old'", '""']],
  },
  {
    why: 'what is not remembered is made again, the same.',
    mutants: [['core/fleet/expand/expand.ts', 'source.changed.set(key, changed)', ';']],
  },
  {
    why: 'what it answers is spread into the line, and spreading undefined adds nothing either.',
    mutants: [['functions/middleware/log-line.ts', '() => ({})', '() => undefined']],
  },
  {
    why: 'what opens a branch is known; the type cannot say so.',
    mutants: [['core/run-events/visits.ts', 'before?.visit', 'before.visit']],
  },
  {
    why: 'what writes an association has its check; the type cannot say so.',
    mutants: [['core/steps/ledger.ts', 'associationCheck?.before', 'associationCheck.before']],
  },
  {
    why: 'where all are hidden there is one: noUncheckedIndexedAccess alone asks for it.',
    mutants: [['core/workload/proof/proof.ts', 'hidden[0]?.reason', 'hidden[0].reason']],
  },
  {
    why: 'where some had them, what is said comes before the registration is looked at.',
    mutants: [['functions/steps/await-injection.ts', '{ notLookedAt: undefined }', '{}']],
  },
  {
    why: 'a text is no pod that has credentials, and its ServiceAccount would be in a namespace without a name.',
    mutants: [['core/fleet/status.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'where there is an association all of its values are texts; the type of a missing one cannot say so.',
    mutants: [['core/steps/association-diff.ts', "'none'", '""']],
  },
  {
    why: 'without a pattern no binding is for a cluster of this name, and it is left out.',
    mutants: [['functions/support/rollout/expand.ts', '[]', '["Stryker was here"]']],
  },
  {
    why: 'zod hands an issue of any code on with its message, and faultsOfIssue treats every code alike that it does not name.',
    mutants: [
      ['core/request-input.ts', "'custom'", '""'],
      ['core/request-input.ts', "'custom'", '""'],
    ],
  },
]
