import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton } from '@backstage/ui';
import { imageScanTranslationRef } from '../../translation';
import styles from './LoadingBlocks.module.css';

/** Grey blocks in place of what is on its way; a screen reader hears words. */
export function LoadingBlocks(props: {
  /** Of each block, in pixels. */
  heights: number[];
  /** What a screen reader says; by default that it is loading. */
  label?: string;
}) {
  const { heights, label } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  return (
    <div
      role="status"
      aria-label={label ?? t('table.loading')}
      className={styles.root}
    >
      {heights.map((height, index) => (
        <Skeleton
          key={index}
          className={styles.block}
          width="100%"
          height={height}
        />
      ))}
    </div>
  );
}
