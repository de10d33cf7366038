import { existsSync } from "node:fs";
import { openChromium } from "./chromium.ts";
import type { Engine } from "./engine.ts";
import { FIREFOX, openFirefox } from "./firefox.ts";
import { miniBrowser, openWebKit, WEBKIT_DRIVER } from "./webkit.ts";

/** The engines of all browsers that people use. Every test run has Chromium; Debian has the others. */
export interface EngineKind {
  name: string;
  /** What has it inside. */
  users: string;
  /** Debian's packages. */
  packages: string[];
  isInstalled(): boolean;
  open(): Promise<Engine>;
}

const screen = ["xvfb", "openbox"];
const hasScreen = (): boolean => ["/usr/bin/Xvfb", "/usr/bin/openbox"].every((path) => existsSync(path));

export const ENGINES: EngineKind[] = [
  { name: "Chromium", users: "Chrome, Edge, Opera", packages: [], isInstalled: () => true, open: openChromium },
  {
    name: "Firefox",
    users: "Firefox",
    packages: ["firefox-esr", ...screen],
    isInstalled: () => existsSync(FIREFOX) && hasScreen(),
    open: openFirefox,
  },
  {
    name: "WebKit",
    users: "Safari, all browsers on iPhones",
    packages: ["webkit2gtk-driver", ...screen],
    isInstalled: () => existsSync(WEBKIT_DRIVER) && miniBrowser() !== undefined && hasScreen(),
    open: openWebKit,
  },
];
