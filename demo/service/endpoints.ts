export const AUTHORIZATION_PATH = "/auth";
export const TOKEN_PATH = "/token";
export const USERINFO_PATH = "/me";
export const REVOCATION_PATH = "/token/revocation";
