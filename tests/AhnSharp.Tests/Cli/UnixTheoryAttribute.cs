using System;
using Xunit;

namespace AhnSharp.Tests.Cli;

/// <summary>A theory that runs shell scripts, and is skipped by name where there is no shell.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs a shell";
    }
}
