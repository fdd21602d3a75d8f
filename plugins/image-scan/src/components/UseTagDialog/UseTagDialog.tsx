import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanTranslationRef } from '../../translation';
import { HelpText } from '../HelpText';
import { UpdateDialog } from '../UpdateDialog';

/** Shows what using a tag would write, and writes it when the user confirms. */
export function UseTagDialog(props: {
  scan: ImageScan;
  tag: string;
  onClose: () => void;
  onWritten: () => void;
}) {
  const { scan, tag, onClose, onWritten } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <UpdateDialog
      scope={{
        gitRepo: scan.gitRepo,
        imageScanId: scan.id,
        tags: { [scan.id]: tag },
      }}
      title={t('decision.useTag.title', { tag, image: scan.image })}
      intro={<HelpText>{t('decision.useTag.text', { tag })}</HelpText>}
      onClose={onClose}
      onWritten={onWritten}
    />
  );
}
