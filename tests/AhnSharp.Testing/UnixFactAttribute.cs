using System;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>A test that sends signals, and is skipped by name where there are none.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows()) Skip = "needs Unix signals";
    }
}
