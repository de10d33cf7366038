import type { AuthorizationContext, AuthorizationServer, Grant, Interaction } from "./oidc-provider.ts";

/**
 * Each login gets a grant of its own, with a copy of what the user has allowed so far. Tokens are revoked by grant, and
 * all apps are the same client here. With a shared grant, revoking one app's tokens would revoke those of all others.
 */
export async function grantForLogin({ oidc }: AuthorizationContext): Promise<Grant | undefined> {
  const { Grant } = oidc.provider;
  const justAllowed = oidc.result?.consent?.grantId;
  if (justAllowed) return Grant.find(justAllowed);

  const remembered = oidc.session.grantIdFor(oidc.client.clientId);
  const earlier = remembered ? await Grant.find(remembered) : undefined;
  if (!earlier) return undefined;

  const grant = new Grant({ accountId: earlier.accountId, clientId: earlier.clientId });
  grant.addOIDCScope(earlier.getOIDCScope());
  await grant.save();
  return grant;
}

/** The scopes to ask the user about: the new ones, or all if the client only wants the consent again. */
export async function requestedScopes(server: AuthorizationServer, interaction: Interaction): Promise<string[]> {
  const missing = interaction.prompt.details.missingOIDCScope;
  if (missing) return missing;

  const grant = await existingGrant(server, interaction);
  return grant?.getOIDCScope().split(" ") ?? [];
}

export async function grantRequestedScopes(server: AuthorizationServer, interaction: Interaction): Promise<string> {
  const accountId = interaction.session?.accountId ?? "";
  const clientId = interaction.params.client_id;
  const grant = (await existingGrant(server, interaction)) ?? new server.Grant({ accountId, clientId });

  const missing = interaction.prompt.details.missingOIDCScope;
  if (missing) grant.addOIDCScope(missing.join(" "));
  return grant.save();
}

async function existingGrant({ Grant }: AuthorizationServer, { grantId }: Interaction): Promise<Grant | undefined> {
  return grantId ? Grant.find(grantId) : undefined;
}
