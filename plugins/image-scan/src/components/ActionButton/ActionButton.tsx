import { Button } from '@backstage/ui';
import { type ReactElement, useId } from 'react';
import styles from './ActionButton.module.css';

/** A button that says why it is disabled. */
export function ActionButton(props: {
  children: string;
  /** Name for screen readers where the text alone says too little. */
  label?: string;
  variant?: 'primary' | 'secondary' | 'tertiary';
  icon?: ReactElement;
  isPending?: boolean;
  isDisabled?: boolean;
  /** Why it is disabled. */
  reason?: string;
  onPress: () => void;
}) {
  const { children, label, variant, icon, isPending, reason, onPress } = props;
  const id = useId();
  const isDisabled = props.isDisabled || reason !== undefined;
  return (
    <span className={styles.root}>
      <Button
        size="small"
        variant={variant ?? 'secondary'}
        iconStart={icon}
        isPending={isPending}
        isDisabled={isDisabled}
        aria-label={label}
        aria-describedby={reason ? id : undefined}
        onPress={onPress}
      >
        {children}
      </Button>
      {/* In plain sight: nobody can focus or, by touch, hover a disabled button. */}
      {reason && (
        <span id={id} className={styles.reason}>
          {reason}
        </span>
      )}
    </span>
  );
}
