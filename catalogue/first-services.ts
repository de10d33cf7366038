/**
 * The services of the first catalogue. Their records also apply to entries that write out the endpoints, and owners rely on
 * that. A later service must not be added: somebody may have described it long before the catalogue did, and an update must
 * not change what that owner has.
 */
export const FIRST_SERVICES: ReadonlySet<string> = new Set(
  `
    airtable amazon anilist asana atlassian auth0 basecamp battlenet bitbucket box calendly canva clickup
    cloudflare codeberg digitalocean discord dribbble dropbox epicgames facebook figma forgejo gitea github gitlab
    google heroku hubspot huggingface instagram intercom kakao keycloak kick lichess line linear linkedin
    mailchimp mastodon mediawiki microsoft miro monday musicbrainz myanimelist naver netlify nextcloud notion okta
    onedrive openstreetmap orcid osu patreon pinterest quickbooks raindrop reddit roblox salesforce sentry slack
    slack-openid soundcloud spotify stackexchange strava supabase threads tiktok todoist trakt tumblr twitch
    unsplash vercel vimeo webflow wikimedia withings wordpress x xero yahoo yandex zenodo zoho zoom
  `
    .trim()
    .split(/\s+/),
);
