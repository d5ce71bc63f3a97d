import { testBehindProxies } from "./behind-proxies.ts";

testBehindProxies({ several: false });
