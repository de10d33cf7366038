/** The package ships no types. `AuthorizationServer` in oidc-provider.ts describes the part that is used here. */
declare module "oidc-provider";
