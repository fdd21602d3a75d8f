export { DecisionFields } from './DecisionFields';
export { useDecisionFields } from './useDecisionFields';
