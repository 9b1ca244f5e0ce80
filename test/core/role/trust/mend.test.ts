import { expect, it } from 'vitest'
import {
  addActions,
  dropPrincipal,
  exemptService,
  type Mend,
  mendDocument,
} from '../../../../core/role/trust/mend.ts'

const nobody = 'AIDANOBODY'
const deny = { Effect: 'Deny', Principal: { AWS: nobody }, Action: 'sts:AssumeRole' }
const allow = { Effect: 'Allow', Principal: { Service: 'pods.eks.amazonaws.com' }, Action: 'sts:AssumeRole' }
const document = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements })

it.each<[why: string, mend: Mend, before: object, after: object]>([
  [
    'of two statements that are the same, the one that is named',
    dropPrincipal(0, 'AWS', nobody),
    document(deny, deny, allow),
    document(deny, allow),
  ],
  [
    'the place is that of the document as it was, whatever goes before it',
    dropPrincipal(1, 'AWS', nobody),
    document(deny, { ...deny, Sid: 'Second' }, allow),
    document(deny, allow),
  ],
  [
    'a name among others goes alone',
    dropPrincipal(0, 'AWS', nobody),
    document({ ...deny, Principal: { AWS: [nobody, 'arn:aws:iam::111122223333:root'] } }),
    document({ ...deny, Principal: { AWS: ['arn:aws:iam::111122223333:root'] } }),
  ],
  [
    'principals of another type stay',
    dropPrincipal(0, 'AWS', nobody),
    document({ ...deny, Principal: { AWS: nobody, Service: 'ec2.amazonaws.com' } }),
    document({ ...deny, Principal: { Service: 'ec2.amazonaws.com' } }),
  ],
  [
    'a name that is not there changes nothing',
    dropPrincipal(0, 'AWS', 'AIDAOTHER'),
    document({ ...deny, Principal: { AWS: [nobody] } }),
    document({ ...deny, Principal: { AWS: [nobody] } }),
  ],
  [
    'actions beside the statement’s own, which may be one text',
    addActions(0, ['sts:TagSession']),
    document(allow, allow),
    document({ ...allow, Action: ['sts:AssumeRole', 'sts:TagSession'] }, allow),
  ],
  [
    'an exemption beside the conditions of the same operator',
    exemptService(0),
    document({ ...deny, Condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'carts' } } }),
    document({
      ...deny,
      Condition: {
        StringNotEquals: {
          'aws:PrincipalTag/team': 'carts',
          'aws:PrincipalServiceName': 'pods.eks.amazonaws.com',
        },
      },
    }),
  ],
  [
    'an exemption beside other operators',
    exemptService(0),
    document({ ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    document({
      ...deny,
      Condition: {
        Bool: { 'aws:SecureTransport': 'false' },
        StringNotEquals: { 'aws:PrincipalServiceName': 'pods.eks.amazonaws.com' },
      },
    }),
  ],
  ['one more statement goes last', { append: allow }, document(deny), document(deny, allow)],
  [
    'a document that is one statement, with an Id and without a version, by which a ${…} would become a variable',
    { append: allow },
    { Id: 'carts', Statement: deny },
    { Id: 'carts', Statement: [deny, allow] },
  ],
  [
    'a version of its own stays',
    { append: allow },
    { Version: '2008-10-17', Statement: [] },
    { Version: '2008-10-17', Statement: [allow] },
  ],
])('mends a trust policy: %s', (_why, mend, before, after) => {
  expect(mendDocument(before, [mend])).toEqual(after)
  expect(mendDocument(JSON.stringify(before), [mend])).toEqual(after)
})

it('makes several changes in one statement, and others elsewhere', () => {
  const both = [
    { append: allow },
    addActions(0, ['sts:TagSession']),
    dropPrincipal(0, 'AWS', nobody),
    dropPrincipal(1, 'AWS', nobody),
  ]
  const several = { ...deny, Principal: { AWS: [nobody, '*'] } }
  expect(mendDocument(document(several, deny), both)).toEqual(
    document({ ...several, Principal: { AWS: ['*'] }, Action: ['sts:AssumeRole', 'sts:TagSession'] }, allow),
  )
})
