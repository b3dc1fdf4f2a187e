using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace AhnSharp.Machine;

/// <summary>The caches of the first processor, as Linux lists them.</summary>
internal static class CpuCaches
{
    /// <summary>For example: L1 Data 32K, L1 Instruction 32K, L2 1024K, L3 32768K; empty where the system does not say.</summary>
    public static IReadOnlyList<string> Here { get; } = Read("/sys/devices/system/cpu/cpu0/cache");

    internal static IReadOnlyList<string> Read(string folder)
    {
        List<string> caches = [];
        try
        {
            foreach (string index in Directory.Exists(folder) ? Directory.GetDirectories(folder, "index*")
                .Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
            {
                string type = Line(index, "type");
                caches.Add($"L{Line(index, "level")}{(type == "Unified" ? "" : " " + type)} {Line(index, "size")}");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        return caches;
    }

    private static string Line(string folder, string name) => File.ReadAllText(Path.Combine(folder, name)).Trim();
}
