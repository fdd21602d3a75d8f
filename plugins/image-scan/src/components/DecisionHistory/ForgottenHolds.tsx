import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import { useDecisions } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { mayBeForgotten } from './reminders';

/** As many as one answer holds; whoever has more is reminded of these first. */
const LIMIT = 500;

/** Asks whether holds are still needed that nobody has ended for long. */
export function ForgottenHolds(props: { imageScanId?: string }) {
  const { imageScanId } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const { value } = useDecisions({ imageScanId, active: true, limit: LIMIT });
  const now = Date.now();
  const count =
    value?.items.filter(decision => mayBeForgotten(decision, now)).length ?? 0;
  return count > 0 ? (
    <Alert
      role="status"
      status="warning"
      icon
      title={t('decision.reminder.title', { count })}
      description={t('decision.reminder.text')}
    />
  ) : null;
}
