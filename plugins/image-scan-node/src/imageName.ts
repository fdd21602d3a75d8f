/**
 * An image as the user spelled it, without its tag and digest: `nginx:1.27` becomes
 * `nginx`, `host:5000/a@sha256:…` becomes `host:5000/a`.
 *
 * @remarks
 * Does not check the image. Where what follows an `@` is no digest, everything stays for
 * the check to refuse: what stands in front of it may be credentials.
 *
 * @public
 */
export function stripTag(image: string): string {
  const slash = image.lastIndexOf('/') + 1;
  // A colon in front of the last slash belongs to a port.
  const last = image.slice(slash);
  if (/@(?!sha\d+:)/.test(last)) {
    return image;
  }
  const [name] = last.split(/[:@]/, 1);
  return image.slice(0, slash) + name;
}
