import { createNodeServer } from "./node-server.ts";
import { createSite } from "./site.ts";

const { URL: address = "http://localhost:8888", PORT: port = "8888" } = process.env;
const site = await createSite({ ...process.env, URL: address });
const server = createNodeServer(site, address);
// Reachable only from this computer: a server with a certificate in front of it passes requests and their Host header on.
server.listen(Number(port), "127.0.0.1", () => console.log(`${address} is served on port ${port}.`));
