import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { imageScanApiRef } from '../../api';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { DecisionFields, useDecisionFields } from '../DecisionFields';
import { FormDialog } from '../FormDialog';
import { HelpText } from '../HelpText';

/** Asks why a tag is passed over, and until when. */
export function SkipDialog(props: {
  scan: ImageScan;
  tag: string;
  onClose: () => void;
  onSkipped: () => void;
}) {
  const { scan, tag, onClose, onSkipped } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const fields = useDecisionFields();
  return (
    <FormDialog
      title={t('decision.skip.title', { tag, image: scan.image })}
      confirm={t('decision.skip.confirm', { tag })}
      allowance={useMayUpdate(scan.gitRepo)}
      isIncomplete={fields.isPast}
      onConfirm={async () => {
        await api.decide({
          kind: 'skip',
          imageScanId: scan.id,
          tag,
          ...fields.request,
        });
        onSkipped();
        return true;
      }}
      onClose={onClose}
    >
      <HelpText>{t('decision.skip.text', { tag })}</HelpText>
      <DecisionFields fields={fields} />
    </FormDialog>
  );
}
