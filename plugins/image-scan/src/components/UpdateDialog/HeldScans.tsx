import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Checkbox } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './UpdateDialog.module.css';
import type { HeldScan } from './updateScope';

/** The changes that would go back, each to be released by its own box. */
export function HeldScans(props: {
  scans: HeldScan[];
  released: ReadonlySet<string>;
  isDisabled: boolean;
  onChange: (id: string, isReleased: boolean) => void;
}) {
  const { scans, released, isDisabled, onChange } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <>
      {scans.map(({ id, tagName, image, from, to, reason }) => (
        <Alert
          key={id}
          status="warning"
          icon
          title={t('update.held', { from, to })}
          description={
            <span className={styles.held}>
              <span>
                {image}: {reason}
              </span>
              <Checkbox
                isSelected={released.has(id)}
                isDisabled={isDisabled}
                onChange={isReleased => onChange(id, isReleased)}
              >
                {t('update.release', { tagName, from, to })}
              </Checkbox>
            </span>
          }
        />
      ))}
    </>
  );
}
