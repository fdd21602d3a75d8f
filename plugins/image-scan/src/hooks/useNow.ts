import { useEffect, useState } from 'react';

const TICK = 5_000;

/** The time in milliseconds since the epoch, new every few seconds, for words like "3 minutes ago". */
export function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK);
    return () => clearInterval(timer);
  }, []);
  return now;
}
