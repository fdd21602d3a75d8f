export {
  checkMessageTemplate,
  renderCommitMessage,
} from 'backstage-plugin-image-scan-node';
