import { Fragment } from 'react';

/** A path or image name that breaks after its slashes rather than within a word. */
export function BreakablePath(props: { path: string }) {
  return (
    <>
      {props.path.split('/').map((part, index) => (
        <Fragment key={index}>
          {index > 0 && (
            <>
              /<wbr />
            </>
          )}
          {part}
        </Fragment>
      ))}
    </>
  );
}
