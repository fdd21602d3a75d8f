/** A marker as a person thinks of it, wherever it is and whatever reads it. */
interface ModelMarker {
  /** In git. */
  value: number;
  /** When it was read last. */
  read: number;
  agreed: boolean;
  rolledFrom?: number;
}

/** Tags of the histories are `1.N.0`. */
export function tagOf(version: number): string {
  return `1.${version}.0`;
}

/**
 * The rules of what people decide, said once more in the plainest way: of one scan whose
 * policy takes the newest tag, and whose markers hold tags.
 */
export class DecisionModel {
  readonly markers: ModelMarker[];
  readonly holds = new Set<string>();
  /** The tag that each skip passes over. */
  readonly skips = new Map<string, number>();
  /** Published tags. */
  newest: number;
  result?: number;
  isRolledBack = false;

  constructor(values: readonly number[]) {
    this.newest = Math.max(...values);
    this.markers = values.map(value => ({
      value,
      read: value,
      agreed: false,
    }));
  }

  /** What a scan chooses now. */
  choose(): number {
    const skipped = new Set(this.skips.values());
    let chosen = this.newest;
    while (skipped.has(chosen)) {
      chosen -= 1;
    }
    return chosen;
  }

  scanned(version: number): void {
    this.result = version;
    for (const marker of this.markers) {
      marker.agreed ||= marker.read === version;
    }
  }

  /** Somebody looks at git. */
  read(): void {
    let undone = false;
    for (const marker of this.markers) {
      const { value, read: before, rolledFrom } = marker;
      const isWanted = value === this.result;
      const wasAgreed = marker.agreed;
      marker.read = value;
      marker.agreed ||= isWanted;
      if (value === before) {
        continue;
      }
      if (rolledFrom !== undefined && (isWanted || value >= rolledFrom)) {
        marker.rolledFrom = undefined;
        undone = true;
      } else if (wasAgreed && value < before && !isWanted) {
        marker.rolledFrom ??= before;
        this.isRolledBack = true;
      }
    }
    if (undone && this.markers.every(each => each.rolledFrom === undefined)) {
      this.isRolledBack = false;
    }
  }

  /** The automation knows that it wrote these markers, whatever became of them since. */
  wrote(indexes: readonly number[], version: number): void {
    for (const index of indexes) {
      const marker = this.markers[index];
      marker.read = version;
      marker.agreed = true;
    }
  }

  released(id: string, kind: string): void {
    this.holds.delete(id);
    this.skips.delete(id);
    if (kind === 'rollback') {
      this.isRolledBack = false;
      for (const marker of this.markers) {
        marker.rolledFrom = undefined;
      }
    }
  }

  /** Whether a tag may be written. */
  mayWrite(version: number): boolean {
    return (
      this.holds.size === 0 &&
      !this.isRolledBack &&
      ![...this.skips.values()].includes(version)
    );
  }
}
