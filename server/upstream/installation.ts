import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService } from "../provider/provider.ts";
import { parseJsonObject } from "../request/json-object.ts";
import { callService } from "./fetch.ts";
import { valueAt } from "./json-path.ts";
import { revokeToken } from "./revocation.ts";

/**
 * Whether the service says that our client is installed nowhere that this token reaches. Such a token is valid, but opens
 * nothing. `false` also if the service cannot tell: then the app finds out.
 */
export async function isInstalledNowhere({ installation }: OfferedService, accessToken: string): Promise<boolean> {
  if (installation?.check === undefined) return false;
  const { endpoint, count } = installation.check;
  try {
    const headers = { Authorization: `Bearer ${accessToken}` };
    const { status, text } = await callService({ url: endpoint, method: "GET", headers });
    return status === 200 && valueAt(count, parseJsonObject(text)) === 0;
  } catch (error) {
    if (error instanceof OAuthError) return false;
    throw error;
  }
}

/**
 * A token that opens nothing is not handed over, and is revoked if possible.
 *
 * @throws {OAuthError} `not_installed`
 */
export async function requireInstallation(service: OfferedService, accessToken: string): Promise<void> {
  if (!(await isInstalledNowhere(service, accessToken))) return;
  await revokeToken(service, accessToken).catch(() => undefined);
  throw new OAuthError(errors.not_installed);
}
