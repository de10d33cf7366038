import type { FunctionName } from "../../scripts/build/function-configuration.ts";
import { isBuiltIn } from "../../scripts/build/function-configuration.ts";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";

/** What `createProvider` adds to the record of a service. */
const OFFERED: (keyof OfferedService)[] = ["clientSecret", "keyMaterial"];

const providers = new WeakMap<Provider, Map<FunctionName, Provider>>();

/**
 * The provider as the endpoint's own function has it: reading a field of a service that the function is built without
 * fails the test. One object per provider and endpoint, as on a server that stays up.
 */
export function asBuilt(provider: Provider, endpoint: FunctionName): Provider {
  const known = providers.get(provider) ?? new Map<FunctionName, Provider>();
  providers.set(provider, known);
  const built = known.get(endpoint) ?? restrict(provider, endpoint);
  known.set(endpoint, built);
  return built;
}

function restrict(provider: Provider, endpoint: FunctionName): Provider {
  const services = [...provider.services].map(([id, service]) => [id, restrictService(service, endpoint)] as const);
  return { ...provider, services: new Map(services) };
}

function restrictService(service: OfferedService, endpoint: FunctionName): OfferedService {
  return new Proxy(service, {
    get(target, field: keyof OfferedService) {
      if (!OFFERED.includes(field) && !isBuiltIn(field as keyof Service, endpoint)) {
        throw new Error(
          `The function ${endpoint} is built without "${field}": add it in scripts/build/function-configuration.ts.`,
        );
      }
      return Reflect.get(target, field) as unknown;
    },
  });
}
