import { describeUsernames } from './contract-username.ts';
import { openServer } from './servers.ts';

describeUsernames('on one server', openServer);
