"""JSON of 'ahn bench' → one line per test: speed, time, what it reads, the roof of reading, operations, loading."""
import json
import sys

for path in sys.argv[1:]:
    try:
        tests = json.load(open(path))
    except (OSError, ValueError) as error:
        print(path, error)
        continue
    name = path.split('/')[-1]
    for test in tests:
        fields = [
            ('tokens/s', round(test['median_ts'], 1)),
            ('ms', round(test['avg_ns'] / 1e6, 2)),
            ('bytes read per token', round(test.get('read_bytes_per_token') or 0)),
            ('roof of reading, GB/s', round(test['roof_read_gb_per_s'])),
            ('TFLOP/s', round(2 * test['giga_multiply_adds_per_s'] / 1e3, 1)),
            ('load, s', round(test['load_seconds'], 2)),
            ('upload, GB/s', round(test.get('upload_gb_per_s') or 0, 1)),
        ]
        print(name, test['test'], ' · '.join(f'{label} {value}' for label, value in fields))
