import { describeSwitch } from './contract-switch.ts';
import { openServer } from './servers.ts';

describeSwitch('on one server', openServer);
