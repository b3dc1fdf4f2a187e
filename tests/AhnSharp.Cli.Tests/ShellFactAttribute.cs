using System;
using System.IO;
using System.Linq;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>A test by a shell, skipped by name where it is not installed.</summary>
public sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute(string shell)
    {
        Shell = shell;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, shell)))) Skip = $"needs {shell}, which is not installed";
    }

    public string Shell { get; }
}
