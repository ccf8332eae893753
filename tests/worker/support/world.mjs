// A Worker whose object can be looked into and made to fail, with a receiver, a client that pushes mails, and the log.

import { setTimeout as pause } from "node:timers/promises";
import { start, wrapped } from "./harness.mjs";
import { receiver } from "./receiver.mjs";

/** The built Worker with its object wrapped: `http://test/…` asks the wrapper, everything else goes to the object. */
const WRAPPED = `
import * as built from "./index.js";
export * from "./index.js";
export default built.default;
let broken = false;
let calls = 0;
export class Ledger {
  constructor(ctx, env) { this.ctx = ctx; this.inner = new built.Ledger(ctx, env); }
  alarm() { return this.inner.alarm(); }
  async fetch(request) {
    const url = new URL(request.url);
    if (url.hostname !== "test") {
      calls += 1;
      return broken ? new Response("broken by the test", { status: 500 }) : this.inner.fetch(request);
    }
    if (url.pathname === "/delete-alarm") await this.ctx.storage.deleteAlarm();
    if (url.pathname === "/break") broken = true;
    if (url.pathname === "/mend") broken = false;
    return Response.json({ alarm: await this.ctx.storage.getAlarm(), calls });
  }
}`;

export const TOKEN = "world-token";
export const NUDGES = "render-signal-nudges";

/** Miniflare's option for a Worker whose queue nobody reads: a nudge is taken and never delivered. */
export const NOBODY_READS = { queueConsumers: {} };

/**
 * @param {object} [options]
 * @param {string} [options.persist]
 * @param {ReturnType<typeof receiver>} [options.hook] a receiver that outlives this Worker
 * @param {Record<string, string>} [options.vars] variables, over those that every test has
 * @param {object} [options.worker] further Miniflare options of the Worker
 */
export async function world({ persist, hook = receiver(), vars = {}, worker = {} } = {}) {
  const lines = [];
  const server = await start({
    persist,
    internet: hook.answer,
    vars: {
      PROCESS_API_TOKEN: TOKEN,
      WEBHOOK_URL: "https://hooks.render-signal.dev/in",
      WEBHOOK_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      ...vars,
    },
    worker: {
      ...wrapped(WRAPPED),
      ...worker,
    },
    shared: { handleRuntimeStdio: (stdout, stderr) => [stdout, stderr].forEach((stream) => collect(stream, lines)) },
  });
  const object = async (target) => {
    const namespace = await server.mf.getDurableObjectNamespace("LEDGER");
    return (await namespace.get(namespace.idFromName("ledger")).fetch(`http://test${target}`)).json();
  };
  return {
    hook,
    /** What the Worker logged, line by line. */
    lines,
    /** The lines with a code. */
    logged: (code) => lines.filter((line) => line.code === code),
    push: (subject) => push(server, subject),
    fetch: server.fetch,
    /** Asks the wrapper; the answer tells when the alarm rings, and how many calls the object had. */
    object,
    cron: async () => (await server.mf.getWorker()).scheduled({ cron: "* * * * *" }),
    /** Hands a batch of messages to the Worker. */
    queue: async (messages, name = NUDGES) =>
      (await server.mf.getWorker()).queue(name, messages.map(([id, body]) => ({ id, body, timestamp: new Date(), attempts: 1 }))),
    dispose: server.dispose,
  };
}

/** Pushes a mail told from others by its subject; the answer's status. */
async function push(server, subject) {
  const mail = {
    subject,
    sender: "Technique <technique@client.example>",
    date: "2026-04-10T09:54:38.000Z",
    body: "à faire pour 18h https://www.dropbox.com/scl/fo/abc/def?rlkey=k1",
    message_id: `id of ${subject}`,
  };
  const response = await server.fetch("/api/ingress/gmail", {
    method: "POST",
    headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify(mail),
  });
  return { code: response.status, ...(await response.json()) };
}

/** Waits until `happened` gives something, at most so many seconds. */
export async function until(what, seconds, happened) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await happened();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(20);
  }
}

function collect(stream, lines) {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop();
    for (const part of parts) {
      if (process.env.WORKERD_LOG) process.stderr.write(`${part}\n`);
      if (part.startsWith("{")) lines.push(JSON.parse(part));
    }
  });
}
