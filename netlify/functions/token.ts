import { token } from "../../server/endpoints/token.ts";

export default token;

/** CMSes append the paths of GitLab and Gitea to an address from their configuration. */
export const config = { path: ["/token/:service", "/:service/oauth/token", "/:service/login/oauth/access_token"] };
