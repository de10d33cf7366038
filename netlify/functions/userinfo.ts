import { userinfo } from "../../server/endpoints/userinfo.ts";

export default userinfo;

export const config = { path: ["/userinfo/:service"] };
