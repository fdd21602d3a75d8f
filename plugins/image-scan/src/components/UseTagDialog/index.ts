export { ChooseTagDialog } from './ChooseTagDialog';
export { UseTagDialog } from './UseTagDialog';
