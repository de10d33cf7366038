import { isBuiltIn } from "../../scripts/build/function-configuration.ts";
import type { EndpointName } from "../../server/provider/endpoint-fields.ts";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";

/** What `createProvider` adds to the record of a service. */
const OFFERED: (keyof OfferedService)[] = ["clientSecret", "keyMaterial"];

const providers = new WeakMap<Provider, Map<EndpointName, Provider>>();

/**
 * The provider as the endpoint's own function has it. The test fails if the code reads a field of a service that is
 * left out of the function's build. There is one object per provider and endpoint, as on a server that keeps running.
 */
export function asBuilt(provider: Provider, endpoint: EndpointName): Provider {
  const known = providers.get(provider) ?? new Map<EndpointName, Provider>();
  providers.set(provider, known);
  const built = known.get(endpoint) ?? restrict(provider, endpoint);
  known.set(endpoint, built);
  return built;
}

function restrict(provider: Provider, endpoint: EndpointName): Provider {
  const services = [...provider.services].map(([id, service]) => [id, restrictService(service, endpoint)] as const);
  return { ...provider, services: new Map(services) };
}

function restrictService(service: OfferedService, endpoint: EndpointName): OfferedService {
  return new Proxy(service, {
    get(target, field: keyof OfferedService) {
      if (!OFFERED.includes(field) && !isBuiltIn(field as keyof Service, endpoint)) {
        throw new Error(
          `The function ${endpoint} is built without "${field}": add it in server/provider/endpoint-fields.ts.`,
        );
      }
      return Reflect.get(target, field) as unknown;
    },
  });
}
