/**
 * Which part of an image a marker writes: `image` is `image:tag`, `name` the
 * image alone, `tag` the tag alone and `digest` is `image:tag@sha256:…`.
 *
 * @public
 */
export type MarkerForm = 'image' | 'name' | 'tag' | 'digest';
