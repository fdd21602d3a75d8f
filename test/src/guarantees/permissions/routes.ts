/** A layer of an express router, as far as it is looked at. */
interface Layer {
  /** Whether a path that the layer is mounted at begins this one. */
  isAt(path: string): boolean;
  route?: { path: string; methods: string[] };
  handle: unknown;
}

/**
 * All routes under a path of an express application, as `GET /path`, found by
 * walking through its routers.
 */
export function routesUnder(application: unknown, path: string): string[] {
  return layersOf(application)
    .filter(layer => layer.isAt(path))
    .flatMap(layer =>
      isMountedAt(layer, path)
        ? allRoutes(layer.handle)
        : routesUnder(layer.handle, path),
    );
}

function allRoutes(handler: unknown): string[] {
  return layersOf(handler).flatMap(({ route, handle }) =>
    route
      ? route.methods.map(method => `${method.toUpperCase()} ${route.path}`)
      : allRoutes(handle),
  );
}

/** A router that is mounted at the root is at every path, the plugin's is not. */
function isMountedAt(layer: Layer, path: string): boolean {
  return layer.isAt(path) && !layer.isAt('/elsewhere');
}

function layersOf(handler: unknown): Layer[] {
  const router = get(handler, '_router') ?? handler;
  const stack = get(router, 'stack');
  return Array.isArray(stack) ? stack.map(readLayer) : [];
}

function readLayer(layer: unknown): Layer {
  const regexp = get(layer, 'regexp');
  if (!(regexp instanceof RegExp)) {
    throw new Error('Not a layer of express 4');
  }
  const route = get(layer, 'route');
  return {
    isAt: path => regexp.test(path),
    handle: get(layer, 'handle'),
    ...(route !== undefined && {
      route: {
        path: String(get(route, 'path')),
        methods: Object.keys(Object(get(route, 'methods'))),
      },
    }),
  };
}

function get(value: unknown, key: string): unknown {
  return (typeof value === 'object' || typeof value === 'function') &&
    value !== null
    ? Reflect.get(value, key)
    : undefined;
}
