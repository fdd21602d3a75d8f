export {
  compareTagsBy,
  evaluateTags,
  evaluateTagsInTurns,
  replayTagsInTurns,
} from './evaluateTags';
export type { EvaluationOptions, TagEvaluation } from './evaluateTags';
export { PatternBudget } from './PatternBudget';
export { TagOrder } from './TagOrder';
export { TagValues } from './TagValues';
export type { TagValue } from './TagValues';
