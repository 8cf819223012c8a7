/**
 * Asks Klipper's own API socket (Klipper, API_Server.md: JSON ended by 0x03) for `info` and `objects/query`, and prints
 * the two replies as one line of JSON. Klipper runs on Python, so Python is available. Argument: the socket.
 */
export const klipperSocketScript = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(3)
s.connect(sys.argv[1])
ask = lambda number, method, params: json.dumps({"id": number, "method": method, "params": params}).encode() + b"\\x03"
s.sendall(ask(1, "info", {}) + ask(2, "objects/query", {"objects": {"print_stats": ["state"], "idle_timeout": ["state"], "webhooks": None}}))
answers, held = {}, b""
while len(answers) < 2:
    chunk = s.recv(65536)
    if not chunk: break
    held += chunk
    *whole, held = held.split(b"\\x03")
    for text in whole:
        answer = json.loads(text)
        if answer.get("id") in (1, 2): answers[answer["id"]] = answer.get("result")
print(json.dumps([answers.get(1), answers.get(2)]))
`;
