import { token } from "../../server/endpoints/token.ts";

export default token;

export const config = { path: ["/token/:service"] };
