// Starts `relevo demo` and reads the addresses it prints.
import { execFile, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const MARK = "RELEVO_DEMO ";

/**
 * Starts the built program and waits for its line `RELEVO_DEMO {"relevo": …, "phone": …,
 * "agent": …, "email": …, "password": …, "lines": […]}`. `stop` ends it and waits for its end, `admin` runs `relevo admin` on its data.
 */
export async function startDemo(binary, environment = {}) {
  const { RELEVO_BIN: _, ...own } = process.env; // ours, no setting of the program
  const child = spawn(binary, ["demo"], {
    env: { ...own, ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const addresses = await new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the demo printed no addresses in 60 s")), 60_000);
    ended.then((code) => reject(new Error(`the demo ended with ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!line.startsWith(MARK)) return;
      clearTimeout(limit);
      resolve(JSON.parse(line.slice(MARK.length)));
    });
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const admin = (...words) =>
    promisify(execFile)(binary, ["admin", ...words], {
      env: { ...own, ...environment, RELEVO_DATA_DIR: join(tmpdir(), `relevo-demo-${child.pid}`) },
    });
  return { addresses, stop, admin };
}
