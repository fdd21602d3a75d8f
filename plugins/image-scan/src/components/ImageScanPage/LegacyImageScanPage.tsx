import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { PluginHeader } from '@backstage/ui';
import { RiShipLine } from '@remixicon/react';
import { imageScanTranslationRef } from '../../translation';
import { ImageScanPageContent } from './ImageScanPage';

/** The page with its own header: apps of the old frontend system draw none. */
export function LegacyImageScanPage() {
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <main>
      <PluginHeader title={t('page.title')} icon={<RiShipLine />} />
      <ImageScanPageContent />
    </main>
  );
}
