import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { imageScanSchema, inputs } from './schemas';

/** Registers `get-image-scan`, the counterpart of `GET /image-scans/:id`. */
export function createGetImageScanAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'get-image-scan',
    title: 'Get Image Scan',
    description: `
Answers all that is known of one image scan: its policy, the tags in git and in the registry, each place in git that it writes to, why it is held or failing, and its last commit.
    `.trim(),
    attributes: { readOnly: true, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ imageScanId: inputs.imageScanId(z) }).strict(),
      output: imageScanSchema,
    },
    action: async ({ input, credentials }) => {
      const { id } = parseRequest(requests.imageScan, {
        id: input.imageScanId,
      });
      return { output: await service.getImageScan(id, { credentials }) };
    },
  });
}
