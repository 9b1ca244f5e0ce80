/** The policy evaluator, at the path that checks from outside the repository import. */
export { type Decision, type Evaluation, evaluate } from './policy/evaluate.ts'
