using System;

namespace AhnSharp.Native.Boundary;

/// <summary>The line that no exception crosses: every exported function that can fail runs inside <see cref="Run"/>.</summary>
internal static class Call
{
    internal static int Run(Action work)
    {
        try
        {
            work();
            return (int)Status.Ok;
        }
#pragma warning disable CA1031 // An exception that left would end the caller's process.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            (Status status, string sentence) = FailureStatus.Of(failure);
            LastError.Set(sentence);
            return (int)status;
        }
    }
}
