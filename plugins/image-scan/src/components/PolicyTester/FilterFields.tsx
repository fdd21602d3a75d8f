import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TextAreaField, TextField } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './PolicyTester.module.css';
import type { RuleFields } from './useRuleFields';

/** Which tags compete, and by what part of them. */
export function FilterFields(props: {
  fields: RuleFields;
  onChange: (part: Partial<RuleFields>) => void;
}) {
  const { fields, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div className={styles.fields}>
      <TextField
        className={styles.text}
        label={t('tester.pattern')}
        description={t('tester.patternHelp')}
        value={fields.pattern}
        onChange={pattern => onChange({ pattern })}
      />
      <TextField
        className={styles.text}
        label={t('tester.extract')}
        description={t('tester.extractHelp')}
        value={fields.extract}
        onChange={extract => onChange({ extract })}
      />
      <TextAreaField
        className={styles.text}
        label={t('tester.exclusions')}
        description={t('tester.exclusionsHelp')}
        rows={1}
        value={fields.exclusions}
        onChange={exclusions => onChange({ exclusions })}
      />
    </div>
  );
}
