import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TextAreaField } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './UpdateDialog.module.css';

const MAX_LENGTH = 10_000;

/** Lines that are seen without scrolling. */
const ROWS = { min: 2, max: 8 };

/** The commit message, to be changed by the user. */
export function MessageField(props: {
  message: string;
  isDisabled: boolean;
  onChange: (message: string) => void;
}) {
  const { message, isDisabled, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const lines = message.split('\n').length;
  return (
    <TextAreaField
      className={styles.message}
      label={t('update.message')}
      rows={Math.min(Math.max(lines, ROWS.min), ROWS.max)}
      maxLength={MAX_LENGTH}
      value={message}
      onChange={onChange}
      isDisabled={isDisabled}
    />
  );
}
