#!/usr/bin/env node
// A wrangler that has an account in a file ($FAKE_ACCOUNT) and answers in the words of wrangler 4.86. It records every call: its arguments, and the
// length of what came on standard input, never more.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const file = process.env.FAKE_ACCOUNT;
const account = JSON.parse(readFileSync(file, "utf8"));
const words = process.argv.slice(2);
const input = words[0] === "secret" && words[1] === "put" ? readFileSync(0, "utf8") : "";
appendFileSync(`${file}.calls`, `${JSON.stringify({ words, input })}\n`);

const flag = (name) => words[words.indexOf(name) + 1];
const plain = words.filter((word, at) => !word.startsWith("-") && !words[at - 1]?.startsWith("--"));
const command = words[0] === "deploy" && words.includes("--dry-run") ? "check" : plain.slice(0, plain[0] === "kv" || plain[0] === "r2" ? 3 : 2).join(" ");
const name = plain.at(-1);

if (!account.loggedIn && command !== "check") {
  if (words[0] === "whoami") end(1, '\n{"loggedIn":false}');
  end(1, "", "✘ [ERROR] In a non-interactive environment, it's necessary to set a CLOUDFLARE_API_TOKEN environment variable for wrangler to work.");
}
const trouble = account.trouble.findIndex((it) => words.join(" ").includes(it.on));
if (trouble >= 0) {
  const { says, once } = account.trouble[trouble];
  if (once) account.trouble.splice(trouble, 1);
  end(1, "", `✘ [ERROR] ${says}`);
}
answer();

function answer() {
  switch (command.split(" ")[0] === "deploy" ? "deploy" : command) {
    case "whoami": return end(0, JSON.stringify({ loggedIn: true, authType: "OAuth Token", email: "ada@client.fr", accounts: account.accounts }));
    case "kv namespace list": return end(0, JSON.stringify(account.kv, null, "  "));
    case "kv namespace create":
      account.kv.push({ id: `id-of-${name}`, title: name, supports_url_encoding: true });
      return end(0, `🌀 Creating namespace with title "${name}"\n✨ Success!`);
    case "queues info":
      if (account.queues.includes(name)) return end(0, `Queue Name: ${name}\nNumber of Producers: 0\nNumber of Consumers: 0`);
      return end(1, "", `✘ [ERROR] Queue "${name}" does not exist. To create it, run: wrangler queues create ${name}`);
    case "queues create":
      account.queues.push(name);
      return end(0, `🌀 Creating queue '${name}'\n✅ Created queue '${name}'`);
    case "r2 bucket info":
      if (account.buckets.includes(words[3])) return end(0, JSON.stringify({ name: words[3], object_count: "0" }));
      return end(1, "", "✘ [ERROR] A request to the Cloudflare API (/accounts/x/r2/buckets/y) failed.\n\n  The specified bucket does not exist. [code: 10006]");
    case "r2 bucket create":
      account.buckets.push(name);
      return end(0, `Creating bucket '${name}'...\n✅ Created bucket '${name}'`);
    case "secret list": {
      const worker = account.workers[flag("--name")];
      if (!worker) return end(1, "", `✘ [ERROR] Worker "${flag("--name")}" not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first to create it.`);
      return end(0, JSON.stringify(Object.keys(worker.secrets).map((it) => ({ name: it, type: "secret_text" }))));
    }
    case "secret put":
      account.workers[flag("--name")].secrets[words[2]] = input;
      return end(0, `🌀 Creating the secret for the Worker "${flag("--name")}"\n✨ Success! Uploaded secret ${words[2]}`);
    case "check": return end(0, "Total Upload: 2088.33 KiB / gzip: 832.76 KiB\n--dry-run: exiting now.");
    case "deploy": return deploy();
    default: return end(2, "", `the fake wrangler does not know: ${words.join(" ")}`);
  }
}

/** What the real one checks: that everything the configuration names is there. */
function deploy() {
  const config = JSON.parse(readFileSync(flag("--config"), "utf8"));
  const here = flag("--env") ? config.env[flag("--env")] : config;
  const worker = flag("--env") ? `${config.name}-${flag("--env")}` : config.name;
  for (const { id } of here.kv_namespaces) if (!account.kv.some((it) => it.id === id)) end(1, "", `✘ [ERROR] KV namespace '${id}' not found. [code: 10041]`);
  for (const { queue } of here.queues.consumers) if (!account.queues.includes(queue)) end(1, "", `✘ [ERROR] Queue "${queue}" does not exist.`);
  for (const { bucket_name: it } of here.r2_buckets) if (!account.buckets.includes(it)) end(1, "", `✘ [ERROR] R2 bucket '${it}' not found. [code: 10085]`);
  account.workers[worker] = { secrets: {}, deployments: 0, ...account.workers[worker] };
  account.workers[worker].deployments += 1;
  end(0, `Uploaded ${worker} (4.20 sec)\nDeployed ${worker} triggers (1.05 sec)\n  https://${worker}.ada.workers.dev\n  schedule: * * * * *`);
}

function save() {
  writeFileSync(file, JSON.stringify(account));
}

function end(status, out, said = "") {
  save();
  if (out) process.stdout.write(`${out}\n`);
  if (said) process.stderr.write(`${said}\n\n🪵  Logs were written to "/home/ada/.wrangler/logs/x.log"\n`);
  process.exit(status);
}
