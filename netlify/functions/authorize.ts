import { authorize } from "../../server/endpoints/authorize.ts";

export default authorize;

/**
 * CMSes that start at `/auth` name the service in the query, and one of them uses another path by default. CMSes with PKCE
 * append the paths of GitLab and Gitea to an address from their configuration.
 */
export const config = {
  path: [
    "/authorize/:service",
    "/auth",
    "/oauth/authorize",
    "/login/oauth/authorize",
    "/:service/oauth/authorize",
    "/:service/login/oauth/authorize",
  ],
};
