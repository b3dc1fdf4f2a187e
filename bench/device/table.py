import json, sys
for path in sys.argv[1:]:
    try: tests = json.load(open(path))
    except Exception as e: print(path, e); continue
    for t in tests:
        print(path.split('/')[-1], t['test'], 'tokens/s', round(t['median_ts'], 1), 'ms', round(t['avg_ns'] / 1e6, 2), 'read', round(t.get('read_bytes_per_token') or 0), 'roof', round(t['roof_read_gb_per_s']),
              'TFLOP/s', round(2 * t['giga_multiply_adds_per_s'] / 1e3, 1), 'load', round(t['load_seconds'], 2), 'upload', round(t.get('upload_gb_per_s') or 0, 1))
