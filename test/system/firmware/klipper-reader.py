"""Which formats of one data dictionary Klipper's own reader does not find in another, for all pairs.

Argument: klippy's folder. Standard input: [[name, dictionary], ...]. Prints [[board, host, [format, ...]], ...].
"""
import json
import logging
import sys

sys.path.insert(0, sys.argv[1])
import msgproto  # noqa: E402

logging.disable(logging.CRITICAL)
dictionaries = json.load(sys.stdin)
results = []
for board, of_board in dictionaries:
    reader = msgproto.MessageParser()
    reader.process_identify(json.dumps(of_board).encode(), decompress=False)
    for host, of_host in dictionaries:
        missing = []
        for wanted in list(of_host["commands"]) + list(of_host["responses"]):
            try:
                reader.lookup_command(wanted)
            except msgproto.error:
                missing.append(wanted)
        results.append([board, host, missing])
json.dump(results, sys.stdout)
