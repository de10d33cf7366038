import { isObject, isText } from "./values.ts";

/** A service in `/services.json`. */
export interface OfferedService {
  id: string;
  name: string;
  icon?: string;
  clientId: string;
  /** People may try a login here. */
  try: boolean;
}

export async function fetchOfferedServices(): Promise<OfferedService[]> {
  const response = await fetch("/services.json");
  const body: unknown = await response.json();
  if (!response.ok || !isObject(body)) throw new Error(`/services.json: ${response.status}`);
  return Object.entries(body).map(([key, value]) => readService(key, isObject(value) ? value : {}));
}

function readService(key: string, { id, name, icon, client_id: clientId, try: tried }: Record<string, unknown>) {
  return {
    id: isText(id) ? id : key,
    name: isText(name) ? name : key,
    ...(isText(icon) && { icon }),
    clientId: isText(clientId) ? clientId : "",
    try: tried === true,
  };
}
