using System;
using System.Globalization;
using System.IO;

namespace AhnSharp.Machine;

/// <summary>How much memory there is, and how much of it a program can take now.</summary>
/// <param name="TotalBytes">Of the machine, or of the container where that is less.</param>
/// <param name="AvailableBytes">Free, or held by caches that the system gives up when asked.</param>
/// <param name="LimitBytes">What the control group of this process allows; null where it sets no limit.</param>
internal sealed record MachineMemory(long TotalBytes, long AvailableBytes, long? LimitBytes)
{
    /// <summary>Reads it now.</summary>
    public static MachineMemory Read()
    {
        try
        {
            if (OperatingSystem.IsLinux() && OfLinux("/proc/meminfo", "/proc/self/cgroup", "/sys/fs/cgroup") is { } memory) return memory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The runtime's own numbers remain.
        }
        // Filled by the first collection of the process.
        if (GC.GetGCMemoryInfo(GCKind.Any).Index == 0) GC.Collect(0);
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        return new MachineMemory(info.TotalAvailableMemoryBytes, Math.Max(0, info.TotalAvailableMemoryBytes - info.MemoryLoadBytes), null);
    }

    /// <summary>From the files of Linux; null where they do not say.</summary>
    internal static MachineMemory? OfLinux(string memInfo, string processGroups, string groups)
    {
        if (!File.Exists(memInfo)) return null;
        long total = 0, available = 0;
        foreach (string line in File.ReadLines(memInfo))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)) total = Kibibytes(line);
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)) available = Kibibytes(line);
        }
        if (total == 0 || available == 0) return null;
        if (Limit(processGroups, groups) is not { } limit || limit.Bytes >= total) return new MachineMemory(total, available, null);
        return new MachineMemory(limit.Bytes, Math.Clamp(limit.Bytes - limit.Used, 0, available), limit.Bytes);
    }

    // Version 2 has one tree, and a limit may be set at any level above the process; of version 1 only the process's own group is asked.
    private static (long Bytes, long Used)? Limit(string processGroups, string groups)
    {
        if (!File.Exists(processGroups)) return null;
        (long Bytes, long Used)? least = null;
        foreach (string line in File.ReadLines(processGroups))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length != 3) continue;
            if (parts[1] == "memory")
                ReadLimits(Path.Join(groups, "memory", parts[2]), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
            if (parts[1].Length > 0) continue;
            for (string? group =
                parts[2].TrimEnd('/'); group is not null; group = group.Length == 0 ? null : group[..Math.Max(0, group.LastIndexOf('/'))])
            {
                ReadLimits(Path.Join(groups, group), "memory.max", "memory.current", "inactive_file");
            }
        }
        return least;

        void ReadLimits(string folder, string limitFile, string usedFile, string cacheKey)
        {
            if (Number(Path.Join(folder, limitFile)) is not { } limit) return;
            // Pages of files that nobody uses count as used, and go first when memory is short.
            long used = Math.Max(0, (Number(Path.Join(folder, usedFile)) ?? 0) - Statistic(Path.Join(folder, "memory.stat"), cacheKey));
            if (least is null || limit - used < least.Value.Bytes - least.Value.Used) least = (limit, used);
        }
    }

    private static long Statistic(string path, string key)
    {
        if (!File.Exists(path)) return 0;
        foreach (string line in File.ReadLines(path))
        {
            if (line.StartsWith(key + " ", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan(key.Length + 1), CultureInfo.InvariantCulture, out long value)) return value;
        }
        return 0;
    }

    // "max" is no number.
    private static long? Number(string path) =>
        File.Exists(path)
        && long.TryParse(File.ReadAllText(path).AsSpan().Trim(), CultureInfo.InvariantCulture, out long value) ? value : null;

    private static long Kibibytes(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long kibibytes) ? kibibytes * 1024 : 0;
    }
}
