export const SCOPE_DESCRIPTIONS: Record<string, string> = {
  openid: "Know that it is you",
  profile: "Read your name, user name and picture",
  email: "Read your email address",
  offline_access: "Keep access while you are away",
};
