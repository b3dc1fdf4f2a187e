"""ncu --csv --page raw → one line per kernel and size of what it moves.

Columns: count, median µs, MB and GB/s of DRAM read and written, tensor pipe %, occupancy %, issue slots %, registers,
millions of instructions, name, grid, block.
"""
import csv
import math
import statistics
import sys

# To bytes and to microseconds.
SCALE = {
    'byte': 1, 'Kbyte': 1e3, 'Mbyte': 1e6, 'Gbyte': 1e9,
    'ns': 1e-3, 'nsecond': 1e-3, 'us': 1, 'usecond': 1, 'ms': 1e3, 'msecond': 1e3,
}
METRICS = [
    'gpu__time_duration', 'dram__bytes_read', 'dram__bytes_write', 'sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active',
    'sm__warps_active.avg.pct_of_peak_sustained_active', 'smsp__issue_active.avg.pct_of_peak_sustained_active',
    'launch__registers_per_thread', 'sm__inst_executed',
]


def number(row, units, metric):
    """A metric of one launch, 0 where it was not measured; ncu adds .sum to the names of some."""
    name = next((key for key in (metric, metric + '.sum') if row.get(key)), None)
    return float(row[name].replace(',', '')) * SCALE.get(units[name], 1) if name else 0.0


rows = csv.reader(line for line in open(sys.argv[1]) if line.startswith('"'))
names = next(rows)
units = dict(zip(names, next(rows)))
launches = {}
for values in rows:
    row = dict(zip(names, values))
    numbers = [number(row, units, metric) for metric in METRICS]
    # Launches of one kernel over matrices of different sizes are told apart by their bytes.
    size = round(math.log2(1 + numbers[1] / 1e6))
    launches.setdefault((row['Kernel Name'], row['Grid Size'], row['Block Size'], size), []).append(numbers)

print('count        µs        MB   GB/s tensor%   occ% issue% regs  Minst  kernel grid block')
for key, found in launches.items():
    time, read, written, tensor, warps, issue, registers, instructions = (statistics.median(column) for column in zip(*found))
    size = read + written
    rate = size / time / 1e3 if time else 0
    print(
        f'{len(found):5d} {time:9.2f} {size / 1e6:9.2f} {rate:6.0f} {tensor:7.1f} {warps:6.1f} {issue:6.1f} {registers:4.0f} '
        f"{instructions / 1e6:6.2f}  {' '.join(key[:3])}")
