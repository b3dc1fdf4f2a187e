using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Runtime.InteropServices;

namespace AhnSharp.Documents.Processes;

/// <summary>How a reading process is started.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Before the verb.</param>
internal sealed record ReaderCommand(string FileName, IReadOnlyList<string> Arguments)
{
    private const string HostName = "AhnSharp.Documents.Host.dll";

    // What a process needs of its surroundings; everything else, tokens among it, is not given to one that reads what strangers wrote.
    private static readonly string[] s_kept =
    [
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "DOTNET_ROLL_FORWARD", "DOTNET_BUNDLE_EXTRACT_BASE_DIR",
        "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "PATH",
        "LD_LIBRARY_PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "SystemRoot", "windir", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA",
        "ProgramFiles", "ProgramData",
    ];

    /// <summary>Whether this program answers <see cref="DocumentHost.IsAsked"/>.</summary>
    public static bool IsSelf { get; set; }

    /// <summary>This program itself where it said that it can; otherwise the host program beside the library.</summary>
    public static ReaderCommand Find()
    {
        string? here = Environment.ProcessPath;
        bool isRunner = here is not null && Path.GetFileNameWithoutExtension(here).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        if (IsSelf && here is not null)
        {
            // 'dotnet ahn.dll': the runner, and the program that it was given.
            string program = Environment.GetCommandLineArgs()[0];
            return isRunner ? new ReaderCommand(here, ["exec", program]) : new ReaderCommand(here, []);
        }
        string host = Path.Combine(AppContext.BaseDirectory, HostName);
        if (!File.Exists(host))
        {
            throw new DocumentException(
                $"{HostName}: expected beside the program at {AppContext.BaseDirectory}, found none. "
                    + "It comes with the package AhnSharp.Documents; "
                + "a program that is one file calls DocumentHost.IsAsked in its Main, and DocumentLimits.Isolation = InProcess reads "
                + "without a process of its own.");
        }
        return new ReaderCommand(isRunner ? here! : Runner(), ["exec", host]);
    }

    public ProcessStartInfo ToStart(long heapBytes)
    {
        ProcessStartInfo start = new(FileName)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in Arguments) start.ArgumentList.Add(argument);
        start.ArgumentList.Add(DocumentHost.Verb);
        start.ArgumentList.Add(Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        Dictionary<string, string?> kept = [];
        foreach (string name in s_kept) kept[name] = start.Environment.TryGetValue(name, out string? value) ? value : null;
        start.Environment.Clear();
        foreach ((string name, string? value) in kept)
        {
            if (value is not null) start.Environment[name] = value;
        }
        // Of the garbage collector: never more than this, and no threads and no second copy of what is compiled.
        start.Environment["DOTNET_GCHeapHardLimit"] = heapBytes.ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        // Nobody attaches to it, and it leaves no dump.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return start;
    }

    // The runtime lies in ROOT/shared/Microsoft.NETCore.App/VERSION; the program that starts others in ROOT.
    private static string Runner()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string path = Path.Combine(root, name);
        return File.Exists(path) ? path : name;
    }
}
