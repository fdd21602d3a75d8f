import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Combobox } from '@backstage/ui';
import type { ImageScan } from 'backstage-plugin-image-scan-common';
import { useState } from 'react';
import { imageScanApiRef } from '../../api';
import { useLiveData, useMayUpdate } from '../../hooks';
import { imageScanTranslationRef } from '../../translation';
import { FormDialog } from '../FormDialog';
import { UseTagDialog } from './UseTagDialog';

/** The registry may have thousands; what is typed finds the others. */
const OFFERED = 50;

/** Asks which tag to use, then shows what that would write. */
export function ChooseTagDialog(props: {
  scan: ImageScan;
  onClose: () => void;
  onWritten: () => void;
}) {
  const { scan, onClose, onWritten } = props;
  const [tag, setTag] = useState<string>();
  return tag === undefined ? (
    <Choice scan={scan} onChosen={setTag} onClose={onClose} />
  ) : (
    <UseTagDialog
      scan={scan}
      tag={tag}
      onClose={onClose}
      onWritten={onWritten}
    />
  );
}

function Choice(props: {
  scan: ImageScan;
  onChosen: (tag: string) => void;
  onClose: () => void;
}) {
  const { scan, onChosen, onClose } = props;
  const api = useApi(imageScanApiRef);
  const { t } = useTranslationRef(imageScanTranslationRef);
  const [typed, setTyped] = useState('');
  const [tag, setTag] = useState<string>();
  // What is chosen fills the field, and is then no text to search for.
  const search = typed === tag ? '' : typed;
  const options = { search: search || undefined, limit: OFFERED };
  const { value } = useLiveData(JSON.stringify([scan.id, options]), () =>
    api.listTags(scan.id, options),
  );
  return (
    <FormDialog
      title={t('decision.useTag.titleOpen', { image: scan.image })}
      confirm={t('decision.useTag.next')}
      allowance={useMayUpdate(scan.gitRepo)}
      isIncomplete={tag === undefined}
      onConfirm={async () => {
        if (tag !== undefined) {
          onChosen(tag);
        }
        return false;
      }}
      onClose={onClose}
    >
      <Combobox
        label={t('decision.useTag.tag')}
        placeholder={t('decision.useTag.choose')}
        options={(value?.items ?? []).map(item => ({
          id: item.tag,
          label: item.tag,
          description: item.reason,
        }))}
        search={{
          inputValue: typed,
          onInputChange: setTyped,
          filter: () => true,
        }}
        value={tag ?? null}
        onChange={key => setTag(key === null ? undefined : String(key))}
      />
    </FormDialog>
  );
}
