// The Google source check of the Worker, which asks a resolver by HTTPS.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Response } from "miniflare";
import { start } from "./support/harness.mjs";

const TOKEN = "source-token";
const FORBIDDEN = [403, "not_google"];
const UNAVAILABLE = [503, "names_unavailable"];
const TYPES = { A: 1, CNAME: 5, PTR: 12, AAAA: 28 };

/** A name system in which 66.249.66.1 and 2001:4860::1 are Google's, 203.0.113.9 only says so. */
const ZONE = {
  "1.66.249.66.in-addr.arpa PTR": [["PTR", "crawl-1.google.com."]],
  "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.8.4.1.0.0.2.ip6.arpa PTR": [["PTR", "crawl-1.google.com."]],
  "9.113.0.203.in-addr.arpa PTR": [["PTR", "liar.google.com."]],
  "8.113.0.203.in-addr.arpa PTR": [["PTR", "google.com.evil.dev."]],
  "crawl-1.google.com A": [["CNAME", "real.google.com."], ["A", "66.249.66.1", "real.google.com."]],
  "crawl-1.google.com AAAA": [["AAAA", "2001:4860::1"]],
  "liar.google.com A": [["A", "66.249.66.1"]],
  "google.com.evil.dev A": [["A", "203.0.113.8"]],
};

const resolver = { answer: resolve, asked: [] };

function resolve(name, type) {
  const records = ZONE[`${name} ${type}`];
  const known = Object.keys(ZONE).some((key) => key.startsWith(`${name} `));
  return Response.json({
    Status: records || known ? 0 : 3,
    TC: false, RD: true, RA: true, AD: false, CD: false,
    Question: [{ name, type: TYPES[type] }],
    ...(records && { Answer: records.map(([kind, data, owner]) => ({ name: owner ?? name, type: TYPES[kind], TTL: 60, data })) }),
  });
}

function internet(request) {
  const url = new URL(request.url);
  if (url.host !== "dns.render-signal.dev") return new Response('{"success":true}');
  const [name, type] = [url.searchParams.get("name"), url.searchParams.get("type")];
  resolver.asked.push([name, type, request.headers.get("accept"), url.searchParams.get("tenant")]);
  return resolver.answer(name, type);
}

/** @type {Awaited<ReturnType<typeof start>>} */
let server;
before(async () => {
  server = await start({
    internet,
    vars: {
      PROCESS_API_TOKEN: TOKEN,
      WEBHOOK_URL: "https://hooks.render-signal.dev/in",
      GMAIL_INGRESS_IP_CHECK_ENABLED: "true",
      DNS_QUERY_URL: "https://dns.render-signal.dev/dns-query?tenant=1",
    },
    worker: { stripCfConnectingIp: false },
  });
});
after(() => server?.dispose());

let mails = 0;

async function push(address, token = TOKEN) {
  mails += 1;
  const response = await (await server.mf.getWorker()).fetch("https://signal.dev/api/ingress/gmail", {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "x-forwarded-for": "66.249.66.1",
      ...(address && { "cf-connecting-ip": address }),
    },
    body: JSON.stringify({ subject: `Mail ${mails}`, sender: "a@client.example", body: "https://fromsmash.com/XyZ-1" }),
  });
  const { code, status } = await response.json();
  return [response.status, code ?? status];
}

test("Google's addresses pass, of both families; whoever only says so does not", async () => {
  const rows = [
    ["66.249.66.1", [200, "queued"]],
    ["2001:4860::1", [200, "queued"]],
    ["203.0.113.9", FORBIDDEN],
    ["203.0.113.8", FORBIDDEN],
    ["203.0.113.1", FORBIDDEN],
    ["google.com", FORBIDDEN],
    [null, FORBIDDEN],
  ];
  for (const [address, expected] of rows) {
    assert.deepEqual(await push(address), expected, address);
  }
});

test("the resolver is asked in its JSON form, and only for who holds the token", async () => {
  resolver.asked = [];
  assert.equal((await push("66.249.66.1", "wrong"))[0], 401);
  assert.deepEqual(resolver.asked, []);
  await push("66.249.66.1");
  const asked = resolver.asked.map(([name, type]) => `${name} ${type}`).sort();
  assert.deepEqual(asked, ["1.66.249.66.in-addr.arpa PTR", "crawl-1.google.com A", "crawl-1.google.com AAAA"]);
  assert.ok(resolver.asked.every(([, , accept, tenant]) => accept === "application/dns-json" && tenant === "1"));
});

test("a resolver that gives no answer is an outage, not a verdict", async () => {
  const huge = JSON.stringify({ Status: 0, Comment: "x".repeat(70_000) });
  const answers = {
    failure: () => Response.json({ Status: 2 }),
    refused: () => Response.json({ Status: 5 }),
    cut: () => Response.json({ Status: 0, TC: true }),
    "not JSON": () => new Response("<html>"),
    huge: () => new Response(huge),
    "status 500": () => new Response(JSON.stringify({ Status: 0 }), { status: 500 }),
    redirect: () => new Response(null, { status: 302, headers: { location: "https://dns.render-signal.dev/elsewhere" } }),
    broken: () => { throw new Error("the connection broke"); },
    "no second family": (name, type) => (type === "AAAA" ? Response.json({ Status: 2 }) : resolve(name, type)),
  };
  for (const [name, answer] of Object.entries(answers)) {
    resolver.answer = answer;
    assert.deepEqual(await push("66.249.66.1"), UNAVAILABLE, name);
  }
  resolver.answer = resolve;
  assert.deepEqual(await push("66.249.66.1"), [200, "queued"]);
});

test("a resolver that is silent is given up after five seconds", async () => {
  resolver.answer = async () => {
    await sleep(20_000, null, { ref: false });
    return new Response();
  };
  const started = performance.now();
  assert.deepEqual(await push("66.249.66.1"), UNAVAILABLE);
  const took = performance.now() - started;
  assert.ok(took > 4_500 && took < 9_000, `${took} ms`);
  resolver.answer = resolve;
});
