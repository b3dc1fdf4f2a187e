using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using AhnSharp.Checks;
using AhnSharp.Conversion;
using AhnSharp.Kernels;

// AhnSharp.Checks [--tier NAME] [--short|--kernels]: the golden models, and every kernel this processor can run or those of one tier,
// against double precision. With --tier the tier must also be the active one: a process that was to run a lower tier and did not is a
// failure. With --short: all of that but long texts and the layer at a real shape, each golden model in one cut on one thread, and five
// texts of an archive; for emulated processors, and for tiers below the one that this processor would take. With --kernels: the
// kernels alone. With --layers: one decoder layer at each real shape from 0.5B to 72B (writes files of up to 1.8 GB into the temporary
// folder). With --index KEYS.safetensors [RESULTS.md]: how many of the blocks that matter the archive's index finds among real keys. With
// --save-loop FILE [COUNT]: saves a session over FILE until it is killed (or COUNT times), for the tests of what a kill leaves behind.
string? tier = null;
bool isShort = args is [.., "--short"], hasKernelsAlone = args is [.., "--kernels"];
string[] choice = isShort || hasKernelsAlone ? args[..^1] : args;
if (choice is ["--tier", string named]) tier = named;
else if (args is ["--index", string keys, ..] && args.Length <= 3) return IndexRecall.Run(keys, args.Length > 2 ? args[2] : null);
else if (args is ["--layers"]) return Run(LayerChecks.Of(QwenShape.Names));
else if (args is ["--save-loop", string path]) return SnapshotLoop.Run(path, null);
else if (args is ["--save-loop", string file, string times]) return SnapshotLoop.Run(file, int.Parse(times, CultureInfo.InvariantCulture));
else if (choice.Length > 0)
{
    Console.Error.WriteLine(
        "usage: AhnSharp.Checks [--tier scalar|sse|avx2|avx512|neon|neon-dot] [--short|--kernels], or --layers, "
            + "or --index KEYS [RESULTS.md], or --save-loop FILE [COUNT]");
    return 2;
}

try
{
    Console.WriteLine($"detected {KernelTable.NameOf(KernelTable.Detected)}, active {KernelTable.NameOf(KernelTable.Active)}");
}
catch (PlatformNotSupportedException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
if (tier is not null && tier != KernelTable.NameOf(KernelTable.Active))
{
    Console.Error.WriteLine($"expected the tier {tier}, found {KernelTable.NameOf(KernelTable.Active)}");
    return 1;
}

IEnumerable<Check> models = hasKernelsAlone ? []
    : isShort ? [.. EngineChecks.All(), .. GoldenChecks.Some(), .. TrainingChecks.All(1), .. ArchiveChecks.Some()]
    : [.. EngineChecks.All(), .. FlatChecks.All(), .. GoldenChecks.All(1, 2), .. TrainingChecks.All(2), .. ArchiveChecks.All(3),
        .. LayerChecks.Of(["0.5B"])];

return Run(models
    .Concat(Enum.GetValues<Isa>().Where(Chosen).SelectMany(GemmChecks.Of))
    .Concat(Enum.GetValues<Isa>().Where(Chosen).SelectMany(ArchiveKernelChecks.Of))
    .Concat(KernelTable.Rows.Concat(KernelTable.SevenBitRows).Where(row => Chosen(row.Isa)).SelectMany(MatrixChecks.Of)));

bool Chosen(Isa isa) => tier is null || KernelTable.NameOf(isa) == tier;

static int Run(IEnumerable<Check> checks)
{
    int passed = 0, failed = 0, skipped = 0;
    foreach (Check check in checks)
    {
        if (check.SkipReason is not null)
        {
            skipped++;
            Console.WriteLine($"skipped  {check.Name} ({check.SkipReason})");
            continue;
        }
        long start = Stopwatch.GetTimestamp();
        try
        {
            check.Run();
            passed++;
            Console.WriteLine($"passed   {check.Name} ({Stopwatch.GetElapsedTime(start).TotalMilliseconds:f0} ms)");
        }
        catch (CheckFailedException e)
        {
            failed++;
            Console.WriteLine($"FAILED   {check.Name}: {e.Message}");
        }
    }
    Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
    return failed == 0 ? 0 : 1;
}
