import { cmsMistake } from "../../server/endpoints/cms-mistake.ts";

export default cmsMistake;

/** Addresses that only a wrong `base_url` or `auth_endpoint` leads to. */
export const config = {
  path: ["/:service/auth", "/authorize/:service/oauth/authorize", "/authorize/:service/login/oauth/authorize"],
};
