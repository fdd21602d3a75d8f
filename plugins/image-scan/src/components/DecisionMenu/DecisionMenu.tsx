import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Button,
  Menu,
  MenuItem,
  MenuTrigger,
  VisuallyHidden,
} from '@backstage/ui';
import { RiArrowDownSLine } from '@remixicon/react';
import { type ReactElement, useId } from 'react';
import type { Allowance } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import styles from './DecisionMenu.module.css';

/** Something to decide. */
export interface DecisionMenuItem {
  id: string;
  label: string;
  icon: ReactElement;
  /** Of a place where it is decided, instead of a dialog. */
  href?: string;
}

/**
 * What a person can decide about something.
 *
 * @remarks
 * It stands beside the button that updates, which says in plain sight why neither
 * is allowed; here that is for screen readers and on hover.
 */
export function DecisionMenu(props: {
  /** What it is about, for screen readers. */
  what: string;
  allowance: Allowance;
  items: DecisionMenuItem[];
  onAction: (id: string) => void;
}) {
  const { what, allowance, items, onAction } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const reasonId = useId();
  return (
    <span className={styles.root} title={allowance.reason}>
      <MenuTrigger>
        <Button
          size="small"
          variant="secondary"
          iconEnd={<RiArrowDownSLine aria-hidden="true" />}
          isDisabled={!allowance.allowed}
          aria-label={t('decision.menu.label', { what })}
          aria-describedby={allowance.reason ? reasonId : undefined}
        >
          {t('decision.menu.button')}
        </Button>
        <Menu
          aria-label={t('decision.menu.label', { what })}
          onAction={key => onAction(String(key))}
        >
          {items.map(({ id, label, icon, href }) => (
            <MenuItem key={id} id={id} iconStart={icon} href={href}>
              {label}
            </MenuItem>
          ))}
        </Menu>
      </MenuTrigger>
      {allowance.reason && (
        <VisuallyHidden id={reasonId}>{allowance.reason}</VisuallyHidden>
      )}
    </span>
  );
}
