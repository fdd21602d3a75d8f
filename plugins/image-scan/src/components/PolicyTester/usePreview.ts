import { toError } from '@backstage/errors';
import { useApi } from '@backstage/frontend-plugin-api';
import type {
  PolicyPreview,
  TagRule,
} from 'backstage-plugin-image-scan-common';
import { useEffect, useState } from 'react';
import { imageScanApiRef } from '../../api';

const TYPING_PAUSE = 250;

interface Outcome {
  rule?: TagRule;
  preview?: PolicyPreview;
  error?: Error;
}

/** What a rule would choose, asked a moment after the last change of it. */
export function usePreview(
  imageScanId: string,
  rule: TagRule,
): { preview?: PolicyPreview; error?: Error; isStale: boolean } {
  const api = useApi(imageScanApiRef);
  const [outcome, setOutcome] = useState<Outcome>({});

  useEffect(() => {
    let isLate = false;
    const timer = setTimeout(async () => {
      try {
        const preview = await api.previewPolicy({ ...rule, imageScanId });
        if (!isLate) {
          setOutcome({ rule, preview });
        }
      } catch (error) {
        if (!isLate) {
          setOutcome({ rule, error: toError(error) });
        }
      }
    }, TYPING_PAUSE);
    return () => {
      isLate = true;
      clearTimeout(timer);
    };
  }, [api, imageScanId, rule]);

  return { ...outcome, isStale: outcome.rule !== rule };
}
