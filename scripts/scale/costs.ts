/** What a login costs at a host that counts requests, seconds of memory, and bytes. Arithmetic only. */

/** What one login asks of the provider. */
export interface LoginCost {
  /** Functions that may have to be started for it. */
  functions: number;
  /** Calls of functions: each one's first, and those that find it running. */
  calls: number;
  /** Requests of any kind: the calls, the pages and what they load, redirects. */
  requests: number;
}

/**
 * By the way that an app logs in; counted in the code, and in Chromium (`npm run bench -- --only browser`). The
 * confirmation page wakes the functions that come after it, which is a call more of each.
 */
export const DIALECTS = {
  /** authorize, callback, confirm, token; the page with its logo and the service's. */
  oauth: { functions: 4, calls: 6, requests: 9 },
  /** The same by `auth.js`: userinfo, a preflight for it and for token, the module, services.json. */
  "auth.js": { functions: 5, calls: 9, requests: 14 },
  /** callback, confirm; the redirect from the root, services.json, the page. */
  madata: { functions: 2, calls: 3, requests: 8 },
  /** authorize, callback, confirm; the page, and the script that asks the CMS for its name. */
  cms: { functions: 3, calls: 4, requests: 8 },
} satisfies Record<string, LoginCost>;

export type Dialect = keyof typeof DIALECTS;

/** A token request, long after the login. Its preflight is kept by the browser. */
const REFRESH: LoginCost = { functions: 1, calls: 1, requests: 1 };

export interface Assumptions {
  /** How long a first call keeps its function, in milliseconds. */
  firstMs: number;
  /** The same for any further call. */
  furtherMs: number;
  /** How much longer the one call waits that asks the service. */
  serviceMs: number;
  memoryGb: number;
  /** Sent out in one login, headers included. */
  kilobytes: number;
  /** Of each login, until the next one. */
  refreshes: number;
}

/** What a plan includes each month, and what it takes for what. */
export interface Plan {
  credits: number;
  perDeploy: number;
  perGbHour: number;
  perGigabyte: number;
  perTenThousandRequests: number;
}

/** Netlify's free plan; docs/scale.md says where this is written and when it was looked up. */
export const FREE_PLAN: Plan = {
  credits: 300,
  perDeploy: 15,
  perGbHour: 10,
  perGigabyte: 20,
  perTenThousandRequests: 2,
};

export interface Credits {
  requests: number;
  compute: number;
  bandwidth: number;
  total: number;
}

/** Credits that one login takes, with all that follows from it. */
export function creditsPerLogin(dialect: Dialect, assumptions: Assumptions, plan: Plan): Credits {
  const { memoryGb, kilobytes, refreshes } = assumptions;
  const { requests } = DIALECTS[dialect];
  const seconds = secondsOf(DIALECTS[dialect], assumptions) + refreshes * secondsOf(REFRESH, assumptions);
  const credits = {
    requests: ((requests + refreshes * REFRESH.requests) / 10_000) * plan.perTenThousandRequests,
    compute: ((seconds * memoryGb) / 3_600) * plan.perGbHour,
    // A refresh answers with about one kilobyte.
    bandwidth: ((kilobytes + refreshes) / 1_000_000) * plan.perGigabyte,
  };
  return { ...credits, total: credits.requests + credits.compute + credits.bandwidth };
}

/** As if every function had to be started for every login, which is the most that it can take. */
function secondsOf({ functions, calls }: LoginCost, { firstMs, furtherMs, serviceMs }: Assumptions): number {
  return (functions * firstMs + (calls - functions) * furtherMs + serviceMs) / 1_000;
}

/** How many logins a month a plan carries, after its deploys. */
export function loginsPerMonth(perLogin: Credits, deploys: number, plan: Plan): number {
  return Math.max(0, Math.floor((plan.credits - deploys * plan.perDeploy) / perLogin.total));
}
