import { setTimeout as sleep } from 'node:timers/promises';
import { MemoryRegistry } from '../servers/MemoryRegistry';

/** A list of tags that was asked for. */
export interface Listing {
  startedAt: number;
  /** Absent while it is being answered; also the peer's end ends it. */
  endedAt?: number;
}

/** How long a list takes: long enough for two of them to be seen together. */
const ANSWER_MS = 30;

/** A registry that notes who asks for which list, and when. */
export class ListingRegistry {
  /** By the name of the image. */
  readonly listings = new Map<string, Listing[]>();
  #held: Promise<void> | undefined;

  readonly memory: MemoryRegistry;

  private constructor(memory: MemoryRegistry) {
    this.memory = memory;

    memory.beforeAnswer = async ({ url = '' }, response) => {
      const [, image] = /^\/v2\/(.+)\/tags\/list/.exec(url) ?? [];
      if (!image) {
        return;
      }
      const listing: Listing = { startedAt: Date.now() };
      this.of(image).push(listing);
      response.on('close', () => {
        listing.endedAt = Date.now();
      });
      await sleep(ANSWER_MS);
      await this.#held;
    };
  }

  static async start(): Promise<ListingRegistry> {
    return new ListingRegistry(await MemoryRegistry.start());
  }

  of(image: string): Listing[] {
    const known = this.listings.get(image);
    if (known) {
      return known;
    }
    const listings: Listing[] = [];
    this.listings.set(image, listings);
    return listings;
  }

  /** Answers no list until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#held = new Promise(resolve => {
      release = resolve;
    });
    return () => {
      this.#held = undefined;
      release();
    };
  }

  /** Images of which two lists were asked for at the same time. */
  askedTwiceAtOnce(): string[] {
    return [...this.listings]
      .filter(([, listings]) =>
        listings.some(
          ({ endedAt = Infinity }, index) =>
            (listings[index + 1]?.startedAt ?? Infinity) < endedAt,
        ),
      )
      .map(([image]) => image);
  }

  /** Images that were asked for again sooner than a time after the last. */
  askedAgainWithin(milliseconds: number): string[] {
    return [...this.listings]
      .filter(([, listings]) =>
        listings.some(
          ({ startedAt }, index) =>
            index > 0 &&
            startedAt - listings[index - 1].startedAt < milliseconds,
        ),
      )
      .map(([image]) => image);
  }

  /** Images that were not asked for since a time. */
  notAskedSince(images: readonly string[], time: number): string[] {
    return images.filter(
      image => (this.of(image).at(-1)?.startedAt ?? 0) < time,
    );
  }

  async stop(): Promise<void> {
    await this.memory.stop();
  }
}
