export { HelpText } from './HelpText';
