using System;
using System.IO;
using Xunit;

namespace AhnSharp.Documents.Tests;

/// <summary>
/// A test of what Linux takes away from a process, skipped by name where its kernel has no filters of system calls
/// or the architecture is another.
/// </summary>
public sealed class SandboxFactAttribute : FactAttribute
{
    public SandboxFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !File.ReadAllText("/proc/self/status").Contains("\nSeccomp:", StringComparison.Ordinal))
            Skip = "needs Linux with seccomp";
        else if (Processes.SystemCallNumbers.Here is null) Skip = "needs x64 or arm64";
    }
}
