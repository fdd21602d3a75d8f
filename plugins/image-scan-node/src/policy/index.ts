export {
  compareTagsBy,
  evaluateTags,
  evaluateTagsInTurns,
} from './evaluateTags';
export type { EvaluationOptions, TagEvaluation } from './evaluateTags';
