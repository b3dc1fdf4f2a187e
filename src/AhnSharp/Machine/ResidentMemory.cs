using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;

namespace AhnSharp.Machine;

/// <summary>What this process holds in memory: now, and at most.</summary>
internal static class ResidentMemory
{
    private const string Status = "/proc/self/status", ClearRefs = "/proc/self/clear_refs";

    /// <summary>Bytes now.</summary>
    public static long Now => Read("VmRSS:") ?? Environment.WorkingSet;

    /// <summary>Bytes at most, since the process began or since <see cref="ForgetPeak"/>.</summary>
    public static long Peak
    {
        get
        {
            if (Read("VmHWM:") is { } bytes) return bytes;
            using Process self = Process.GetCurrentProcess();
            return self.PeakWorkingSet64;
        }
    }

    /// <summary>Begins to watch for the peak anew; false where the system does not let one.</summary>
    public static bool ForgetPeak()
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            File.WriteAllText(ClearRefs, "5");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long? Read(string key)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Status)) return null;
        foreach (string line in File.ReadLines(Status))
        {
            if (!line.StartsWith(key, StringComparison.Ordinal)) continue;
            return long.Parse(
                line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) * 1024;
        }
        return null;
    }
}
