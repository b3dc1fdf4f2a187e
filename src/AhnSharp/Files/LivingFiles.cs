using System;
using System.Collections.Concurrent;
using System.IO;

namespace AhnSharp.Files;

/// <summary>Partial files that are being written: removed where the process leaves without unwinding, as after a signal.</summary>
internal static class LivingFiles
{
    private static readonly ConcurrentDictionary<string, bool> s_paths = new();

    static LivingFiles() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (string path in s_paths.Keys)
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // The next writer of the name removes it.
            }
        }
    };

    public static void Add(string path) => s_paths[path] = true;

    public static void Remove(string path) => s_paths.TryRemove(path, out _);
}
