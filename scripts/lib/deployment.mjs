// What wrangler.toml wants of the account, and the copy of it that is deployed.
//
//   node scripts/lib/deployment.mjs FILE [--env NAME] [--without-files]
//
// prints a line each: worker NAME, kv BINDING TITLE, queue NAME, bucket NAME; and writes the copy to FILE. The committed file names no id of anybody's
// account, so that it is the same for all. The copy is ignored by git; scripts/deploy adds the ids to it.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { experimental_readRawConfig, unstable_readConfig } from "wrangler";

const root = path.resolve(import.meta.dirname, "../..");
const source = path.join(root, "wrangler.toml");
const { positionals: [file], values: flags } = parseArgs({
  allowPositionals: true,
  options: { env: { type: "string" }, "without-files": { type: "boolean" } },
});

let config;
try {
  config = unstable_readConfig({ config: source, env: flags.env });
} catch (error) {
  console.error(error.message); // an unknown environment, or a key that wrangler does not know: no stack helps with that
  process.exit(1);
}

wants();
write();

function wants() {
  const { producers = [], consumers = [] } = config.queues;
  const queues = [...producers.map((it) => it.queue), ...consumers.flatMap((it) => [it.queue, it.dead_letter_queue])];
  const lines = [
    ["worker", config.name],
    ...config.kv_namespaces.filter((it) => !it.id).map(({ binding }) => ["kv", binding, title(binding)]),
    ...[...new Set(queues.filter(Boolean))].map((name) => ["queue", name]),
    ...buckets(config).map((it) => ["bucket", it.bucket_name]),
  ];
  for (const line of lines) console.log(line.join(" "));
}

/** `CONFIG_KV` of the Worker `render-signal` is the namespace `render-signal-config`. */
function title(binding) {
  return `${config.name}-${binding.toLowerCase().replace(/_kv$/, "").replaceAll("_", "-")}`;
}

function write() {
  const { rawConfig: copy } = experimental_readRawConfig({ config: source });
  const here = flags.env ? copy.env[flags.env] : copy;
  here.r2_buckets = buckets(here);
  // The other environments are not deployed by this copy, and the build was made before.
  copy.env = flags.env ? { [flags.env]: here } : undefined;
  delete copy.build;
  // Paths count from the file they stand in.
  const folder = path.dirname(path.resolve(file));
  const moved = (it) => path.relative(folder, path.join(root, it));
  copy.main = moved(copy.main);
  if (copy.assets) copy.assets.directory = moved(copy.assets.directory);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${JSON.stringify(copy, null, 2)}\n`);
}

function buckets({ r2_buckets: all = [] }) {
  return flags["without-files"] ? all.filter((it) => it.binding !== "FILES") : all;
}
