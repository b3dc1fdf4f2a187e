using System;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>A theory that runs shell scripts, and is skipped by name where there is no shell.</summary>
public sealed class UnixTheoryAttribute : TheoryAttribute
{
    public UnixTheoryAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs a shell";
    }
}
