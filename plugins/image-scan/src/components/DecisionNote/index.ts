export { DecisionNote } from './DecisionNote';
