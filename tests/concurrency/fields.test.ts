import { describeFields } from './contract-fields.ts';
import { openServer } from './servers.ts';

describeFields('on one server', openServer);
