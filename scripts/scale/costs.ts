/** Calculates what a login costs on a host that charges for requests, memory over time, and bandwidth. */

/** What one login requires of the provider. */
export interface LoginCost {
  /** Calls of the function, cold and warm. */
  calls: number;
  /** All requests: calls of the function, pages and what they load, and redirects. */
  requests: number;
}

/** By the way an app logs in. Counted in the code and in Chromium (`npm run bench -- --only browser`). */
export const DIALECTS = {
  /** authorize, callback, decision, token; the page with its logo and the service's. */
  oauth: { calls: 4, requests: 7 },
  /** With `auth.js`, also userinfo, a preflight for userinfo and one for token, the module, and services.json. */
  "auth.js": { calls: 7, requests: 12 },
  /** callback, decision; the redirect from the root, services.json, the page. */
  madata: { calls: 2, requests: 7 },
  /** authorize, callback, decision; the page, and the script that asks the CMS for its name. */
  cms: { calls: 3, requests: 7 },
} satisfies Record<string, LoginCost>;

export type Dialect = keyof typeof DIALECTS;

/** A token request long after the login. The browser has cached its preflight. */
const REFRESH: LoginCost = { calls: 1, requests: 1 };

export interface Assumptions {
  /** How long the first call occupies the function, in milliseconds. */
  firstMs: number;
  /** The same for each further call. */
  furtherMs: number;
  /** The extra time of the one call that waits for the service. */
  serviceMs: number;
  memoryGb: number;
  /** Sent in one login, headers included. */
  kilobytes: number;
  /** Token refreshes between one login and the next. */
  refreshes: number;
}

/** The monthly credits of a plan, and what it charges for each resource. */
export interface Plan {
  credits: number;
  perDeploy: number;
  perGbHour: number;
  perGigabyte: number;
  perTenThousandRequests: number;
}

/** Netlify's free plan; docs/scale.md names the source and the date. */
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

/** The credits that one login uses, including its refreshes. */
export function creditsPerLogin(dialect: Dialect, assumptions: Assumptions, plan: Plan): Credits {
  const { memoryGb, kilobytes, refreshes } = assumptions;
  const { requests } = DIALECTS[dialect];
  const seconds = secondsOf(DIALECTS[dialect], assumptions) + refreshes * secondsOf(REFRESH, assumptions);
  const credits = {
    requests: ((requests + refreshes * REFRESH.requests) / 10_000) * plan.perTenThousandRequests,
    compute: ((seconds * memoryGb) / 3_600) * plan.perGbHour,
    // The response to a refresh is about one kilobyte.
    bandwidth: ((kilobytes + refreshes) / 1_000_000) * plan.perGigabyte,
  };
  return { ...credits, total: credits.requests + credits.compute + credits.bandwidth };
}

/** Assumes that every login starts the function, which is the worst case. */
function secondsOf({ calls }: LoginCost, { firstMs, furtherMs, serviceMs }: Assumptions): number {
  return (firstMs + (calls - 1) * furtherMs + serviceMs) / 1_000;
}

/** How many logins a month a plan covers after paying for the deploys. */
export function loginsPerMonth(perLogin: Credits, deploys: number, plan: Plan): number {
  return Math.max(0, Math.floor((plan.credits - deploys * plan.perDeploy) / perLogin.total));
}
