export { ErrorAlert } from './ErrorAlert';
export { LoadError } from './LoadError';
export { StatusErrorAlert } from './StatusErrorAlert';
