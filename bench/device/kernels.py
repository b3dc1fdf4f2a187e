# ncu --csv --page raw → one line a kernel and size of what it moves: count, median µs, MB and GB/s of DRAM read and written, tensor pipe %, occupancy %, issue slots %, registers, millions of instructions.
import csv, math, statistics, sys
SCALE = {'byte': 1, 'Kbyte': 1e3, 'Mbyte': 1e6, 'Gbyte': 1e9, 'ns': 1e-3, 'nsecond': 1e-3, 'us': 1, 'usecond': 1, 'ms': 1e3, 'msecond': 1e3}
lines = [line for line in open(sys.argv[1]) if line.startswith('"')]
rows = csv.reader(lines)
names = next(rows)
units = dict(zip(names, next(rows)))
groups = {}
for values in rows:
    row = dict(zip(names, values))
    def number(key):
        name = key if key in row else key + '.sum' if key + '.sum' in row else None
        return float(row[name].replace(',', '')) * SCALE.get(units[name], 1) if name and row[name] else 0.0
    # Launches of one kernel over matrices of different sizes are told apart by their bytes.
    key = (row['Kernel Name'], row['Grid Size'], row['Block Size'], round(math.log2(1 + number('dram__bytes_read') / 1e6)))
    groups.setdefault(key, []).append((
        number('gpu__time_duration'), number('dram__bytes_read') + number('dram__bytes_write'), number('sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active'),
        number('sm__warps_active.avg.pct_of_peak_sustained_active'), number('smsp__issue_active.avg.pct_of_peak_sustained_active'), number('launch__registers_per_thread'),
        number('sm__inst_executed')))
print('count        µs        MB   GB/s tensor%   occ% issue% regs  Minst  kernel grid block')
for key, v in groups.items():
    time, size, tensor, warps, issue, registers, instructions = (statistics.median(x[i] for x in v) for i in range(7))
    print(f"{len(v):5d} {time:9.2f} {size / 1e6:9.2f} {size / time / 1e3:6.0f} {tensor:7.1f} {warps:6.1f} {issue:6.1f} {registers:4.0f} {instructions / 1e6:6.2f}  {' '.join(key[:3])}")
