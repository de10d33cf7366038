import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import { Agent, request } from "node:http";
import { fileURLToPath } from "node:url";
import { hasEnded, nextMessage } from "../../bench/setup/host.ts";
import { formatIssues, resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import type { Configuration } from "../../server/provider/service.ts";

export interface Memory {
  /** In use after garbage collection. */
  heapBytes: number;
  /** What the system has allocated to the process. It is not released immediately. */
  rssBytes: number;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Send {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
}

/** The provider's process, and a client that opens one connection for each request in flight. */
export class LoadedProvider {
  readonly origin: string;
  private readonly child: ChildProcess;
  private agent = new Agent({ keepAlive: true });

  private constructor(child: ChildProcess, origin: string) {
    this.child = child;
    this.origin = origin;
  }

  static async start(serviceOrigin: string): Promise<LoadedProvider> {
    const program = fileURLToPath(new URL("provider-process.ts", import.meta.url));
    const child = fork(program, [JSON.stringify(configurationFor(serviceOrigin))], { execArgv: ["--expose-gc"] });
    const { origin } = (await nextMessage(child)) as { origin: string };
    return new LoadedProvider(child, origin);
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    if (hasEnded(this.child)) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  /** Closes all connections first. */
  async memory(): Promise<Memory> {
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true });
    // Ignores the error if the process has just ended, because `nextMessage` reports that.
    this.child.send("memory", () => undefined);
    return (await nextMessage(this.child)) as Memory;
  }

  send(pathAndQuery: string, send?: Send): Promise<Reply> {
    return sendWith(this.agent, this.origin + pathAndQuery, send);
  }
}

/** @param agent keeps the connections */
export function sendWith(
  agent: Agent,
  url: string,
  { method = "GET", headers = {}, body = "" }: Send = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }));
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** Resolves the configuration as a build does, outside the measured process: a running provider reads no settings. */
export function configurationFor(serviceOrigin: string): Configuration {
  const { configuration, issues } = resolveConfiguration({
    services: {
      Demo: {
        client_id: "client-of-the-load-test",
        authorization_endpoint: `${serviceOrigin}/authorize`,
        token_endpoint: `${serviceOrigin}/token`,
        revocation_endpoint: `${serviceOrigin}/revoke`,
        revocation_request: { auth_method: "client_secret_basic" },
        userinfo_endpoint: `${serviceOrigin}/userinfo`,
        userinfo_claims: { sub: ["id"] },
        madata: true,
      },
    },
    secrets: { Demo: { client_secret: "client-secret-of-the-load-test" } },
    env: {},
    production: false,
    localDevelopment: true,
  });
  if (issues.length > 0) throw new Error(formatIssues(issues));
  return configuration;
}
