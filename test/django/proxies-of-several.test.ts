import { testBehindProxies } from "./behind-proxies.ts";

testBehindProxies({ several: true });
