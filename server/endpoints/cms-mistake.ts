import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { pageErrors } from "../answers/page-errors.ts";
import { answerPrefetch } from "../answers/responses.ts";
import { popupCmsAtService } from "../dialects/cms-settings.ts";
import type { Endpoint } from "../endpoint.ts";

/** Where a CMS arrives if its configuration is wrong. Nothing starts here: the page says what to change. */
export const cmsMistake: Endpoint = {
  name: "cms-mistake",
  errorFormat: pageErrors,
  answerBefore: answerPrefetch,
  methods: { GET: explainMistake },
};

async function explainMistake(request: Request): Promise<Response> {
  throw popupCmsAtService(new URL(request.url).searchParams) ?? new OAuthError(errors.base_url_without_service);
}
