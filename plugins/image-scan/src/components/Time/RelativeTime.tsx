import { useTimeWords } from '../../hooks';

/** A time as the distance from now; the date and time in full on hover. */
export function RelativeTime(props: {
  /** ISO 8601. */
  time: string;
}) {
  const words = useTimeWords();
  return (
    <time dateTime={props.time} title={words.absolute(props.time)}>
      {words.relative(props.time)}
    </time>
  );
}
