/**
 * An image as the user spelled it, without its tag and digest: `nginx:1.27` becomes
 * `nginx`, `host:5000/a@sha256:…` becomes `host:5000/a`.
 *
 * @remarks
 * Does not check the image. Text before an `@` that is followed by a slash is not taken
 * for an image: in `user:password@host/a` it stays, for the check to refuse.
 *
 * @public
 */
export function stripTag(image: string): string {
  const slash = image.lastIndexOf('/') + 1;
  // A colon in front of the last slash belongs to a port.
  const [name] = image.slice(slash).split(/[:@]/, 1);
  return image.slice(0, slash) + name;
}
