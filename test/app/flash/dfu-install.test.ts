import { dfuFlasherSuite } from '../../conformance/dfu-flasher.ts';
import { virtualDfuBench } from './dfu-virtual-bench.ts';

dfuFlasherSuite('a virtual board in process', virtualDfuBench);
