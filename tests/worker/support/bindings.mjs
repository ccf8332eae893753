// The Worker's options as wrangler.toml gives them, without what a machine's .dev.vars and .env add.
// As a program it prints them: whoever starts many Workers asks once, because loading wrangler takes a second.

import path from "node:path";
import { fileURLToPath } from "node:url";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

const config = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../../wrangler.toml");

export function bindings() {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config);
  const { name, vars } = unstable_readConfig({ config });
  return { ...workerOptions, modulesRules: undefined, name, bindings: vars };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(bindings()));
