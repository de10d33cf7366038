import { jwks } from "../../server/endpoints/jwks.ts";

export default jwks;

export const config = { path: ["/:service/jwks.json"] };
