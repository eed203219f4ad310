/**
 * Which hosts workflows may call. The operator says so in TESSERA_WORKFLOW_HOSTS, separated by commas: `api.example.org`,
 * `*.example.org` for every host below it, `*` for every public host, or a whole origin such as
 * `http://10.1.2.3:8080`, which is the only way to an address of the private network or to anything but https.
 */
export interface AllowedHosts {
  /** `origin`: this very origin was named, wherever it lies. `host`: over https, at a public address. */
  find(url: URL): "origin" | "host" | null;
}

export function readAllowedHosts(text = process.env.TESSERA_WORKFLOW_HOSTS ?? ""): AllowedHosts {
  const entries = text
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  const origins = new Set(entries.filter((entry) => URL.canParse(entry)).map((entry) => new URL(entry).origin));
  const names = entries.filter((entry) => !URL.canParse(entry));
  return {
    find(url) {
      if (origins.has(url.origin)) return "origin";
      if (url.protocol !== "https:") return null;
      return names.some((name) => matches(name, url.hostname)) ? "host" : null;
    },
  };
}

function matches(name: string, host: string): boolean {
  if (name === "*") return true;
  return name.startsWith("*.") ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name;
}
