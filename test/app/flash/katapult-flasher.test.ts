import { katapultFlasherConformance } from '../../conformance/katapult-flasher.ts';
import { katapultSimBench } from './katapult-sim-bench.ts';

katapultFlasherConformance('the virtual Katapult in this process', () => Promise.resolve(katapultSimBench()));
