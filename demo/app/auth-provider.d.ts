/** The module that the auth provider serves. Other apps set `paths` in their tsconfig.json instead. */
declare module "https://auth.example.com/auth.js" {
  export const Auth: typeof import("../../client/modules/auth.ts").Auth;
  export const AuthError: typeof import("../../client/modules/auth.ts").AuthError;
  export type UserInfo = import("../../client/modules/auth.ts").UserInfo;
}
