import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import { useEffect, useMemo, useState } from 'react';
import { imageScanApiRef } from '../../api';
import { type FoundTarget, type HoldTarget, findTarget } from './holdTarget';

/** What a target stands for when the dialog opens. */
export function useFoundTarget(target: HoldTarget): {
  found?: FoundTarget;
  error?: Error;
} {
  const api = useApi(imageScanApiRef);
  const [outcome, setOutcome] = useState<{
    found?: FoundTarget;
    error?: Error;
  }>({});
  const key = JSON.stringify(target);
  const asked = useMemo<HoldTarget>(() => JSON.parse(key), [key]);

  useEffect(() => {
    let isLate = false;
    findTarget(api, asked).then(
      found => !isLate && setOutcome({ found }),
      error => !isLate && setOutcome({ error: toError(error) }),
    );
    return () => {
      isLate = true;
    };
  }, [api, asked]);

  return outcome;
}
