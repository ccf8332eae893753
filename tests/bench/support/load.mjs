// A load generator: so many requests over so many kept connections, each answer read whole.

import http from "node:http";

/**
 * Sends each body once and returns how long it took.
 * @param {{ port: number, path: string, headers: Record<string, string>, bodies: Buffer[], connections: number }} load
 * @returns {Promise<{ perSecond: number, median: number, p99: number }>} requests a second; times in milliseconds
 */
export async function send({ port, path, headers, bodies, connections }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections, noDelay: true });
  const times = [];
  let next = 0;
  const one = (body) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const request = http.request(
        { host: "127.0.0.1", port, path, method: "POST", agent, headers: { ...headers, "content-length": body.length } },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (piece) => (text += piece)).on("end", () => {
            times.push(performance.now() - started);
            if (response.statusCode === 200) resolve(text);
            else reject(new Error(`${response.statusCode} ${text}`));
          });
        },
      );
      request.on("error", reject).end(body);
    });
  const client = async () => {
    while (next < bodies.length) await one(bodies[next++]);
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  times.sort((a, b) => a - b);
  return { perSecond: bodies.length / seconds, median: at(times, 0.5), p99: at(times, 0.99) };
}

/** The value below which this share of a sorted list lies. */
const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];

/** The middle of a list. */
export function median(values) {
  return at([...values].sort((a, b) => a - b), 0.5);
}
