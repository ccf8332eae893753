/** Starts support/server.mjs as a child process and talks to its control routes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @param {string} token */
export async function startServer(token) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./server.mjs', import.meta.url)), token], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return {
    url,
    /** Answers to give: in order, or for one mail. @param {{ next?: any[], byId?: Record<string, any> }} answers */
    play: async (answers) => void (await fetch(`${url}/script`, { method: 'POST', body: JSON.stringify(answers) })),
    seen: async () => (await fetch(`${url}/seen`)).json(),
    stop: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}
