import { endProcess, survivesClosedStreams } from './cli/process-end.ts';
import { createProgram } from './cli/program.ts';

// The command line of a package. It is one CommonJS script, which cannot wait at its top level as cli.ts does.
survivesClosedStreams();
void createProgram().parseAsync().then(endProcess);
