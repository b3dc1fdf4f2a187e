using System;
using System.IO;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A test that needs a terminal of its own, which util-linux's script makes; skipped by name where it is missing.</summary>
public sealed class TerminalFactAttribute : FactAttribute
{
    internal const string Script = "/usr/bin/script";

    public TerminalFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Script)) Skip = $"needs {Script} (util-linux), which makes a terminal";
    }
}
