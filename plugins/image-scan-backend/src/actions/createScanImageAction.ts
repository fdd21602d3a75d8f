import { parseRequest, requests } from '../service/requests';
import type { ActionOptions } from './ActionOptions';
import { imageScanSchema, inputs } from './schemas';

/** Registers `scan-image`, the counterpart of `POST /image-scans/:id/scan`. */
export function createScanImageAction({
  actionsRegistry,
  service,
}: ActionOptions): void {
  actionsRegistry.register({
    name: 'scan-image',
    title: 'Scan Image',
    description: `
Asks the registry for the tags of an image now instead of at its interval, and answers the new state of the image scan.
A newer tag is then written to git as after any other scan, unless the git repo is paused.
Needs the permission to scan the git repo. A suspended image scan cannot be scanned.
    `.trim(),
    attributes: { readOnly: false, destructive: false, idempotent: true },
    schema: {
      input: z => z.object({ imageScanId: inputs.imageScanId(z) }).strict(),
      output: imageScanSchema,
    },
    action: async ({ input, credentials }) => {
      const { id } = parseRequest(requests.imageScan, {
        id: input.imageScanId,
      });
      return { output: await service.scanImage(id, { credentials }) };
    },
  });
}
