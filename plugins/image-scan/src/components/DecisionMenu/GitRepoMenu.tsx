import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiLockUnlockLine, RiShieldLine } from '@remixicon/react';
import type { Decision } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { HoldDialog } from '../HoldDialog';
import { ReleaseDialog } from '../ReleaseDialog';
import { DecisionMenu, type DecisionMenuItem } from './DecisionMenu';

/** What a person can decide about a whole git repo. */
export function GitRepoMenu(props: {
  gitRepo: string;
  /** The hold of all of it, where there is one. */
  current?: Decision;
  onDecided: () => void;
}) {
  const { gitRepo, current, onDecided } = props;
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [open, setOpen] = useState<string>();
  const close = () => setOpen(undefined);
  // What is released is gone before its dialog is closed.
  const [releasing, setReleasing] = useState<Decision>();
  const items: DecisionMenuItem[] = [
    {
      id: 'hold',
      label: t('decision.menu.hold'),
      icon: <RiShieldLine aria-hidden="true" />,
    },
    ...(current
      ? [
          {
            id: 'release',
            label: t('decision.menu.release.hold'),
            icon: <RiLockUnlockLine aria-hidden="true" />,
          },
        ]
      : []),
  ];
  return (
    <>
      <DecisionMenu
        what={gitRepo}
        allowance={useMayUpdate(gitRepo)}
        items={items}
        onAction={id => {
          setOpen(id);
          setReleasing(id === 'release' ? current : undefined);
        }}
      />
      {open === 'hold' && (
        <HoldDialog
          target={{ kind: 'gitRepo', gitRepo }}
          current={current}
          onClose={close}
          onHeld={onDecided}
        />
      )}
      {releasing && (
        <ReleaseDialog
          decision={releasing}
          onClose={() => setReleasing(undefined)}
          onReleased={onDecided}
        />
      )}
    </>
  );
}
