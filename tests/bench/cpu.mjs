// The processor time of one mail, from its push to the receiver's answer, by the size of its body: what the platform bills.
//
//   node tests/bench/cpu.mjs [mails of 4 kB]
//
// It is the time of the whole workerd process: our code, the platform's around it, its storage and its queue.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import { HEADERS, PUSH, pair } from "./support/pair.mjs";
import { median, send } from "./support/load.mjs";
import { mails } from "./support/mails.mjs";

const ROUNDS = 5;
const PATIENCE_MS = 60_000;
const TICKS_PER_SECOND = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
const [small = 200] = process.argv.slice(2).map(Number);
const SIZES = [["4 kB", 4_000, small], ["100 kB", 100_000, Math.ceil(small / 2)], ["1 MiB", 1 << 20, Math.ceil(small / 10)]];

let received = 0;
const receiver = http.createServer((request, response) => {
  request.resume().on("end", () => {
    received++;
    response.end("{}");
  });
});
await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
const target = `http://127.0.0.1:${receiver.address().port}/hook`;
const vars = { WEBHOOK_URL: target, ALLOW_LOOPBACK_TARGETS: "1", ALLOW_CUSTOM_WEBHOOK_WITHOUT_LINKS: "1" };
const both = await pair({ bytes: 4000, vars });
try {
  const pid = workerd();
  const measured = SIZES.map(() => []);
  await round(4_000, 50);
  for (let n = 0; n < ROUNDS; n++) {
    for (const [index, [, bytes, count]] of SIZES.entries()) {
      const before = cpuSeconds(pid);
      await round(bytes, count);
      measured[index].push(((cpuSeconds(pid) - before) / count) * 1000);
    }
  }
  console.log(`processor time a mail, push to delivery, medians of ${ROUNDS} rounds in turn`);
  for (const [index, [name, , count]] of SIZES.entries()) {
    console.log(`${name}: ${median(measured[index]).toFixed(1)} ms (${count} mails a round)`);
  }
} finally {
  await both.dispose();
  receiver.close();
  receiver.closeAllConnections();
}

/** Pushes mails and waits until each was delivered. */
async function round(bytes, count) {
  const wanted = received + count;
  await send({ port: both.ours, path: PUSH, headers: HEADERS, connections: 4, bodies: mails(count, bytes).map(({ json }) => json) });
  const deadline = Date.now() + PATIENCE_MS;
  while (received < wanted) {
    if (Date.now() > deadline) throw new Error(`${wanted - received} of ${count} mails were not delivered`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The youngest workerd that this process started. */
function workerd() {
  const children = execFileSync("pgrep", ["-P", String(process.pid), "-n", "workerd"], { encoding: "utf8" });
  return Number(children.trim());
}

/** User and system time so far: fields 14 and 15 of the process's stat line. */
function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
