import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { DatePicker, TextField } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './DecisionFields.module.css';
import type { DecisionFieldsState } from './useDecisionFields';

const MAX_REASON = 500;

/** Asks why, and until when. */
export function DecisionFields(props: { fields: DecisionFieldsState }) {
  const { reason, setReason, date, setDate, isPast } = props.fields;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div className={styles.fields}>
      <TextField
        label={t('decision.form.reason')}
        description={t('decision.form.reasonHelp')}
        value={reason}
        onChange={setReason}
        maxLength={MAX_REASON}
      />
      <DatePicker
        label={t('decision.form.until')}
        description={t(
          isPast ? 'decision.form.past' : 'decision.form.untilHelp',
        )}
        granularity="minute"
        shouldForceLeadingZeros
        value={date}
        onChange={setDate}
        isInvalid={isPast}
      />
    </div>
  );
}
