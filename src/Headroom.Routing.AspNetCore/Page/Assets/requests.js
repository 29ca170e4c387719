// What is known of the requests. The server tells what changed of each; a row is new if it comes with a time.

export class Requests {
  #rows = new Map();
  #kept = Infinity;

  /** Takes the changes over and returns the ids of what changed and of what is no longer kept. */
  apply({ kept, rows }) {
    const gone = [];
    if (kept) {
      // A new connection tells everything, and what is here may be of a process that has ended.
      this.#kept = kept;
      const times = new Map(rows.map(row => [row.id, row.time]));
      for (const { id, time } of this.all()) {
        if (times.get(id) === time) continue;
        this.#rows.delete(id);
        gone.push(id);
      }
    }
    for (const change of rows) {
      const row = Object.assign(this.#rows.get(change.id) ?? {}, change);
      row.began = performance.now() - row.elapsed;
      this.#rows.set(row.id, row);
    }
    for (const id of this.#rows.keys()) {
      if (this.#rows.size <= this.#kept) break;
      this.#rows.delete(id);
      gone.push(id);
    }
    return { gone, changed: rows.map(row => row.id).filter(id => this.#rows.has(id)) };
  }

  get(id) {
    return this.#rows.get(id);
  }

  /** The oldest first. */
  all() {
    return [...this.#rows.values()];
  }
}

export const isRunning = row => row.outcome === 'running';
export const isRefused = row => row.outcome === 'refused';
export const isError = row => row.outcome === 'failed' || row.outcome === 'client_gone' || (row.outcome === 'done' && row.status >= 400);
export const elapsed = row => (isRunning(row) ? performance.now() - row.began : row.elapsed);
