import type { LoggerService } from '@backstage/backend-plugin-api';
import type { JsonObject } from '@backstage/types';

/**
 * A logger that writes nothing. That of Backstage's test utils brings half a backend
 * along, which takes a second to load.
 */
export function mockLogger(): jest.Mocked<LoggerService> {
  const logger: jest.Mocked<LoggerService> = {
    error: jest.fn(),
    warn: jest.fn(),
    info: jest.fn(),
    debug: jest.fn(),
    child: jest.fn<LoggerService, [JsonObject]>(() => logger),
  };
  return logger;
}
