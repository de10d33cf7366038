import { startSite } from "../built-site.ts";
import { misdirected } from "../site.ts";

/** Previews are built from other people's pull requests: https://vercel.com/docs/environment-variables/system-environment-variables */
const isPublished = process.env.VERCEL_ENV === "production";

const site = isPublished ? startSite(process.env) : async () => misdirected();

/** https://vercel.com/docs/functions/functions-api-reference */
export default { fetch: (request: Request): Promise<Response> => site(request) };
