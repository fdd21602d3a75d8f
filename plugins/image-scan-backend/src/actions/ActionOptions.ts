import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ImageScanService } from '../service/ImageScanService';

/** What every action is made of. */
export interface ActionOptions {
  actionsRegistry: ActionsRegistryService;
  /** Checks itself what the caller may see and do. */
  service: ImageScanService;
}
