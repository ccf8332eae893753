// Mails taken a second, straight to workerd, with the state on disk: ours against a Worker in JavaScript that does the least of it.
//
//   node tests/bench/accepts.mjs [mails a round] [bytes of a body]

import { HEADERS, PUSH, pair } from "./support/pair.mjs";
import { median, send } from "./support/load.mjs";
import { mails } from "./support/mails.mjs";

const ROUNDS = 5;
const CONNECTIONS = 16;
const [count = 1000, bytes = 4000] = process.argv.slice(2).map(Number);

const both = await pair({ bytes });
try {
  const measured = { ours: [], peer: [] };
  const round = async (who, many) =>
    send({ port: both[who], path: PUSH, headers: HEADERS, connections: CONNECTIONS, bodies: mails(many, bytes).map(({ json }) => json) });
  for (const who of ["ours", "peer"]) await round(who, 200);
  for (let n = 0; n < ROUNDS; n++) {
    // In turns, and each first as often as last: what one leaves to do is not always the other's load.
    for (const who of n % 2 ? ["peer", "ours"] : ["ours", "peer"]) measured[who].push(await round(who, count));
  }
  const perSecond = (who) => median(measured[who].map((one) => one.perSecond));
  const row = (who) => `${who}: ${perSecond(who).toFixed(0)} a second, median ${median(measured[who].map((one) => one.median)).toFixed(1)} ms`;
  console.log(`${ROUNDS} rounds of ${count} mails of ${bytes} bytes over ${CONNECTIONS} connections, medians`);
  console.log(row("ours"));
  console.log(row("peer"));
  console.log(`ratio ${(perSecond("ours") / perSecond("peer")).toFixed(2)}`);
} finally {
  await both.dispose();
}
