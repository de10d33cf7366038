import { clientSecretVariable } from "../../server/provider/environment.ts";

/** What an owner types or clicks where a published provider runs. */
export interface SiteHost {
  /** As in "the log at Netlify". */
  name: string;
  deploy: string;
  /** How to set the client secret of a service. */
  setSecret: (id: string) => string;
  forceHttps: string;
  restoreRootRedirect: string;
}

const NETLIFY: SiteHost = {
  name: "Netlify",
  deploy: "Deploy again: npm run build, then git push",
  setSecret: (id) =>
    `Set ${clientSecretVariable(id)} at Netlify (npm run add-service -- ${id} --store netlify), and deploy`,
  forceHttps: "Turn on Force HTTPS at Netlify: Domain management → HTTPS",
  restoreRootRedirect: "Restore the template's two [[redirects]] in netlify.toml, and deploy",
};

const CLOUDFLARE: SiteHost = {
  name: "Cloudflare",
  deploy:
    "Deploy again: npm run build -- --host cloudflare, then npx wrangler deploy --config dist/cloudflare/wrangler.jsonc",
  setSecret: (id) =>
    `Set it: npx wrangler secret put ${clientSecretVariable(id)} --config dist/cloudflare/wrangler.jsonc`,
  forceHttps: "Turn on Always Use HTTPS at Cloudflare: SSL/TLS → Edge Certificates",
  restoreRootRedirect: 'Keep "/*" first in run_worker_first of dist/cloudflare/wrangler.jsonc: build and deploy again',
};

const VERCEL: SiteHost = {
  name: "Vercel",
  deploy: "Deploy again: npm run build -- --host vercel, then npx vercel deploy dist/vercel --prod",
  setSecret: (id) => `Set ${clientSecretVariable(id)} at Vercel, for Production only, and deploy`,
  forceHttps: "Look for a proxy in front of Vercel, which redirects http by itself",
  restoreRootRedirect: "Build and deploy again, so that dist/vercel/vercel.json leads every path to the function",
};

const AWS: SiteHost = {
  name: "AWS",
  deploy: "Deploy again: npm run build -- --host aws-lambda, then upload dist/aws-lambda/index.mjs as a zip file",
  setSecret: (id) =>
    `Set ${clientSecretVariable(id)} in the function's configuration: Configuration → Environment variables`,
  forceHttps: "Look for a proxy in front of the function: a function URL has no http",
  restoreRootRedirect: "Lead every path, with its query, to the function",
};

const OWN_SERVER: SiteHost = {
  name: "your server",
  deploy: "Deploy again: npm run build -- --host node, then restart the server",
  setSecret: (id) => `Set ${clientSecretVariable(id)} in the server's environment, and restart it`,
  forceHttps: "Redirect http to https in the server in front of the provider (docs/hosts.md has examples)",
  restoreRootRedirect: "Let the server in front pass every path on to the provider, with its query",
};

/** Platforms name themselves in every answer. A server of one's own does not. The first match wins: one can stand before another. */
const MARKS: [SiteHost, (headers: Headers) => boolean][] = [
  [NETLIFY, (headers) => headers.has("x-nf-request-id") || serverOf(headers) === "netlify"],
  [VERCEL, (headers) => headers.has("x-vercel-id") || serverOf(headers) === "vercel"],
  [AWS, (headers) => headers.has("x-amzn-requestid") || headers.has("apigw-requestid")],
  [CLOUDFLARE, (headers) => headers.has("cf-ray") || serverOf(headers) === "cloudflare"],
];

export function siteHostOf(headers: Headers): SiteHost {
  return MARKS.find(([, isMarked]) => isMarked(headers))?.[0] ?? OWN_SERVER;
}

function serverOf(headers: Headers): string | undefined {
  return headers.get("server")?.toLowerCase();
}
