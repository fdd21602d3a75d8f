export { TagTable } from './TagTable';
