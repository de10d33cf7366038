export interface DemoServiceOptions {
  /** Default: any free port. */
  port?: number;
  /** Default: 127.0.0.1. */
  host?: string;
  clientId: string;
  clientSecret: string;
  redirectUris: string[];
  /** Its pages send `Cross-Origin-Opener-Policy: same-origin`, as those of Dropbox and Microsoft do. */
  cutOpener?: boolean;
  /** Default: one hour. */
  accessTokenLifetimeSeconds?: number;
}
