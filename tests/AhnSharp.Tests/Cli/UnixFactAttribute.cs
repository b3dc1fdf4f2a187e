using System;
using Xunit;

namespace AhnSharp.Tests.Cli;

/// <summary>A test that sends signals, and is skipped by name where there are none.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs Unix signals";
    }
}
