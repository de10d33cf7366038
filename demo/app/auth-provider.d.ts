/** What the auth provider serves at that address (an app elsewhere says so by `paths` in its tsconfig.json). */
declare module "https://auth.example.com/auth.js" {
  export const Auth: typeof import("../../client/modules/auth.ts").Auth;
  export const AuthError: typeof import("../../client/modules/auth.ts").AuthError;
  export type UserInfo = import("../../client/modules/auth.ts").UserInfo;
}
