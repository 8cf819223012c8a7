import { seeAs } from '../host-systems.ts';

seeAs('win32');
await import('./bench-runner.test.ts');
