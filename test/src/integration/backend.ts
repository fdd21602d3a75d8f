/*
 * A whole backend of its own process, for tests that kill it. Its configuration
 * is the file named by `--config`.
 */
import { createBackend } from '@backstage/backend-defaults';
import imageScanPlugin from 'backstage-plugin-image-scan-backend';

const backend = createBackend();
backend.add(imageScanPlugin);
backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
