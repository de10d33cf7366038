/** What the auth provider serves at that address (an app elsewhere says so by `paths` in its tsconfig.json). */
declare module "https://auth.example.com/auth.js" {
  export const Auth: typeof import("../../public/auth.d.ts").Auth;
  export const AuthError: typeof import("../../public/auth.d.ts").AuthError;
  export type UserInfo = import("../../public/auth.d.ts").UserInfo;
}
