import { promisify } from "node:util";
import { reportStart, startServerProcess, stopOnSignal } from "../server-process.ts";
import { createNodeServer } from "./node-server.ts";

const settings = startServerProcess();
const { site, address, hostname, port } = settings;
const server = createNodeServer(site, address);
server.listen(port, hostname, () => reportStart(settings));
stopOnSignal(promisify(server.close.bind(server)));
