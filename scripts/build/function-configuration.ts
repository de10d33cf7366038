import type { CommonField, EndpointName, FieldOf } from "../../server/provider/endpoint-fields.ts";
import { COMMON_FIELDS, ENDPOINT_FIELDS } from "../../server/provider/endpoint-fields.ts";
import type { Configuration, Service } from "../../server/provider/service.ts";

/**
 * The configuration that is built into one function: of each service only the fields that the endpoint reads. A function
 * that the owner has added gets whole services.
 */
export function configurationFor(functionName: string, configuration: Configuration): Configuration<CommonField> {
  if (!isEndpoint(functionName)) return configuration;
  return { ...configuration, services: configuration.services.map((service) => pickFields(service, functionName)) };
}

/** Whether the function of this endpoint is built with that field of a service. */
export function isBuiltIn(field: keyof Service, endpoint: EndpointName): boolean {
  return fieldsOf(endpoint).includes(field);
}

function isEndpoint(functionName: string): functionName is EndpointName {
  return Object.hasOwn(ENDPOINT_FIELDS, functionName);
}

function fieldsOf<Name extends EndpointName>(endpoint: Name): (keyof Service)[] {
  return [...COMMON_FIELDS, ...ENDPOINT_FIELDS[endpoint]];
}

function pickFields<Name extends EndpointName>(
  service: Service,
  endpoint: Name,
): Pick<Service, CommonField | FieldOf<Name>> {
  const fields = fieldsOf(endpoint).map((field) => [field, service[field]]);
  return Object.fromEntries(fields) as Pick<Service, CommonField | FieldOf<Name>>;
}
