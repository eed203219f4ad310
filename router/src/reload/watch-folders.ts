/** Watches the folders that files are in: an editor that writes a new file and renames it would be lost to a watch on the file. */
import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";

export interface WatchedFolders {
  /** From now on the folders of these files. */
  follow(files: readonly string[]): void;
  close(): void;
}

/** `onChange` is called for anything that happens in a folder, also to its other files. */
export function watchFolders(onChange: () => void): WatchedFolders {
  const watchers = new Map<string, FSWatcher>();

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  function add(folder: string): void {
    // Where a folder cannot be watched, on some network file systems or once watches run out, polling is left.
    try {
      const watcher = watch(folder, { persistent: false }, onChange);
      watcher.on("error", () => drop(folder));
      watchers.set(folder, watcher);
    } catch {
      drop(folder);
    }
  }

  return {
    follow(files) {
      const wanted = new Set(files.map((file) => dirname(file)));
      for (const folder of [...watchers.keys()]) if (!wanted.has(folder)) drop(folder);
      for (const folder of wanted) if (!watchers.has(folder)) add(folder);
    },
    close() {
      for (const folder of [...watchers.keys()]) drop(folder);
    },
  };
}
